"""Defects that real Bitrix24 readers have, put in on purpose: they prove that test_nothing_lost.py can fail."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from source_bitrix24.airbyte.messages import MessageWriter, Output
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.batch_all import fetch_all
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.keyset import NEWEST, PAGE, Listing, Page, Row, Span
from source_bitrix24.portal.owners import OwnerSet, OwnerSets
from source_bitrix24.portal.scan import Opening, Scan
from source_bitrix24.portal.scan_context import Chunk, News
from source_bitrix24.sync import deletions, list_sync
from source_bitrix24.sync.checkpoints import PlainCheckpoints, TrackedCheckpoints
from source_bitrix24.sync.deletions import DeletionCheck
from source_bitrix24.sync.id_check import FoundIds, read_ids
from source_bitrix24.sync.list_job import ListJob
from source_bitrix24.sync.parents_job import ParentsJob
from source_bitrix24.sync.set_lengths import SetLengths
from source_bitrix24.sync.set_records import SetRecords
from source_bitrix24.sync.state import StreamState
from source_bitrix24.sync.step import Step

Defect = Callable[[pytest.MonkeyPatch], None]
_PAGES = 50


def cursor_is_the_greatest_timestamp_seen(patch: pytest.MonkeyPatch) -> None:
    """Other connectors do this: the watermark is the greatest date in the rows, not the portal's clock."""
    seen: list[datetime] = []
    finish = StreamState.finish

    class RecordingScan(Scan):
        def chunks(self) -> Iterator[Chunk | News]:
            """The same chunks; the dates of their rows are recorded."""
            seen.clear()
            for chunk in super().chunks():
                rows = chunk.rows if isinstance(chunk, Chunk) else []
                times = [row.get("DATE_MODIFY") or row.get("CREATED_TIME") for row in rows]
                seen.extend(datetime.fromisoformat(time) for time in times if time)
                yield chunk

    def finished(self: StreamState) -> StreamState:
        return replace(finish(self), mark=max(seen, default=self.mark or finish(self).mark))

    patch.setattr(list_sync, "Scan", RecordingScan)
    patch.setattr(StreamState, "finish", finished)


def state_is_printed_before_its_rows(patch: pytest.MonkeyPatch) -> None:
    """The writer prints the states of a step before its rows."""
    real = MessageWriter._step

    def step(self: MessageWriter, step: Step, streams: Any) -> Iterator[Output]:
        yield from real(self, Step(states=step.states), streams)
        yield from real(self, replace(step, states={}), streams)

    patch.setattr(MessageWriter, "_step", step)


def state_is_printed_one_step_early(patch: pytest.MonkeyPatch) -> None:
    """Each step carries the state that only the next step completes."""
    for job in (ListJob, ParentsJob):
        _shift_states(patch, job)


def _shift_states(patch: pytest.MonkeyPatch, job: type[ListJob] | type[ParentsJob]) -> None:
    real = job._steps

    def steps(self: Any) -> Iterator[Step]:
        before: Step | None = None
        for step in real(self):
            if before is not None:
                yield replace(before, states=step.states or before.states)
            before = step
        if before is not None:
            yield before

    patch.setattr(job, "_steps", steps)


def new_fields_are_printed_without_a_state_before_them(patch: pytest.MonkeyPatch) -> None:
    """After a kill the next sync takes rows that were printed for new ones, and an emptied field keeps its old value."""
    printed_ids_are_forgotten(patch)
    patch.setattr(PlainCheckpoints, "before", lambda self, piece: None)


def rows_of_a_resumed_scan_count_as_new(patch: pytest.MonkeyPatch) -> None:
    """Rows that the killed sync printed behind its last state keep the values of fields that were emptied meanwhile."""
    patch.setattr(StreamState, "printed_up_to", property(lambda self: self.max_id or 0))


def a_slice_is_skipped_after_a_wait(patch: pytest.MonkeyPatch) -> None:
    """Parents whose rows follow a wait for operating time are skipped."""
    real = OwnerSets.chunks

    def chunks(self: OwnerSets) -> Iterator[list[OwnerSet] | News]:
        waited = False
        for chunk in real(self):
            if not (waited and isinstance(chunk, list)):
                yield chunk
            waited = isinstance(chunk, News) and bool(chunk.not_before)

    patch.setattr(OwnerSets, "chunks", chunks)


def rows_above_the_greatest_id_are_left_out(patch: pytest.MonkeyPatch) -> None:
    """Rows are read by date alone; restored and imported rows, which have old dates, are lost."""
    real = list_sync.ListSync._scan_since

    def by_date(self: list_sync.ListSync, since: datetime | None, state: StreamState) -> Scan:
        return real(self, since, replace(state, max_id=None))

    patch.setattr(list_sync.ListSync, "_scan_since", by_date)


def chain_goes_up_and_does_not_stop_at_a_short_page(patch: pytest.MonkeyPatch) -> None:
    """After a short page an ascending chain returns the first rows again (P1.8)."""

    class Ascending(Scan):
        def chunks(self) -> Iterator[Chunk | News]:
            """All rows in one chunk."""
            client = self._context.client
            rows = [row for part in reversed(self._parts) for row in _ascend(client, part.listing, part.span)]
            yield Chunk(sorted(rows, key=lambda row: -int(row["ID"])), 1)

        def open(self) -> Opening:
            """The portal's time and the first rows, as the real scan opens."""
            opening = super().open()
            return Opening([Page(list(page.rows), Span(0, 1)) for page in opening.pages], opening.portal_time)

    patch.setattr(list_sync, "Scan", Ascending)


def _ascend(client: PortalClient, listing: Listing, span: Span) -> list[Row]:
    commands = {}
    for page in range(_PAGES):
        above = f"$result[p{page - 1}][{PAGE - 1}][ID]" if page else span.above
        bounds = {**listing.filter, ">ID": above, "<ID": span.below}
        select = {"select": listing.select} if listing.select else {}
        params = {**listing.params, **select, "order": {"ID": "ASC"}, "filter": bounds, "start": -1}
        commands[f"p{page}"] = Command(listing.method, params)
    answers = fetch_all(client, commands)
    pages = [answers[key].result or [] for key in commands]
    return [row for page in pages for row in (page["items"] if isinstance(page, dict) else page)]


def what_is_not_seen_counts_as_gone(patch: pytest.MonkeyPatch) -> None:
    """A row that the user may not see any more gets a tombstone, which destinations keep."""
    patch.setattr(DeletionCheck, "_proven", lambda self, missing, suspects, known: missing | suspects)


def ids_are_read_before_the_rows(patch: pytest.MonkeyPatch) -> None:
    """A row that is new to the sync is not among the IDs, and gets a tombstone."""
    before: dict[str, FoundIds] = {}
    open_ = list_sync.ListSync.open

    def opened(self: list_sync.ListSync) -> bool:
        before[self._listing.method] = read_ids(self._scans, self._listing, NEWEST)
        return open_(self)

    def found(client: PortalClient, listing: Listing, *_: Any) -> FoundIds:
        return before[listing.method]

    patch.setattr(list_sync.ListSync, "open", opened)
    patch.setattr(deletions, "find_ids", found)


def printed_ids_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The state does not name the rows that are about to be printed."""
    patch.setattr(TrackedCheckpoints, "before", lambda self, piece: None)


def a_length_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    """The state does not learn how long sets are, so what was behind the end of a shorter one stays."""
    patch.setattr(SetRecords, "lengths", lambda *_: {})


def a_length_is_kept_only_behind_its_rows(patch: pytest.MonkeyPatch) -> None:
    """Rows that are out behind the last state of a killed sync stay, if their set is shorter when it is read again."""
    patch.setattr(SetLengths, "at_least", lambda self, _: self)


# by defect, the seed of a history that finds it (soak.py)
SEEDS: Mapping[Defect, int] = {
    cursor_is_the_greatest_timestamp_seen: 0,
    state_is_printed_before_its_rows: 0,
    state_is_printed_one_step_early: 0,
    rows_above_the_greatest_id_are_left_out: 2,
    chain_goes_up_and_does_not_stop_at_a_short_page: 0,
    what_is_not_seen_counts_as_gone: 1,
    printed_ids_are_forgotten: 2,
    a_length_is_not_kept: 0,
}
