"""Tables that portals answer in ways of their own (P15)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, State, differences, records
from unit_tests.mounted import methods_sent


def _connector(folder: Path, **sizes: Any) -> Connector:
    connector = Connector(App(sample_portal(PlayedClock(), **sizes)), folder)
    connector.app.portal.clock.sleep(86_400)
    connector.streams()
    return connector


def _state(messages: list[Message]) -> State:
    return [message["state"] for message in messages if message["type"] == "STATE"][-1:]


def test_a_call_that_is_rated_within_a_week_comes_again(tmp_path: Path) -> None:
    connector = _connector(tmp_path, deals=20, calls=300)
    portal = connector.app.portal
    rated, too_late = portal.tables["call"].ids[-2], portal.tables["call"].ids[3]
    state = _state(connector.read("calls"))
    portal.clock.sleep(3600)
    portal.update("call", rated, CALL_VOTE=5)
    portal.update("call", too_late, CALL_VOTE=1)
    new = portal.create("call", CALL_START_DATE=portal.now() - timedelta(days=400), CALL_FAILED_CODE="200")
    rows = {row["ID"]: row for row in records(connector.read("calls", state=state), "calls")}
    assert rows[rated]["CALL_VOTE"] == 5
    assert new in rows
    assert too_late not in rows
    week = portal.now() - timedelta(days=7, hours=2)
    assert len(rows) - 1 <= sum(row["CALL_START_DATE"] >= week for row in portal.tables["call"])


def test_requisites_that_were_never_edited_are_read_and_come_when_they_are_edited(tmp_path: Path) -> None:
    connector = _connector(tmp_path, deals=20, requisites=400)
    connector.settings["start_date"] = "2026-11-01"
    portal = connector.app.portal
    first = connector.read("requisites")
    assert differences(records(first, "requisites"), expected_rows(portal, "requisites"), ("ID",)) == []
    portal.clock.sleep(3600)
    undated = next(row["ID"] for row in portal.tables["requisite"] if row["DATE_MODIFY"] is None)
    portal.update("requisite", undated, RQ_KPP="123456789")
    new = portal.import_row("requisite", NAME="New", DATE_CREATE=portal.now())
    second = records(connector.read("requisites", state=_state(first)), "requisites")
    assert [row["ID"] for row in second] == [new, undated]


def test_no_page_of_requisites_behind_the_first_costs_the_whole_rest(tmp_path: Path) -> None:
    connector = _connector(tmp_path, deals=20, requisites=4_000)
    connector.app.limits.latency.offset_1000 = 1.0
    connector.app.log.clear()
    connector.read("requisites")
    pages = methods_sent(connector.app)["crm.requisite.list"]
    assert sum(entry.seconds for entry in connector.app.log) < 4.0 + 2.0 * pages


def test_guests_are_among_the_users_and_a_narrower_permission_leaves_out_contact_data(tmp_path: Path) -> None:
    connector = _connector(tmp_path, deals=5)
    users = records(connector.read("users"), "users")
    assert {row["ID"] for row in users if row["USER_TYPE"] == "extranet"} == {29, 30}
    assert all("EMAIL" in row for row in users)
    connector.app.portal.scopes = {"crm", "user_brief"}
    brief = records(connector.read("users"), "users")
    assert [row["ID"] for row in brief] == [row["ID"] for row in users]
    assert not any({"EMAIL", "PERSONAL_MOBILE", "LAST_LOGIN"} & row.keys() for row in brief)


@pytest.mark.parametrize("count", [6, 50, 51, 130])
def test_all_departments_come_although_the_first_page_comes_again_behind_the_last(tmp_path: Path, count: int) -> None:
    connector = _connector(tmp_path, deals=5)
    portal = connector.app.portal
    portal.departments += [
        {"ID": str(100 + n), "NAME": f"Team {n}", "SORT": 5, "PARENT": "1"} for n in range(count - 6)
    ]
    rows = records(connector.read("departments"), "departments")
    assert differences(rows, expected_rows(portal, "departments"), ("ID",)) == []


@pytest.mark.parametrize("holes", [0.0, 0.1, 0.9])
def test_tasks_are_read_by_windows_and_those_that_change_come_again(tmp_path: Path, holes: float) -> None:
    connector = Connector(App(sample_portal(PlayedClock(), deals=20, tasks=700, holes=holes)), tmp_path)
    portal = connector.app.portal
    portal.clock.sleep(86_400)
    connector.streams()
    first = connector.read("tasks")
    assert differences(records(first, "tasks"), expected_rows(portal, "tasks"), ("ID",)) == []
    portal.clock.sleep(3600)
    edited = list(portal.tables["task"].ids)[::7]
    for number in edited:
        portal.update("task", number, TITLE="Edited")
    new = portal.create(
        "task", TITLE="New", RESPONSIBLE_ID=1, CREATED_BY=1, ACCOMPLICES=[], AUDITORS=[], UF_CRM_TASK=[]
    )
    second = records(connector.read("tasks", state=_state(first)), "tasks")
    assert [row["ID"] for row in second] == [new, *reversed(edited)]
