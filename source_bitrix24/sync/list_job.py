"""One list, read once for all tables that are made of its rows."""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from ..catalog.table import Items, Scanned
from ..portal.errors import PortalError, Refused
from ..portal.keyset import Listing
from ..portal.oddities import Oddities
from ..portal.reply import portal_time
from ..portal.scan_context import News
from ..portal.shared_batch import SharedBatch
from .checkpoints import Checkpoints, PlainCheckpoints, TrackedCheckpoints
from .context import SyncContext
from .deletions import Changes, DeletionCheck
from .id_check import rows_of
from .id_set import IdSet
from .job import Job, Steps, news_step
from .list_sync import CoveredRows, ListSync
from .outputs import Gone, ListTable, Outputs
from .printed_rows import PrintedRows
from .shared_numbers import SharedNumbers
from .state import StreamState
from .step import Step

log = logging.getLogger("airbyte.bitrix24")


class ListJob(Job):
    """Reads a list from `state` on, which covers what all `tables` have read, with the columns that any of them needs.

    `printed_up_to`: the greatest ID whose row any of them may have printed before; by default as `state` says. Of records
    above it, which are new, only the filled custom fields are printed. So that this stays true after a kill, a state that
    says "a scan is in progress" comes before the first of these rows.

    Behind the rows come those that are gone, as tombstones, if any of the tables is to have them.
    """

    def __init__(
        self,
        context: SyncContext,
        tables: tuple[ListTable, ...],
        state: StreamState,
        printed_up_to: int | None = None,
    ) -> None:
        super().__init__(tuple(table.name for table in tables))
        self._context = context
        self._tables = tables
        self._state = state
        self._reads_all = state.mark is None
        self._outputs = Outputs(context, tables, state.printed_up_to if printed_up_to is None else printed_up_to)
        self._table = next((one for one in tables if isinstance(one, Scanned)), tables[0])
        self._odd = Oddities()
        self._detects = not context.detects_deletions.isdisjoint(self.streams)
        self._checkpoints = self._make_checkpoints(state, printed_up_to)

    @cached_property
    def _listing(self) -> Listing:
        """Raises PortalError where the names of the list's columns are not known."""
        return replace(self._context.catalog.listing(self._table), odd=self._odd)

    @cached_property
    def _check(self) -> DeletionCheck:
        """Raises PortalError as `_listing`."""
        context, name, entity_type = self._context, ", ".join(self.streams), self._table.entity_type
        is_administrator = context.catalog.metadata.is_known_administrator
        return DeletionCheck(context.scans, name, self._listing, entity_type, is_administrator)

    @cached_property
    def _numbers(self) -> SharedNumbers:
        """Raises PortalError as `_listing`."""
        return SharedNumbers(self._check, self._state)

    @cached_property
    def _sync(self) -> ListSync:
        """Raises PortalError as `_listing`."""
        context, table = self._context, self._table
        start_date, edited_for = context.start_date, timedelta()
        if isinstance(table, Scanned):
            start_date, edited_for = None if table.has_undated_rows else start_date, table.edited_for
        return ListSync(
            context.scans, self._listing, table.cursor, self._state.at(context.host), start_date, edited_for
        )

    def share(self, shared: SharedBatch) -> bool:
        """Share the first requests: of the list, unless all of it is to be read, and for the numbers of its rows."""
        if isinstance(self._table, Items):  # its columns have to be known first
            self._context.catalog.metadata.share(shared)
            return False
        return self._share(shared)

    def share_later(self, shared: SharedBatch) -> bool:
        """Share the first requests of a list whose columns have to be known."""
        if isinstance(self._table, Items):
            with suppress(PortalError):  # it comes again with the first step
                return self._share(shared)
        return False

    def _share(self, shared: SharedBatch) -> bool:
        if (self._reads_all and self._tables[0].cursor) or not self._sync.share(shared):
            return False
        if self._detects and self._outputs.has_fields:
            self._context.catalog.metadata.share(shared)
        if self._detects:
            self._numbers.share(shared)
        return True

    def prefetch(self) -> bool:
        """Send the first request; on a first sync rows are certain, so their fields are requested too.

        Where the names of the columns have to be known before, only these are requested.
        """
        if isinstance(self._table, Items):
            self._prefetch_metadata()
            return False
        if self._reads_all:
            self._prefetch_metadata()
        return self._sync.prefetch()

    def prefetch_rest(self) -> bool:
        """Send the requests behind the first one, if its answer is there; return False if it is awaited."""
        return self._sync.prefetch_rest()

    def close(self) -> None:
        """Abandon what is in flight."""
        super().close()
        if "_sync" in self.__dict__:
            self._sync.close()
        self._odd.tell(", ".join(self.streams))

    def _make_checkpoints(self, state: StreamState, printed_up_to: int | None) -> Checkpoints:
        """Rows are tracked from a first sync on; a state that does not know them learns them from the check at the end."""
        is_first = state.mark is None and state.scan is None
        rows = state.rows or (PrintedRows(is_learned=not self._context.start_date) if is_first else None)
        cursor = self._tables[0].cursor
        if self._detects and rows and cursor:
            return TrackedCheckpoints(rows, state.max_id or 0, cursor)
        printed = state.printed_up_to if printed_up_to is None else printed_up_to
        return PlainCheckpoints(printed if self._outputs.has_fields else None)

    def _steps(self) -> Steps:
        self.prefetch()
        if self._sync.leaves_lanes_free:
            yield Step(in_flight=1)
        if self._sync.open():
            self._prefetch_metadata()
        for piece in self._sync.pieces():
            if isinstance(piece, News):
                state = self._checkpoints.waiting() if piece.not_before else None
                if state:
                    yield self._saved(state)
                yield news_step(piece)
                continue
            if piece.rows:
                yield from self._open_outputs()
            if self._outputs.all_failed:
                return
            yield from self._piece(piece)

    def _piece(self, piece: CoveredRows) -> Steps:
        """Yield the rows of a piece, with the states around them."""
        state = self._checkpoints.before(piece) if piece.rows else None
        if state:
            yield self._saved(state)
        rows = self._outputs.records(piece.rows)
        state = self._checkpoints.after(piece)
        if not piece.after.scan:
            if rows:
                yield Step(rows)
            yield from self._end(piece)
        elif rows or state:
            yield Step(rows, self._outputs.states(state) if state else {})

    def _end(self, piece: CoveredRows) -> Steps:
        """Yield what the check for deletions finds, and the state that is final."""
        known = self._checkpoints.rows
        if not self._detects:
            yield self._saved(piece.after)
            return
        top, saved = piece.after.max_id or 0, self._saved(replace(piece.after, rows=known))
        numbers = yield from self._numbers.get(known, top, self._context.scans.checks, saved)
        try:
            changes = self._check.run(known, numbers.top, numbers.by_key)
            yield from self._changed(changes, piece)
        except PortalError as error:
            yield self._saved(replace(piece.after.unchecked(piece.before), rows=known))
            if not isinstance(error, Refused):
                raise
            log.warning("%s: rows that are gone cannot be looked for: %s", ", ".join(self.streams), error)

    def _changed(self, changes: Changes, piece: CoveredRows) -> Steps:
        """Yield the rows that are there again, tombstones, and the state that is final."""
        known, mark = changes.rows, piece.after.mark
        assert mark
        if changes.appeared or changes.gone or self._outputs.has_fields:
            yield from self._open_outputs()
        if changes.appeared:
            suspects = known.suspects | (changes.appeared - known.ids)
            yield self._saved(replace(piece.before, rows=replace(known, suspects=suspects)))
        for chunk in rows_of(self._context.scans.client, self._listing, changes.appeared):
            yield Step(self._outputs.records(chunk.rows))
            known = known.printed(IdSet.of(int(row["ID"]) for row in chunk.rows))
        fields = self._outputs.fields
        removed = frozenset() if fields is None else known.fields - fields
        if changes.gone or removed:
            found_at, newest = changes.found_at or mark, piece.after.dates.newest
            dates = [found_at, newest and newest.date, portal_time(known.latest)]
            gone = Gone(
                changes.gone, removed, known.ids | known.suspects, found_at, max(date for date in dates if date)
            )
            yield Step(self._outputs.tombstones(gone, known.fields))
        yield self._saved(replace(piece.after, rows=known if fields is None else replace(known, fields=fields)))

    def _saved(self, state: StreamState) -> Step:
        return Step(states=self._outputs.states(state))

    def _open_outputs(self) -> Steps:
        failures = self._outputs.open()
        if failures:
            yield Step(failures=failures)
        rows, fields = self._checkpoints.rows, self._outputs.fields
        if isinstance(self._checkpoints, TrackedCheckpoints) and rows and fields:
            self._checkpoints.rows = replace(rows, fields=rows.fields | fields)

    def _prefetch_metadata(self) -> None:
        catalog = self._context.catalog
        if not self._context.scans.is_sequential and any(map(catalog.needs_metadata, self._tables)):
            catalog.metadata.prefetch()
