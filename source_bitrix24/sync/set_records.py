"""From the sets of parents to records, and to the tombstones of what is behind their ends."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ..catalog.column import Column
from ..catalog.loader import RecordLoader
from ..catalog.table import POSITION, PerParent
from ..catalog.tombstone import tombstone
from ..catalog.types import Misfit, is_empty, load_datetime
from ..portal.keyset import Row
from ..portal.oddities import Oddities
from ..portal.owners import OwnerSet
from .set_lengths import SetLengths


class SetRecords:
    """Makes the records of a table that hangs on parents. `odd`: counts parents without a date."""

    def __init__(self, table: PerParent, columns: Sequence[Column], odd: Oddities) -> None:
        self._table = table
        self._odd = odd
        self.load = RecordLoader(columns)
        # links of one record have columns that those of many lack; a table without them has them from no method
        self._left_out = {"SORT", "ROLE_ID"} - {column.name for column in columns} if table.links else set()

    def records(self, sets: Iterable[OwnerSet]) -> Iterator[Row]:
        """Yield the records of sets. Rows of a parent without a date have none: any other would be invented."""
        key, cursor = self._table.parent_key, self._table.cursor
        rows: list[Row] = []
        for parent, its_rows in sets:
            self._odd.undated += bool(its_rows) and is_empty(parent.get(cursor))
            its_own = {key: parent["ID"], cursor: parent.get(cursor)}
            for place, row in enumerate(its_rows or (), 1):
                sent = {name: row[name] for name in row if name not in self._left_out} if self._left_out else row
                rows.append({**sent, **its_own, POSITION: place})
        return self.load(rows)

    def tombstones(self, sets: Iterable[OwnerSet], known: SetLengths, found_at: datetime) -> Iterator[Row]:
        """Yield the tombstones of the positions behind the end of each set, up to the known length.

        Their cursor is the parent's own date, which is that of the set's rows: a position that is filled again, with no date
        moved, wins as the later line. Without a date there is none here either, as in the rows of such a parent.
        """
        for parent, rows in sets:
            if rows is not None:
                number = int(parent["ID"])
                date = _date(parent.get(self._table.cursor))
                for record in self._behind(number, len(rows), known[number], found_at, date):
                    if date is None:
                        del record[self._table.cursor]
                    yield record

    def tombstones_of_gone(
        self, parents: Iterable[int], known: SetLengths, found_at: datetime, date: datetime
    ) -> Iterator[Row]:
        """Yield the tombstones of all rows of parents that are gone. `date`: no older than the date of any parent."""
        for number in parents:
            yield from self._behind(number, 0, known[number], found_at, date.isoformat(timespec="seconds"))

    def lengths(self, sets: Iterable[OwnerSet], known: SetLengths) -> dict[int, int]:
        """Return what is known of the sets once records and tombstones are out.

        A tombstone without a date may lose against an older row that had one, so that length stays until there is a date.
        """
        lengths = {}
        for parent, rows in sets:
            if rows is not None:
                number = int(parent["ID"])
                is_dated = _date(parent.get(self._table.cursor)) is not None
                lengths[number] = len(rows) if is_dated else max(len(rows), known[number])
        return lengths

    def _behind(self, parent: int, length: int, known: int, found_at: datetime, date: str | None) -> Iterator[Row]:
        for place in range(length + 1, known + 1):
            key = {**self._table.constants, self._table.parent_key: parent, POSITION: place}
            yield tombstone(key, self._table.cursor, found_at.isoformat(timespec="seconds"), date)


def _date(value: object) -> str | None:
    try:
        return load_datetime(value)
    except Misfit:
        return None
