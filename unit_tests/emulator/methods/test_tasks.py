from emulator.app import App
from unit_tests.emulator.client import call, full_portal

METHOD = "tasks.task.list"


def app_of(size: int) -> App:
    portal = full_portal(size)
    portal.scopes = {"task"}
    return App(portal)


def test_tasks_are_asked_in_capitals_and_answer_in_camel_case() -> None:
    app = app_of(200)
    newest = app.portal.tables["task"].ids[-1]
    rows = call(app, METHOD, order={"ID": "DESC"}, select=["ID", "CHANGED_DATE"], start=-1)["result"]["tasks"]
    assert list(rows[0]) == ["id", "subStatus", "changedDate"]  # P15.4
    assert (rows[0]["id"], len(rows)) == (str(newest), 50)


def test_an_unknown_order_is_an_error_and_an_unknown_condition_is_dropped() -> None:
    app = app_of(200)
    assert "error" in call(app, METHOD, order={"id": "DESC"})
    assert len(call(app, METHOD, filter={"NO_SUCH": 5})["result"]["tasks"]) == 50  # P15.4
