"""The rows of one object: those of the sample company, and over them what was edited since."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from .company import Sample, seconds_of
from .fields import MODIFIED, STANDARD, Field
from .userfields import UserField
from .wire import Row


class Table:
    """The rows of one object by ID: made on demand, or edited."""

    def __init__(self, sample: Sample, user_fields: Sequence[UserField]) -> None:
        self.sample = sample
        self.user_fields = user_fields
        self.edited: dict[int, Row] = {}
        self.renderers: dict[Any, Any] = {}
        self._ids: array[int] | None = None
        self._version = 0
        self._by_time: dict[tuple[str, int], tuple[int, array[int]]] = {}

    @property
    def name(self) -> str:
        """The object's name."""
        return self.sample.name

    @property
    def fields(self) -> dict[str, Field]:
        """All columns, custom ones last."""
        return STANDARD[self.name] | {one.name: one.column for one in self.user_fields}

    @property
    def ids(self) -> "array[int]":
        """All IDs, rising."""
        if self._ids is None:
            self._ids = array("q", self.sample.ids)
        return self._ids

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, number: int) -> bool:
        place = bisect_left(self.ids, number)
        return place < len(self.ids) and self.ids[place] == number

    def __iter__(self) -> Iterator[Row]:
        return (self.row(number) for number in self.ids)

    def row(self, number: int) -> Row:
        """A copy of a row. Raises KeyError if there is none."""
        if number not in self:
            raise KeyError(number)
        return dict(self.edited[number]) if number in self.edited else self.sample.row(number)

    def next_id(self) -> int:
        """The ID a new row would get."""
        return max(self.ids[-1] if self.ids else 0, getattr(self, "_greatest", 0)) + 1

    def put(self, row: Row) -> None:
        """Insert or replace a row."""
        if row["ID"] not in self:
            insort(self.ids, row["ID"])
            self._greatest = max(row["ID"], getattr(self, "_greatest", 0))
        self.edited[row["ID"]] = row
        self._version += 1

    def remove(self, number: int) -> None:
        """Delete a row; its ID is never given again."""
        self._greatest = max(self.ids[-1], getattr(self, "_greatest", 0))
        del self.ids[bisect_left(self.ids, number)]
        self.edited.pop(number, None)
        self._version += 1

    def ids_between(self, above: float, below: float) -> range:
        """The places in `ids` of the IDs strictly between two bounds."""
        return range(bisect_right(self.ids, above), bisect_left(self.ids, below))

    def ids_changed_since(self, moment: datetime) -> "array[int]":
        """The IDs of rows whose modification time is at or after a local time, rising; kept until the next edit."""
        key = (MODIFIED[self.name], seconds_of(moment))
        version, ids = self._by_time.get(key, (-1, None))
        if ids is None or version != self._version:
            ids = array("q", (number for number in self.ids if self._modified(number) >= key[1]))
            self._by_time = {key: (self._version, ids)}
        return ids

    def _modified(self, number: int) -> int:
        row = self.edited.get(number)
        return seconds_of(row[MODIFIED[self.name]]) if row else self.sample.modified(number)
