"""One list, read once for all tables that are made of its rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ..catalog.custom_field_values import CustomFieldRecords
from ..catalog.loader import RecordLoader
from ..catalog.record import Record
from ..catalog.table import CustomFieldValues, Scanned
from ..portal.errors import PortalError
from ..portal.keyset import Row
from ..portal.oddities import Oddities
from ..portal.scan_context import News
from .context import SyncContext
from .job import Job, Steps, news_step
from .list_sync import ListSync
from .state import StreamState
from .step import Step

ListTable = Scanned | CustomFieldValues
Records = Callable[[list[Row]], Iterable[Row | Record]]


@dataclass(frozen=True, slots=True)
class _Output:
    """A table made of the list's rows."""

    name: str
    records: Records


class ListJob(Job):
    """Reads a list from `state` on, which covers what all `tables` have read, with the columns that any of them needs.

    `printed_up_to`: the greatest ID whose row any of them may have printed before; by default as `state` says. Of records
    above it, which are new, only the filled custom fields are printed. So that this stays true after a kill, a state that
    says "a scan is in progress" comes before the first of these rows.
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
        self._reads_all = state.mark is None
        self._printed_up_to = state.printed_up_to if printed_up_to is None else printed_up_to
        table = next((one for one in tables if isinstance(one, Scanned)), tables[0])
        self._odd = Oddities()
        listing = replace(table.listing, odd=self._odd)
        self._sync = ListSync(context.scans, listing, table.cursor, state.at(context.host), context.start_date)

    def prefetch(self) -> bool:
        """Send the first request; on a first sync rows are certain, so their fields are requested too."""
        if self._reads_all:
            self._prefetch_metadata()
        return self._sync.prefetch()

    def close(self) -> None:
        """Abandon what is in flight."""
        super().close()
        self._sync.close()
        self._odd.tell(", ".join(self.streams))

    def _steps(self) -> Steps:
        self.prefetch()
        if self._sync.leaves_lanes_free:
            yield Step(in_flight=1)
        if self._sync.open():
            self._prefetch_metadata()
        outputs: list[_Output] | None = None
        rows_are_uncovered = False
        has_begun = False
        for piece in self._sync.pieces():
            if isinstance(piece, News):
                yield news_step(piece)
                continue
            if piece.rows and outputs is None:
                outputs, failures = self._outputs()
                if failures:
                    yield Step(failures=failures)
                if not outputs:
                    return
            if not has_begun and self._prints_new_fields(outputs, piece.rows):
                has_begun = True
                newest = int(piece.rows[0]["ID"])
                begun = piece.before.read_down_to(newest + 1, newest)
                yield Step(states={output.name: begun for output in outputs or ()})
            rows = {output.name: output.records(piece.rows) for output in outputs or () if piece.rows}
            rows_are_uncovered = rows_are_uncovered or bool(rows)
            saves = not piece.after.scan or (piece.is_checkpoint and rows_are_uncovered)
            names = self.streams if outputs is None else [output.name for output in outputs]
            if rows or saves:
                yield Step(rows, dict.fromkeys(names, piece.after) if saves else {})
            rows_are_uncovered = rows_are_uncovered and not saves

    def _prints_new_fields(self, outputs: Sequence[_Output] | None, rows: list[Row]) -> bool:
        """Whether custom fields come of records that were never printed."""
        has_fields = any(isinstance(output.records, CustomFieldRecords) for output in outputs or ())
        return has_fields and bool(rows) and int(rows[0]["ID"]) > self._printed_up_to

    def _outputs(self) -> tuple[list[_Output], dict[str, PortalError]]:
        """Return the tables whose columns are known, and what went wrong for the others."""
        outputs, failures = [], {}
        for table in self._tables:
            try:
                outputs.append(_Output(table.name, self._records(table)))
            except PortalError as error:
                failures[table.name] = error
        return outputs, failures

    def _records(self, table: ListTable) -> Records:
        catalog = self._context.catalog
        if isinstance(table, Scanned):
            return RecordLoader(catalog.columns(table)).written
        columns = catalog.metadata.custom_columns(table.fields_of)
        return CustomFieldRecords(columns, table.cursor, self._printed_up_to)

    def _prefetch_metadata(self) -> None:
        catalog = self._context.catalog
        if not self._context.scans.is_sequential and any(map(catalog.needs_metadata, self._tables)):
            catalog.metadata.prefetch()
