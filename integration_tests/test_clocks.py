"""Portals whose database and web server disagree about the time (P8.8), or that do not understand a filter by date."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.fields import MODIFIED
from emulator.store import sample_portal
from integration_tests.harness import Connector, Message, Warehouse, errors, records, states

HOURS = [-14, -3, -0.5, 0.5, 3, 14]
_TABLES = ("activities", "companies", "contacts", "deals", "leads", "quotes")
_OBJECTS = {"activities": "activity", "companies": "company", "contacts": "contact"} | {
    name: name[:-1] for name in ("deals", "leads", "quotes")
}


def _connector(folder: Path, hours: float, in_flight: int = 1, deals: int = 130) -> Connector:
    """The sample rows have the dates of the database too."""
    portal = sample_portal(PlayedClock(), deals, zone="Europe/Moscow")
    portal.database_skew = hours * 3600
    return Connector(App(portal), folder, concurrent_requests=in_flight)


def _edit(connector: Connector, table: str, place: int, text: str) -> int:
    portal = connector.app.portal
    name = _OBJECTS[table]
    column = {"contact": "NAME", "activity": "SUBJECT"}.get(name, "TITLE")
    number = portal.tables[name].ids[place]
    assert portal.update(name, number, **{column: text})
    return number


def _ids(messages: list[Message], table: str) -> list[int]:
    return [row["ID"] for row in records(messages, table)]


def _warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if record.levelname == "WARNING"]


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("table", _TABLES)
def test_no_edit_is_lost_however_far_the_databases_clock_is_off(tmp_path: Path, table: str, hours: float) -> None:
    connector = _connector(tmp_path, hours)
    clock = connector.app.portal.clock
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read(table))
    for sync, pause in enumerate((60, 1800, 3600, 3600, 86_400, 600, 60)):
        clock.sleep(pause)
        number = _edit(connector, table, sync, f"Edit {sync}")
        clock.sleep(pause / 2)
        messages = connector.read(table, state=warehouse.state)
        assert number in _ids(messages, table)
        warehouse.take(messages)


def test_an_edit_in_the_moment_of_a_sync_is_not_lost_on_a_portal_whose_database_is_behind(tmp_path: Path) -> None:
    connector = _connector(tmp_path, -3)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    for edit in range(3):
        _edit(connector, "deals", 5, f"Before {edit}")
        warehouse.take(connector.read("deals", state=warehouse.state))
        number = _edit(connector, "deals", 5, f"After {edit}")
        messages = connector.read("deals", state=warehouse.state)
        assert number in _ids(messages, "deals")
        warehouse.take(messages)


def test_a_row_that_changes_while_later_pages_are_read_is_not_lost_on_such_a_portal(tmp_path: Path) -> None:
    connector = _connector(tmp_path, -3, deals=700)
    portal = connector.app.portal
    _edit(connector, "deals", 1, "Just before")
    number = portal.tables["deal"].ids[-2]

    def edit() -> None:
        portal.clock.sleep(600)
        portal.update("deal", number, TITLE="Edited while later pages are read")

    connector.app.before("crm.deal.list", 12, edit)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    portal.clock.sleep(60)
    assert number in _ids(connector.read("deals", state=warehouse.state), "deals")


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_a_sync_without_changes_prints_nothing_and_costs_two_requests_for_all_tables(
    tmp_path: Path, hours: float
) -> None:
    connector = _connector(tmp_path, hours)
    portal = connector.app.portal
    portal.clock.sleep(86_400)
    for table in _TABLES:
        for place in range(3):
            _edit(connector, table, place, f"Edit {place}")
            portal.clock.sleep(20)
    portal.clock.sleep(4 * 3600)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read(*_TABLES))
    for _ in range(4):
        portal.clock.sleep(3600)
        connector.app.log.clear()
        messages = connector.read(*_TABLES, state=warehouse.state)
        assert [message for message in messages if message["type"] == "RECORD"] == []
        assert len(connector.app.log) == 2
        warehouse.take(messages)


def test_dates_ahead_of_the_portals_clock_are_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    connector = _connector(tmp_path, 3)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals", "contacts"))
    connector.app.portal.clock.sleep(3600)
    _edit(connector, "deals", 3, "Edited")
    _edit(connector, "contacts", 3, "Edited")
    connector.read("contacts", "deals", state=warehouse.state)
    (warning,) = [text for text in _warnings(caplog) if "ahead" in text]
    assert "its database and its web server disagree about the time" in warning
    assert "2:59:" in warning or "3:00:" in warning


@pytest.mark.parametrize("seconds", [-90, 0, 90])
def test_clocks_that_differ_by_a_minute_are_not_worth_a_warning(
    tmp_path: Path, seconds: int, caplog: pytest.LogCaptureFixture
) -> None:
    connector = _connector(tmp_path, seconds / 3600)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    _edit(connector, "deals", 3, "Edited")
    assert len(records(connector.read("deals", state=warehouse.state), "deals")) == 1
    assert [text for text in _warnings(caplog) if "ahead" in text] == []


def test_a_clock_that_falls_behind_between_two_syncs_is_seen_by_a_new_row(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 0)
    portal = connector.app.portal
    _edit(connector, "deals", 1, "Just now")
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    portal.clock.sleep(600)
    portal.database_skew = -3 * 3600
    edited, new = _edit(connector, "deals", 7, "Edited"), portal.create("deal", TITLE="New")
    assert _ids(connector.read("deals", state=warehouse.state), "deals") == [new, edited, portal.tables["deal"].ids[1]]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London"])
def test_a_database_that_does_not_follow_summer_time_loses_no_edit(tmp_path: Path, zone: str) -> None:
    portal = sample_portal(PlayedClock(datetime(2027, 2, 1).timestamp()), 60, zone=zone)
    connector = Connector(App(portal), tmp_path)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    for day in range(70):  # over the beginning of summer time
        offset = datetime.fromtimestamp(portal.clock.now(), portal.wire.zone).dst() or timedelta()
        portal.database_skew = -offset.total_seconds()
        number = _edit(connector, "deals", day % 50, f"Edit {day}")
        portal.clock.sleep(60)
        messages = connector.read("deals", state=warehouse.state)
        assert number in _ids(messages, "deals")
        warehouse.take(messages)
        portal.clock.sleep(86_400 - 60)


@pytest.mark.parametrize("kind", ["filter_null", "filter_ignored"])
@pytest.mark.parametrize("has_news", [False, True])
@pytest.mark.parametrize("in_flight", [1, 4])
@pytest.mark.parametrize("table", [*_TABLES, "deal_products", "contact_custom_field_values"])
def test_a_filter_by_date_that_is_not_understood_stops_the_table_and_its_state(
    tmp_path: Path, table: str, in_flight: int, has_news: bool, kind: str
) -> None:
    connector = _connector(tmp_path, 0, in_flight)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read(table, "products"))
    connector.app.portal.clock.sleep(3600)
    if has_news:
        for place in range(8):
            for name in _TABLES:
                _edit(connector, name, place, "Edited")
    connector.app.fault(kind, times=1000)
    messages = connector.read(table, "products", state=warehouse.state)
    failed = [error for error in errors(messages) if error.get("stream_descriptor", {}).get("name") == table]
    assert [error["failure_type"] for error in failed] == ["config_error"]
    assert failed[0]["message"].startswith("This portal does not find changed rows by their date")
    assert states(messages, table) == []
    assert records(messages, table) == []
    assert records(messages, "products")
    connector.app.faults.clear()
    assert bool(records(connector.read(table, state=warehouse.state), table)) == has_news


def test_history_whose_filter_is_refused_stops_alone(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 0)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deal_stage_history", "contacts"))
    connector.app.portal.clock.sleep(3600)
    connector.app.fault("filter_ignored", method="crm.stagehistory.list", times=1000)
    messages = connector.read("deal_stage_history", "contacts", state=warehouse.state)
    assert [error["stream_descriptor"]["name"] for error in errors(messages) if "stream_descriptor" in error] == [
        "deal_stage_history"
    ]
    assert states(messages, "deal_stage_history") == []
    assert states(messages, "contacts")


@pytest.mark.parametrize("kind", ["filter_null", "filter_ignored"])
def test_a_start_date_that_is_not_understood_stops_the_first_sync(tmp_path: Path, kind: str) -> None:
    connector = _connector(tmp_path, 0)
    connector.settings["start_date"] = "2026-06-01"
    connector.streams()
    connector.app.fault(kind, times=1000)
    messages = connector.read("deals")
    assert errors(messages)[0]["message"].startswith("This portal does not find changed rows by their date")
    assert (records(messages, "deals"), states(messages, "deals")) == ([], [])


def test_a_known_row_that_is_deleted_proves_nothing_and_another_one_takes_its_place(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 0)
    portal = connector.app.portal
    newest = _edit(connector, "deals", 40, "The newest")
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    portal.clock.sleep(3600)
    portal.delete("deal", newest)
    warehouse.take(connector.read("deals", state=warehouse.state))
    assert connector.exit_code == 0
    connector.app.log.clear()
    warehouse.take(connector.read("deals", state=warehouse.state))
    assert (connector.exit_code, len(connector.app.log)) == (0, 1)
    connector.app.fault("filter_null", times=1000)
    assert errors(connector.read("deals", state=warehouse.state))


def test_a_table_whose_rows_are_all_deleted_goes_on(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 0, deals=20)
    portal = connector.app.portal
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    portal.clock.sleep(3600)
    for number in [row["ID"] for row in portal.visible("deal")]:
        portal.delete("deal", number)
    for _ in range(2):
        warehouse.take(connector.read("deals", state=warehouse.state))
        assert connector.exit_code == 0
    new = portal.create("deal", TITLE="New")
    assert _ids(connector.read("deals", state=warehouse.state), "deals") == [new]


def test_the_dates_of_sample_rows_are_those_of_the_database() -> None:
    portal = sample_portal(PlayedClock(), 10)
    portal.database_skew = -3 * 3600
    row = portal.tables["deal"].row(portal.create("deal"))
    assert row[MODIFIED["deal"] or ""] == portal.now() - timedelta(hours=3)
