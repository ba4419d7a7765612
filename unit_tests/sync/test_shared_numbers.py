from dataclasses import replace
from datetime import datetime

import pytest

from emulator.app import App
from source_bitrix24.catalog.table import Scanned
from source_bitrix24.portal.shared_batch import SharedBatch
from source_bitrix24.sync.deletions import DeletionCheck
from source_bitrix24.sync.id_set import IdSet
from source_bitrix24.sync.printed_rows import PrintedRows
from source_bitrix24.sync.shared_numbers import Numbers, SharedNumbers
from source_bitrix24.sync.state import ScanProgress, StreamState
from source_bitrix24.sync.step import Step
from unit_tests.mounted import methods_sent
from unit_tests.sync.portal import TABLE, context_of, portal_of, visible

NOW = datetime.fromisoformat("2026-11-30T03:53:20+03:00")
SAVED = Step(states={"deals": StreamState(NOW)})


@pytest.fixture
def app() -> App:
    return portal_of(100)


def state_of(app: App) -> StreamState:
    ids = IdSet.of(visible(app))
    return StreamState(NOW, ids.greatest, rows=PrintedRows(ids, is_counted=True))


def numbers_of(
    app: App, state: StreamState, known: PrintedRows | None, max_id: int, lanes: int = 1
) -> tuple[Numbers, list[Step]]:
    """Return the numbers, with the steps before them, where both requests are shared."""
    table = TABLE["deals"]
    assert isinstance(table, Scanned)
    context = context_of(app, lanes)
    numbers = SharedNumbers(DeletionCheck(context.scans, "deals", table.listing), state)
    numbers.share(SharedBatch(context.scans.client))
    steps, getting = list[Step](), numbers.get(known, max_id, context.scans.checks, SAVED)
    while True:
        try:
            steps.append(next(getting))
        except StopIteration as end:
            return end.value, steps


def total(numbers: Numbers) -> int:
    assert numbers.by_key
    return sum(answer.total or 0 for answer in numbers.by_key.values())


def test_the_numbers_of_a_lists_rows_come_with_the_first_request(app: App) -> None:
    state = state_of(app)
    numbers, steps = numbers_of(app, state, state.rows, state.max_id or 0)
    assert total(numbers) == len(visible(app))
    assert not steps


def test_they_stay_of_use_when_known_rows_have_been_printed_again_and_new_ones_above_them(app: App) -> None:
    state = state_of(app)
    assert state.rows and state.max_id
    known = state.rows.printed(IdSet.of([5, state.max_id, state.max_id + 1]))
    numbers, steps = numbers_of(app, state, known, state.max_id + 1)
    assert (total(numbers), numbers.top) == (len(visible(app)), state.max_id)
    assert not steps


def test_once_a_row_has_been_printed_that_was_not_known_they_are_asked_for_behind_all_rows(app: App) -> None:
    state = state_of(app)
    assert state.rows and state.max_id
    without = replace(state, rows=replace(state.rows, ids=state.rows.ids - IdSet.of([5])))
    numbers, steps = numbers_of(app, without, state.rows, state.max_id)
    assert (total(numbers), numbers.top) == (len(visible(app)), state.max_id)
    assert steps == [SAVED, Step(goes_last=True)]


def test_many_numbers_come_in_a_few_requests_at_once() -> None:
    app = portal_of(100_000)
    state = state_of(app)
    numbers, _ = numbers_of(app, state, state.rows, state.max_id or 0, lanes=4)
    assert total(numbers) == len(visible(app))
    assert len(app.log) == 2


def test_where_a_scan_is_in_progress_nothing_is_asked_before_the_rows(app: App) -> None:
    state = replace(state_of(app), scan=ScanProgress(NOW, None, 5))
    _, steps = numbers_of(app, state, state.rows, state.max_id or 0)
    assert steps == [SAVED, Step(goes_last=True)]


def test_nothing_is_asked_where_no_rows_are_known(app: App) -> None:
    state = replace(state_of(app), rows=None)
    assert numbers_of(app, state, state.rows, state.max_id or 0) == (Numbers(state.max_id or 0), [])
    assert not methods_sent(app)


def test_an_answer_that_failed_is_not_used(app: App) -> None:
    app.webhook.may_not_read = {"crm.deal.list"}
    state = state_of(app)
    assert numbers_of(app, state, state.rows, state.max_id or 0) == (Numbers(state.max_id or 0), [])
