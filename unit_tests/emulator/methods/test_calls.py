from emulator.app import App
from unit_tests.emulator.client import call, full_portal

METHOD = "voximplant.statistic.get"


def app_of(size: int) -> App:
    portal = full_portal(size)
    portal.scopes = {"telephony"}
    return App(portal)


def test_only_texts_in_capitals_sort_and_unknown_conditions_are_dropped() -> None:
    app = app_of(300)
    newest = app.portal.tables["call"].ids[-1]
    rows = call(app, METHOD, SORT="ID", ORDER="DESC", FILTER={"NO_SUCH": 1}, start=-1)
    assert (int(rows["result"][0]["ID"]), len(rows["result"]), rows["total"]) == (newest, 50, 0)  # P15.3
    assert int(call(app, METHOD, sort="ID", order="DESC")["result"][0]["ID"]) == app.portal.tables["call"].ids[0]
    assert call(app, METHOD, start=150)["result"] == []


def test_an_edit_does_not_move_the_date_of_a_call() -> None:
    app = app_of(20)
    number = app.portal.tables["call"].ids[0]
    before = app.portal.tables["call"].row(number)["CALL_START_DATE"]
    app.portal.update("call", number, CALL_VOTE=4)
    (row,) = call(app, METHOD, FILTER={"ID": number})["result"]
    assert (row["CALL_VOTE"], app.portal.tables["call"].row(number)["CALL_START_DATE"]) == ("4", before)  # P15.3
