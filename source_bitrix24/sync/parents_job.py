"""Rows that hang on parents: product rows, links. A slice is some parents, newest first, each with its whole set.

The state says down to which parent all is done. It never lists parents.
"""

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from itertools import chain

from ..catalog.table import POSITION, PerParent
from ..portal.errors import PortalError, Refused
from ..portal.keyset import Row, Span
from ..portal.links_bulk import METHOD as LINKS_METHOD
from ..portal.links_bulk import BulkLinks
from ..portal.oddities import Oddities, counted
from ..portal.owners import KnownSet, OwnerSet, OwnerSets
from ..portal.owners_bulk import METHOD as BULK_METHOD
from ..portal.owners_bulk import BulkRows
from ..portal.scan import Scan
from ..portal.scan_context import News, Part
from ..portal.shared_batch import SharedBatch
from .context import SyncContext
from .deletions import Changes, DeletionCheck
from .id_check import rows_of
from .id_set import EMPTY, IdSet
from .job import Job, Steps, news_step
from .known_sets import KnownSets, Rereading
from .list_sync import CoveredRows, ListSync
from .printed_rows import PrintedRows
from .reconciliation import AllParents, due
from .set_lengths import SetLengths
from .set_records import SetRecords
from .set_window import SetWindow
from .shared_numbers import SharedNumbers
from .state import StreamState
from .step import Step

log = logging.getLogger("airbyte.bitrix24")


class ParentsJob(Job):
    """Reads the sets of all parents that are new or have changed since `state`."""

    def __init__(self, context: SyncContext, table: PerParent, state: StreamState) -> None:
        super().__init__((table.name,))
        state = state.at(context.host)
        self._keeps_lengths = table.name in context.detects_deletions
        state = replace(state, sets=(state.sets or KnownSets()) if self._keeps_lengths else None)
        is_first = state.mark is None and state.scan is None
        learned = PrintedRows(is_learned=not context.start_date) if is_first else None
        self._rows = (state.rows or learned) if self._keeps_lengths else None
        self._context = context
        self._table = table
        self._reads_all = state.mark is None
        self._odd = Oddities()
        parents = replace(table.parents, odd=self._odd)
        self._sync = ListSync(context.scans, parents, table.cursor, state, context.start_date)
        is_administrator = context.catalog.metadata.is_known_administrator
        self._deletions = DeletionCheck(context.scans, table.name, parents, table.entity_type, is_administrator)
        self._numbers = SharedNumbers(self._deletions, state)
        self._pieces = deque[CoveredRows]()
        self._after = state
        self._covered: StreamState | None = None  # true of all lines that are out
        self._lengths = state.sets.lengths if state.sets else SetLengths()
        self._lengths_text = 0
        self._read_now = EMPTY  # parents

    def share(self, shared: SharedBatch) -> bool:
        """Share the request for the first parents, unless all of them are to be read."""
        if self._reads_all or not self._sync.share(shared):
            return False
        if self._keeps_lengths:
            self._numbers.share(shared)
        return True

    def prefetch(self) -> bool:
        """Send the request for the first parents; on a first sync also the question whether a bulk read is allowed."""
        if self._reads_all and (self._table.owner_type or self._table.links) and not self._context.scans.is_sequential:
            self._context.catalog.metadata.prefetch()
        return self._sync.prefetch()

    def close(self) -> None:
        """Abandon what is in flight."""
        super().close()
        self._sync.close()
        self._odd.tell(self._table.name)

    def slices(self) -> Iterator[CoveredRows]:
        """Yield the parents to read, newest first, with the states that their sets complete. Raises PortalError."""
        self._sync.open()
        for piece in self._sync.pieces():
            if isinstance(piece, CoveredRows):
                yield piece

    def sets(self, parents: Iterator[Row]) -> Generator[list[OwnerSet] | News, None, None]:
        """Yield the sets of some parents, in their order. Raises PortalError."""
        table, bulk = self._table, self._bulk
        known: Iterator[KnownSet] = bulk.sets(parents) if bulk else ((parent, None) for parent in parents)
        method = LINKS_METHOD if table.links else BULK_METHOD if bulk else None
        owners = OwnerSets(
            self._context.scans, table.method, known, method, self._newest_parents, self._odd, table.question
        )
        try:
            yield from owners.chunks()
            self._log_lost_sets(owners)
        finally:
            owners.close()
            if bulk:
                bulk.close()

    def records(self, sets: Iterable[OwnerSet]) -> Iterator[Row]:
        """Yield the records of sets."""
        return self._records.records(sets)

    def _steps(self) -> Steps:
        self.prefetch()
        if self._sync.leaves_lanes_free:
            yield Step(in_flight=1)
        name = self._table.name
        if not self._keeps_lengths:
            with closing(self.sets(self._parents())) as chunks:
                for sets in chunks:
                    if isinstance(sets, News):
                        yield news_step(sets)
                    else:
                        yield Step({name: self.records(sets)}, {name: self._state_after(sets)})
            yield Step(states={name: self._after})
            return
        yield from self._print(self._parents(), self._state_after)
        yield from self._end()
        yield from self._read_again()

    def _print(self, parents: Iterator[Row], state_after: Callable[[list[OwnerSet]], StreamState]) -> Steps:
        """Print the sets of parents, with tombstones behind their ends.

        A state comes before the rows of each window. It covers what is out by then, and says how many rows of the window's
        parents may be in the copy: killed at any line, the next sync knows of every row that is out.
        """
        window, after = SetWindow(self._lengths_text), self._after
        with closing(self.sets(parents)) as chunks:
            for sets in chunks:
                if isinstance(sets, News):
                    yield news_step(sets)
                    continue
                self._covered = self._covered or self._pieces[0].before
                window.add(sets)
                after = state_after(sets)
                if window.is_worth_a_state:
                    yield from self._print_window(window, after)
                    window = SetWindow(self._lengths_text)
        if window.sets:
            yield from self._print_window(window, after)

    def _print_window(self, window: SetWindow, after: StreamState) -> Steps:
        name, records, covered, known = self._table.name, self._records, self._covered, self._lengths
        assert covered and covered.sets
        lengths = records.lengths(window.sets, known)
        announced = known.at_least(lengths)
        self._lengths_text = len(announced.text)
        parents = IdSet.of(int(parent["ID"]) for parent, _ in window.sets)
        self._read_now |= parents
        if self._rows:
            self._rows = self._rows.printed(parents)
        yield Step(states={name: replace(covered, sets=replace(covered.sets, lengths=announced), rows=self._rows)})
        found_at = covered.scan.mark if covered.scan else covered.mark
        assert found_at
        tombstones = records.tombstones(window.sets, known, found_at)
        yield Step({name: chain(records.records(window.sets), tombstones)})
        self._lengths, self._covered = known.with_lengths(lengths), after

    def _end(self) -> Steps:
        """Yield what is behind the sets of parents that are new or have changed: those of parents that are gone."""
        after = self._after
        mark = after.mark
        assert after.sets and mark
        sets = replace(after.sets, read_at=mark if self._reads_all else after.sets.read_at)
        self._after = after = replace(after, sets=sets)
        is_due = due(sets, mark, self._context.reconcile_days, 0)
        try:
            changes = yield from self._check(reads_ids=is_due is not None and not sets.again)
            yield from self._changed(changes)
        except Refused as error:
            self._after = after.unchecked(self._sync.before)
            log.warning("%s: rows that are gone cannot be looked for: %s", self._table.name, error)
        self._covered = self._checked()
        yield Step(states={self._table.name: self._covered})

    def _checked(self) -> StreamState:
        """Return the state of all that has been read and taken back."""
        assert self._after.sets
        return replace(self._after, sets=replace(self._after.sets, lengths=self._lengths), rows=self._rows)

    def _check(self, *, reads_ids: bool) -> Generator[Step, None, Changes]:
        """Compare the list of parents with what is known of it; by all of its IDs instead of numbers, if `reads_ids`."""
        known, max_id = self._rows, self._after.max_id or 0
        if known and reads_ids:
            changes = self._deletions.run(replace(known, is_counted=False), max_id)
            return replace(changes, rows=replace(changes.rows, is_counted=known.is_counted))
        saved = Step(states={self._table.name: self._checked()})
        numbers = yield from self._numbers.get(known, max_id, self._context.scans.checks, saved)
        return self._deletions.run(known, numbers.top, numbers.by_key)

    def _changed(self, changes: Changes) -> Steps:
        """Yield the sets of parents that are in the list again, and take back those of parents that are gone."""
        context, table, mark = self._context, self._table, self._after.mark
        self._rows = changes.rows
        self._covered = self._after
        chunks = rows_of(context.scans.client, table.parents, changes.appeared)
        yield from self._print((row for chunk in chunks for row in chunk.rows), lambda _: self._after)
        assert mark
        newest = self._after.dates.newest
        dates = [changes.found_at or mark, newest.date if newest else mark]
        gone = list(changes.gone)
        tombstones = self._records.tombstones_of_gone(gone, self._lengths, dates[0], max(dates))
        yield Step({table.name: tombstones})
        self._lengths = self._lengths.with_lengths(dict.fromkeys(gone, 0))

    def _read_again(self) -> Steps:
        """Read the sets of all parents again, if that is due, as far as this sync may."""
        context, state = self._context, self._covered
        assert state and state.sets and state.mark
        again = due(state.sets, state.mark, context.reconcile_days, state.max_id or 0)
        if not again:
            return
        log.info("%s: the sets of all parents are read again, below the ID %d", self._table.name, again.below)

        def state_after(sets: list[OwnerSet]) -> StreamState:
            return self._again_state(replace(again, below=int(sets[-1][0]["ID"])))

        self._covered = self._again_state(again)
        ids = (self._rows.ids if self._rows else EMPTY) - self._read_now
        scan = Scan(context.scans, [Part(self._table.parents, Span(0, again.below))])
        parents = AllParents(scan, ids, context.allowance)
        context.allowance.start()
        try:
            yield from self._print(iter(parents), state_after)
        finally:
            parents.close()
            context.allowance.stop()
        sets = replace(self._covered.sets or KnownSets(), lengths=self._lengths)
        if parents.are_complete:
            sets = replace(sets, read_at=again.began, again=None)
        yield Step(states={self._table.name: replace(self._covered, sets=sets, rows=self._rows)})

    def _again_state(self, again: Rereading) -> StreamState:
        """Return the state in a reconciliation, but for the lengths."""
        before = self._covered.sets if self._covered else None
        return replace(self._after, sets=replace(before or KnownSets(), again=again))

    def _newest_parents(self) -> list[Row]:
        return Scan(self._context.scans, [Part(self._table.parents, Span())]).open().pages[0].rows

    def _log_lost_sets(self, owners: OwnerSets) -> None:
        if owners.unreadable:
            text = "%s: left out %s, of which the portal does not give the rows: %s"
            log.warning(text, self._table.name, counted(len(owners.unreadable), "record"), owners.unreadable[0])
        if owners.gone:
            text = "%s: deleted during the read, and so without rows: %s"
            log.warning(text, self._table.name, counted(owners.gone, "record"))

    def _parents(self) -> Iterator[Row]:
        for piece in self.slices():
            if piece.rows:
                self._pieces.append(piece)
            yield from piece.rows
            self._after = piece.after

    def _state_after(self, sets: list[OwnerSet]) -> StreamState:
        """Return the state once the rows of these parents are out."""
        last, _ = sets[-1]
        while int(last["ID"]) < int(self._pieces[0].rows[-1]["ID"]):
            self._pieces.popleft()
        return self._pieces[0].state_after(last)

    @cached_property
    def _records(self) -> SetRecords:
        return SetRecords(self._table, self._context.catalog.columns(self._table), self._odd)

    @cached_property
    def _bulk(self) -> BulkRows | BulkLinks | None:
        context, table = self._context, self._table
        columns = context.catalog.selected_columns(table) - {table.cursor, table.parent_key, POSITION}
        is_allowed, odd = self._user_may_read_everything, self._odd
        if table.links:
            needs_more = bool(columns - {table.links.column, "IS_PRIMARY"})
            return BulkLinks(context.scans, table.method, table.links, is_allowed, odd, needs_more=needs_more)
        if not table.owner_type:
            return None
        typed = lambda row: next(self._records.load([row]))  # noqa: E731
        return BulkRows(context.scans, table.method, table.owner_type, columns, typed, is_allowed, odd)

    def _user_may_read_everything(self) -> bool:
        try:
            return self._context.catalog.metadata.user_is_administrator()
        except PortalError:
            return False
