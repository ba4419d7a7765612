"""The tables that are made of the rows of one list: their records, tombstones and states."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from ..catalog.custom_field_values import CustomFieldRecords
from ..catalog.loader import RecordLoader
from ..catalog.record import Record
from ..catalog.smart_types import without_scalars
from ..catalog.table import CustomFieldValues, Items, Scanned
from ..catalog.tombstone import tombstone
from ..portal.errors import PortalError
from ..portal.keyset import Row
from .context import SyncContext
from .id_set import IdSet
from .printed_rows import PrintedRows
from .state import StreamState

ListTable = Scanned | CustomFieldValues
Records = Callable[[list[Row]], Iterable[Row | Record]]


@dataclass(frozen=True, slots=True)
class Gone:
    """What a list has no more: rows, and custom fields of all rows that are `there`.

    `found_at`: the portal's clock; `date`: no older than the date of any row.
    """

    rows: IdSet
    fields: frozenset[str]
    there: IdSet
    found_at: datetime
    date: datetime


class Outputs:
    """The tables of a list. Their columns are not asked for before there is something to print.

    `printed_up_to`: rows with an ID up to it may have been printed before.
    """

    def __init__(self, context: SyncContext, tables: tuple[ListTable, ...], printed_up_to: int) -> None:
        self.fields: frozenset[str] | None = None  # custom fields of the portal, once they are known
        self._context = context
        self._tables = tables
        self._printed_up_to = printed_up_to
        self._records: dict[str, Records] | None = None
        self._failed: frozenset[str] = frozenset()

    @property
    def has_fields(self) -> bool:
        """Whether custom fields are among the tables."""
        return any(isinstance(table, CustomFieldValues) for table in self._tables)

    @property
    def all_failed(self) -> bool:
        """Whether no table is left."""
        return len(self._failed) == len(self._tables)

    def open(self) -> Mapping[str, PortalError]:
        """Learn the columns of the tables, once; return what went wrong, by table."""
        failures: dict[str, PortalError] = {}
        if self._records is None:
            self._records = {}
            for table in self._tables:
                try:
                    self._records[table.name] = self._records_of(table)
                except PortalError as error:
                    failures[table.name] = error
            self._failed = frozenset(failures)
        return failures

    def records(self, rows: list[Row]) -> dict[str, Iterable[Row | Record]]:
        """Return the records of rows, by table."""
        return {name: records(rows) for name, records in (self._records or {}).items()} if rows else {}

    def tombstones(self, gone: Gone, known_fields: frozenset[str]) -> dict[str, Iterable[Row | Record]]:
        """Return the tombstones of what is gone, by table. `known_fields`: of which rows were printed."""
        found: dict[str, Iterable[Row | Record]] = {}
        for table in self._tables:
            keys = self._keys(table, gone, known_fields)
            if keys and self._detects(table) and table.name not in self._failed:
                found[table.name] = _tombstones(keys, table.cursor or "", gone)
        return found

    def states(self, state: StreamState) -> dict[str, StreamState]:
        """Return the state of the list for each table, with the rows that it has to keep."""
        return {
            table.name: replace(state, rows=self._kept(table, state.rows))
            for table in self._tables
            if table.name not in self._failed
        }

    def _detects(self, table: ListTable) -> bool:
        return table.name in self._context.detects_deletions

    def _kept(self, table: ListTable, rows: PrintedRows | None) -> PrintedRows | None:
        if not rows or not self._detects(table):
            return None
        return replace(rows, fields=frozenset()) if isinstance(table, Scanned) else rows

    def _keys(self, table: ListTable, gone: Gone, known_fields: frozenset[str]) -> Iterable[Row]:
        if isinstance(table, Scanned):
            return ({"ID": number} for number in gone.rows) if gone.rows else ()
        every = sorted(known_fields | (self.fields or frozenset()))
        of_rows = ({"ID": number, "FIELD_NAME": name} for number in gone.rows for name in every)
        if not gone.fields:
            return of_rows if gone.rows else ()
        fields = sorted(gone.fields)
        return chain(of_rows, ({"ID": number, "FIELD_NAME": name} for number in gone.there for name in fields))

    def _records_of(self, table: ListTable) -> Records:
        catalog = self._context.catalog
        if isinstance(table, Items):
            load, multiple = (
                RecordLoader(catalog.columns(table), catalog.labels(table)),
                catalog.multiple_columns(table),
            )
            return lambda rows: load.written(without_scalars(rows, multiple))
        if isinstance(table, Scanned):
            written, constants = RecordLoader(catalog.columns(table), catalog.labels(table)).written, table.constants
            return (lambda rows: written([{**row, **constants} for row in rows])) if constants else written
        columns = catalog.metadata.custom_columns(table.fields_of)
        self.fields = frozenset(column.name for column in columns)
        return CustomFieldRecords(columns, table.cursor, self._printed_up_to)


def _tombstones(keys: Iterable[Row], cursor: str, gone: Gone) -> Iterator[Row]:
    found_at, date = (moment.isoformat(timespec="seconds") for moment in (gone.found_at, gone.date))
    return (tombstone(key, cursor, found_at, date) for key in keys)
