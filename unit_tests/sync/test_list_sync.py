from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from emulator.app import App
from source_bitrix24.portal.keyset import Listing
from source_bitrix24.portal.scan_context import ScanContext
from source_bitrix24.sync.list_sync import CoveredRows, ListSync
from source_bitrix24.sync.state import ScanProgress, StreamState
from unit_tests.mounted import client_of
from unit_tests.sync.portal import portal_of, visible

DEALS = Listing("crm.deal.list", ("ID", "DATE_MODIFY"))


@pytest.fixture
def app() -> App:
    return portal_of(700)


def sync_of(app: App, state: StreamState, start_date: datetime | None = None, lanes: int = 1) -> ListSync:
    scans = ScanContext(client_of(app, lanes=lanes))
    return ListSync(scans, DEALS, "DATE_MODIFY", state, start_date)


def read(app: App, state: StreamState, **more: Any) -> list[CoveredRows]:
    with closing(sync_of(app, state, **more)) as sync:
        sync.open()
        return [piece for piece in sync.pieces() if isinstance(piece, CoveredRows)]


def ids(pieces: list[CoveredRows]) -> list[int]:
    return [int(row["ID"]) for piece in pieces for row in piece.rows]


def portal_now(app: App) -> datetime:
    return datetime.fromtimestamp(app.portal.clock.now(), app.portal.wire.zone)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_first_sync_reads_everything_and_ends_with_the_portals_time_of_its_start(app: App, lanes: int) -> None:
    now = portal_now(app)
    app.limits.latency.request = 2
    pieces = read(app, StreamState(), lanes=lanes)
    assert ids(pieces) == visible(app)
    assert pieces[-1].after == StreamState(now, visible(app)[0])


def test_every_piece_says_what_is_left_to_read_behind_it(app: App) -> None:
    pieces = read(app, StreamState())
    for place, piece in enumerate(pieces[:-1]):
        assert piece.after.scan
        below = piece.after.scan.below
        assert below is not None
        assert all(number >= below for number in ids(pieces[: place + 1]))
        assert all(number < below for number in ids(pieces[place + 1 :]))
        assert pieces[place + 1].before == piece.after


def test_the_state_after_a_row_in_the_middle_of_a_piece_leaves_the_rows_behind_it(app: App) -> None:
    piece = read(app, StreamState())[0]
    row = piece.rows[20]
    state = piece.state_after(row)
    assert state.scan
    assert (state.scan.below, state.scan.max_id) == (int(row["ID"]), visible(app)[0])
    assert ids(read(app, state)) == [number for number in visible(app) if number < int(row["ID"])]


def test_a_sync_resumes_below_the_last_row_that_its_state_covers(app: App) -> None:
    whole = read(app, StreamState())
    middle = next(piece.after for piece in whole if piece.is_checkpoint)
    assert middle.scan
    assert middle.scan.below
    app.portal.clock.sleep(3600)
    resumed = read(app, middle)
    assert ids(resumed) == [number for number in visible(app) if number < (middle.scan.below or 0)]
    assert resumed[-1].after == whole[-1].after


def test_a_later_sync_reads_new_and_changed_rows_in_one_request(app: App) -> None:
    state = read(app, StreamState())[-1].after
    app.portal.clock.sleep(3600)
    changed = visible(app)[5]
    app.portal.update("deal", changed, TITLE="Edited")
    new = app.portal.create("deal", TITLE="New")
    imported = app.portal.import_row("deal", TITLE="Imported", DATE_MODIFY=datetime(2020, 1, 1))
    app.log.clear()
    pieces = read(app, state)
    assert ids(pieces) == [imported, new, changed]
    assert len(app.log) == 1
    assert pieces[-1].after == StreamState(portal_now(app), imported)


def test_a_list_without_news_has_nothing_to_read_and_a_new_mark(app: App) -> None:
    state = read(app, StreamState())[-1].after
    app.portal.clock.sleep(3600)
    with closing(sync_of(app, state)) as sync:
        assert sync.open() is False
        pieces = [piece for piece in sync.pieces() if isinstance(piece, CoveredRows)]
    assert pieces[-1].after == StreamState(portal_now(app), state.max_id)


def test_a_row_that_changed_within_the_lookback_comes_again(app: App) -> None:
    app.portal.update("deal", visible(app)[5], TITLE="Edited")
    app.portal.clock.sleep(240)
    state = read(app, StreamState())[-1].after
    app.portal.clock.sleep(3600)
    assert ids(read(app, state)) == [visible(app)[5]]


def test_a_clock_that_was_set_back_widens_the_bound_by_an_hour(app: App) -> None:
    edited = visible(app)[5]
    app.portal.update("deal", edited, TITLE="Edited")
    app.portal.clock.sleep(1800)
    now = portal_now(app)
    summer_time = timezone((now.utcoffset() or timedelta()) + timedelta(hours=1))
    assert ids(read(app, StreamState(now, visible(app)[0]))) == []
    assert ids(read(app, StreamState(now.astimezone(summer_time), visible(app)[0]))) == [edited]


def test_a_start_date_limits_a_first_sync_which_still_learns_the_newest_id(app: App) -> None:
    start = datetime(2026, 6, 1, tzinfo=UTC)
    old = app.portal.import_row("deal", TITLE="Old", DATE_MODIFY=datetime(2025, 1, 1))
    pieces = read(app, StreamState(), start_date=start)
    local = start.astimezone(app.portal.wire.zone).replace(tzinfo=None)
    assert ids(pieces) == [
        number for number in visible(app) if app.portal.tables["deal"].row(number)["DATE_MODIFY"] >= local
    ]
    assert pieces[-1].after.max_id == old
    assert ids(read(app, pieces[-1].after, start_date=start)) == []


@pytest.mark.parametrize(("lanes", "is_sent"), [(1, False), (4, True)])
def test_the_first_request_is_prefetched_where_there_are_lanes(app: App, lanes: int, is_sent: bool) -> None:
    with closing(sync_of(app, StreamState(), lanes=lanes)) as sync:
        assert sync.prefetch() is is_sent
        sync.open()
        assert len(app.log) == 1


def test_nothing_is_prefetched_where_the_newest_id_has_to_be_found_first(app: App) -> None:
    with closing(sync_of(app, StreamState(), start_date=datetime(2026, 6, 1, tzinfo=UTC), lanes=4)) as sync:
        assert sync.prefetch() is False
    assert app.log == []


def test_a_scan_in_progress_keeps_its_bound_and_its_mark(app: App) -> None:
    mark, since = portal_now(app) - timedelta(hours=2), portal_now(app) - timedelta(days=400)
    state = StreamState(None, None, ScanProgress(mark, since, max_id=9, below=500))
    pieces = read(app, state)
    local = since.replace(tzinfo=None)
    rows = app.portal.tables["deal"]
    assert ids(pieces) == [
        number for number in visible(app) if number < 500 and rows.row(number)["DATE_MODIFY"] >= local
    ]
    assert pieces[-1].after.mark == mark
