import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from emulator.app import App
from emulator.clock import PlayedClock, RealClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, Message, State, records, states

ZONES = ("Europe/Moscow", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati")


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    connector = Connector(App(sample_portal(PlayedClock(), deals=120)), tmp_path)
    connector.app.portal.clock.sleep(86_400)
    return connector


def _state(messages: list[Message]) -> State:
    return [message["state"] for message in messages if message["type"] == "STATE"][-1:]


def _ids(messages: list[Message]) -> list[int]:
    return [row["ID"] for row in records(messages, "deals")]


def test_a_second_sync_reads_changed_and_new_rows(connector: Connector) -> None:
    portal = connector.app.portal
    state = _state(connector.read("deals"))
    portal.clock.sleep(600)
    number = portal.tables["deal"].ids[3]
    portal.update("deal", number, TITLE="Edited")
    new = portal.create("deal", TITLE="New")
    assert _ids(connector.read("deals", state=state)) == [new, number]


def test_a_row_that_is_imported_with_old_dates_comes_with_the_next_sync_and_only_with_that(
    connector: Connector,
) -> None:
    portal = connector.app.portal
    first = _state(connector.read("deals"))
    portal.clock.sleep(3600)
    old = portal.now() - timedelta(days=300)
    imported = portal.import_row("deal", TITLE="Imported", DATE_CREATE=old, DATE_MODIFY=old)
    second = connector.read("deals", state=first)
    assert _ids(second) == [imported]
    assert _ids(connector.read("deals", state=_state(second))) == []


def test_a_row_that_is_restored_comes_again_under_its_new_id(connector: Connector) -> None:
    portal = connector.app.portal
    number = portal.tables["deal"].ids[5]
    portal.delete("deal", number)
    state = _state(connector.read("deals"))
    restored = portal.restore("deal", number)
    assert _ids(connector.read("deals", state=state)) == [restored]


def test_the_start_date_limits_the_first_sync_and_no_later_one(connector: Connector) -> None:
    portal = connector.app.portal
    connector.settings["start_date"] = "2026-06-01"
    held = {row["ID"]: row["DATE_MODIFY"] for row in portal.visible("deal")}
    since = datetime(2026, 6, 1, 3)  # midnight of UTC in Moscow
    first = connector.read("deals")
    assert set(_ids(first)) == {number for number, modified in held.items() if modified >= since}
    assert 0 < len(_ids(first)) < len(held)
    old = datetime(2025, 1, 1)
    imported = portal.import_row("deal", TITLE="Imported", DATE_CREATE=old, DATE_MODIFY=old)
    assert _ids(connector.read("deals", state=_state(first))) == [imported]


def test_a_new_row_that_the_start_date_leaves_out_is_left_out_by_the_next_sync_too(connector: Connector) -> None:
    old = datetime(2025, 1, 1)
    imported = connector.app.portal.import_row("deal", TITLE="Old", DATE_CREATE=old, DATE_MODIFY=old)
    connector.settings["start_date"] = "2026-06-01"
    first = connector.read("deals")
    assert imported not in _ids(first)
    assert _ids(connector.read("deals", state=_state(first))) == []


@pytest.mark.parametrize("ahead", [-6 * 3600, 0, 6 * 3600], ids=["behind", "equal", "ahead"])
def test_the_mark_is_the_portals_time_however_far_it_is_from_ours(tmp_path: Path, ahead: int) -> None:
    portal = sample_portal(RealClock(ahead), deals=60)
    connector = Connector(App(portal), tmp_path)
    began = int(time.time()) + ahead
    first = connector.read("deals")
    mark = datetime.fromisoformat(states(first, "deals")[-1]["DATE_MODIFY"])
    assert began <= mark.timestamp() <= time.time() + ahead
    deal = portal.tables["deal"].ids[2]
    portal.update("deal", deal, TITLE="Edited")
    assert deal in _ids(connector.read("deals", state=_state(first)))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("start", [1_000_000_000.0, 1_796_000_000.0, 2_000_000_000.0], ids=["2001", "2026", "2033"])
def test_the_mark_is_the_portals_time_with_the_portals_offset(tmp_path: Path, start: float, zone: str) -> None:
    portal = sample_portal(PlayedClock(start), deals=60, zone=zone)
    connector = Connector(App(portal), tmp_path)
    first = connector.read("deals")
    assert states(first, "deals")[-1]["DATE_MODIFY"] == datetime.fromtimestamp(start, ZoneInfo(zone)).isoformat()
    portal.clock.sleep(400)
    deal = portal.tables["deal"].ids[2]
    portal.update("deal", deal, TITLE="Edited")
    assert deal in _ids(connector.read("deals", state=_state(first)))


def test_a_row_that_changes_after_it_was_read_comes_with_the_next_sync(connector: Connector) -> None:
    portal = connector.app.portal
    newest = portal.tables["deal"].ids[-1] - 1
    assert newest in portal.tables["deal"]

    def edit() -> None:
        portal.clock.sleep(600)  # further back than a sync looks
        portal.update("deal", newest, TITLE="Edited while later pages are read")

    connector.app.before("crm.deal.list", 2, edit)
    first = connector.read("deals")
    second = connector.read("deals", state=_state(first))
    assert [row["TITLE"] for row in records(second, "deals") if row["ID"] == newest] == [
        "Edited while later pages are read"
    ]
