"""Rows that hang on parents: product rows, links. A slice is some parents, newest first, each with its whole set.

The state says down to which parent all is done. It never lists parents.
"""

import logging
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cached_property

from ..catalog.loader import RecordLoader, with_key
from ..catalog.table import PerParent
from ..catalog.types import is_empty
from ..portal.errors import PortalError
from ..portal.keyset import Row, Span
from ..portal.oddities import Oddities, counted
from ..portal.owners import KnownSet, OwnerSet, OwnerSets
from ..portal.owners_bulk import METHOD as BULK_METHOD
from ..portal.owners_bulk import BulkRows
from ..portal.scan import Scan
from ..portal.scan_context import News, Part
from .context import SyncContext
from .job import Job, Steps, news_step
from .list_sync import CoveredRows, ListSync
from .state import StreamState
from .step import Step

log = logging.getLogger("airbyte.bitrix24")


class ParentsJob(Job):
    """Reads the sets of all parents that are new or have changed since `state`."""

    def __init__(self, context: SyncContext, table: PerParent, state: StreamState) -> None:
        super().__init__((table.name,))
        state = state.at(context.host)
        self._context = context
        self._table = table
        self._reads_all = state.mark is None
        self._odd = Oddities()
        parents = replace(table.parents, odd=self._odd)
        self._sync = ListSync(context.scans, parents, table.cursor, state, context.start_date)
        self._pieces = deque[CoveredRows]()
        self._after = state

    def prefetch(self) -> bool:
        """Send the request for the first parents; on a first sync also the question whether a bulk read is allowed."""
        if self._reads_all and self._table.owner_type and not self._context.scans.is_sequential:
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
        method = BULK_METHOD if bulk else None
        owners = OwnerSets(self._context.scans, table.method, known, method, self._newest_parents, self._odd)
        try:
            yield from owners.chunks()
            self._log_lost_sets(owners)
        finally:
            owners.close()
            if bulk:
                bulk.close()

    def records(self, sets: Iterable[OwnerSet]) -> Iterator[Row]:
        """Yield the records of sets. Rows of a parent without a date have none: any other would be invented."""
        key, cursor = self._table.parent_key, self._table.cursor
        rows = []
        for parent, its_rows in sets:
            self._odd.undated += bool(its_rows) and is_empty(parent.get(cursor))
            rows += [{**row, key: parent["ID"], cursor: parent.get(cursor)} for row in its_rows]
        return with_key(self._load(rows), self._table.key, self._odd)

    def _steps(self) -> Steps:
        self.prefetch()
        if self._sync.leaves_lanes_free:
            yield Step(in_flight=1)
        name = self._table.name
        with closing(self.sets(self._parents())) as chunks:
            for sets in chunks:
                if isinstance(sets, News):
                    yield news_step(sets)
                else:
                    yield Step({name: self.records(sets)}, {name: self._state_after(sets)})
        yield Step(states={name: self._after})

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
    def _load(self) -> RecordLoader:
        return RecordLoader(self._context.catalog.columns(self._table))

    @cached_property
    def _bulk(self) -> BulkRows | None:
        table = self._table
        if not table.owner_type:
            return None
        columns = self._context.catalog.selected_columns(table) - {table.cursor, table.parent_key}
        return BulkRows(
            self._context.scans,
            table.method,
            table.owner_type,
            columns,
            typed=lambda row: next(self._load([row])),
            is_allowed=self._user_may_read_everything,
            odd=self._odd,
        )

    def _user_may_read_everything(self) -> bool:
        try:
            return self._context.catalog.metadata.user_is_administrator()
        except PortalError:
            return False
