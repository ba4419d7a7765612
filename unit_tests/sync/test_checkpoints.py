import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest

from source_bitrix24.sync.checkpoints import PlainCheckpoints, TrackedCheckpoints
from source_bitrix24.sync.id_set import IdSet
from source_bitrix24.sync.list_sync import CoveredRows
from source_bitrix24.sync.printed_rows import PrintedRows
from source_bitrix24.sync.state import StreamState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEGUN = StreamState().begin(NOW, None)


def piece(newest: int, lowest: int, *, is_last: bool = False, step: int = 1, is_checkpoint: bool = True) -> CoveredRows:
    rows = [{"ID": str(number)} for number in range(newest, lowest - 1, -step)]
    before = BEGUN.read_down_to(newest + 1, newest)
    after = before.read_down_to(lowest, newest)
    return CoveredRows(rows, before, after.finish() if is_last else after, is_checkpoint)


def named(state: StreamState | None) -> list[int]:
    assert state and state.rows
    return list(state.rows.ids | state.rows.suspects)


def test_rows_are_named_in_a_state_before_they_are_printed() -> None:
    checkpoints = TrackedCheckpoints(PrintedRows(), 0, "DATE_MODIFY")
    only = piece(9, 5, is_last=True)
    state = checkpoints.before(only)
    assert state and state.scan and state.rows
    assert (state.scan.below, list(state.rows.ids), list(state.rows.suspects)) == (10, [], [5, 6, 7, 8, 9])
    assert checkpoints.after(only) is None
    assert (list(checkpoints.rows.ids), list(checkpoints.rows.suspects)) == ([5, 6, 7, 8, 9], [])


def test_the_rows_behind_a_page_are_named_too_so_that_not_every_page_has_a_state() -> None:
    checkpoints = TrackedCheckpoints(PrintedRows(), 0, "DATE_MODIFY")
    first = piece(10_000, 9_951, is_checkpoint=False)
    assert named(checkpoints.before(first)) == list(range(7_501, 10_001))
    checkpoints.after(first)
    for newest in range(9_950, 7_600, -50):
        page = piece(newest, newest - 49, is_checkpoint=False)
        assert checkpoints.before(page) is None
        checkpoints.after(page)
    beyond = piece(7_600, 7_401)
    state = checkpoints.before(beyond)
    assert state and state.rows
    assert list(state.rows.ids) == list(range(7_601, 10_001))
    assert list(state.rows.suspects)[-1] == 7_600


def test_of_rows_that_have_changed_only_those_that_come_are_named() -> None:
    checkpoints = TrackedCheckpoints(PrintedRows(IdSet.of([3, 8])), 1_000, "DATE_MODIFY")
    assert named(checkpoints.before(piece(900, 800, step=50))) == [3, 8, 800, 850, 900]


def test_a_large_set_with_gaps_is_saved_more_seldom() -> None:
    gaps = IdSet.of(number for number in range(100_000, 300_000) if hash(str(number)) % 3)
    checkpoints = TrackedCheckpoints(PrintedRows(gaps), 0, "DATE_MODIFY")
    assert len(gaps.text) > 5 * 2_500
    names = named(checkpoints.before(piece(99_999, 99_950)))
    assert len(names) - len(gaps) == len(gaps.text) // 5


def test_a_large_set_with_gaps_is_not_compressed_for_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    compress = Mock(side_effect=zlib.compress)
    monkeypatch.setattr(zlib, "compress", compress)
    checkpoints = TrackedCheckpoints(PrintedRows(), 0, "DATE_MODIFY")
    used = sorted(random.Random(1).sample(range(1, 150_000), 50_000), reverse=True)
    for place in range(0, 50_000, 50):
        page = piece(used[place], used[place + 49])
        rows = [{"ID": str(number)} for number in used[place : place + 50]]
        checkpoints.before(replace(page, rows=rows))
        checkpoints.after(replace(page, rows=rows))
    assert compress.call_count < 200  # of 1,000 pages


def test_before_a_long_wait_all_rows_that_are_out_are_covered() -> None:
    checkpoints = TrackedCheckpoints(PrintedRows(), 0, "DATE_MODIFY")
    assert checkpoints.waiting() is None
    first = piece(100, 51, is_checkpoint=False)
    checkpoints.before(first)
    checkpoints.after(first)
    state = checkpoints.waiting()
    assert state and state.scan and state.rows
    assert (state.scan.below, list(state.rows.ids), len(state.rows.suspects)) == (51, list(range(51, 101)), 0)
    assert checkpoints.waiting() is None
    assert checkpoints.before(piece(50, 41)) is not None


def test_behind_a_request_all_rows_that_are_out_are_covered_if_their_set_is_small() -> None:
    checkpoints = TrackedCheckpoints(PrintedRows(), 0, "DATE_MODIFY")
    first = piece(100, 51)
    checkpoints.before(first)
    state = checkpoints.after(first)
    assert state and state.rows and list(state.rows.ids) == list(range(51, 101))
    gaps = IdSet.of(number for number in range(100_000, 300_000) if hash(str(number)) % 3)
    large = TrackedCheckpoints(PrintedRows(gaps), 0, "DATE_MODIFY")
    large.before(first)
    assert large.after(first) is None


def test_rows_that_are_not_tracked_are_covered_by_a_state_behind_each_request() -> None:
    checkpoints = PlainCheckpoints(None)
    pages = [piece(100, 51, is_checkpoint=False), piece(50, 40)]
    assert [checkpoints.before(page) for page in pages] == [None, None]
    assert [checkpoints.after(page) for page in pages] == [None, pages[1].after]
    assert checkpoints.after(CoveredRows([], BEGUN, BEGUN)) is None


def test_a_state_comes_before_the_first_new_rows_of_custom_fields() -> None:
    checkpoints = PlainCheckpoints(70)
    state = checkpoints.before(piece(100, 51))
    assert state and state.scan and state.scan.below == 101
    assert checkpoints.before(piece(50, 40)) is None
    assert PlainCheckpoints(100).before(piece(100, 51)) is None
