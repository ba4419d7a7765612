"""From rows as the portal sends them to typed records, column by column.

A loader is compiled once per stream from its JSON schema: one loop for each column, which knows the shape that its values
nearly always have. Whatever looks different goes through `values.py`. A loop over the values of one column costs half of
what a loop over the columns of one row does.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from .portal.keyset import Row
from .schema import UNTYPED_VALUES, Schema
from .values import DIGITS, TRUTH, Load, Misfit, day_of, kind_of, load_of, text

LoadColumn = Callable[[Sequence[Row]], None]

_AT_ONCE = 30  # rows: few enough to stay in the processor's cache from one column to the next
_MOMENT = len("2024-05-10T13:04:05+03:00")


class RowLoader:
    """Turns rows into records, in place. Every declared column is there afterwards.

    A value that does not fit its column's type moves to UNTYPED_VALUES, so nothing is lost. Columns that the schema does
    not know, because somebody added a field a moment ago, come as text.
    """

    def __init__(self, schema: Schema) -> None:
        columns = {name: column for name, column in schema["properties"].items() if name != UNTYPED_VALUES}
        self._columns = [
            (name, _COLUMN_OF.get(kind_of(column), _others)(name, load_of(column))) for name, column in columns.items()
        ]
        self._known = frozenset(columns) | {UNTYPED_VALUES}
        self._count = len(columns)

    def __call__(self, rows: list[Row]) -> Iterator[Row]:
        """Load rows, a few at a time."""
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            self._load(some)
            yield from some

    def _load(self, rows: list[Row]) -> None:
        absent = self._known - rows[0].keys()
        for name, load_column in self._columns:
            try:
                if name not in absent:
                    load_column(rows)
                    continue
            except KeyError:  # what is loaded already stays as it is
                pass
            for row in rows:
                row.setdefault(name)
            load_column(rows)
        for row in rows:
            if len(row) > self._count:
                for name in row.keys() - self._known:
                    row[name] = text(row[name])


def _load(row: Row, name: str, value: Any, load: Load) -> None:
    """Any value, by the function of its type."""
    row[name] = None
    if value is None or value == "":
        return
    try:
        row[name] = load(value)
    except Misfit:
        row.setdefault(UNTYPED_VALUES, {})[name] = value


def _texts(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            if type(value) is str:
                if not value:
                    row[name] = None
            elif value is not None:
                _load(row, name, value, load)

    return load_column


def _integers(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            if type(value) is str and value.isdecimal() and len(value) <= DIGITS:
                row[name] = int(value)
            elif value is not None:
                _load(row, name, value, load)

    return load_column


def _links(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            if type(value) is str and value.isdecimal() and len(value) <= DIGITS:
                row[name] = int(value) or None
            elif value is not None:
                _load(row, name, value, load)

    return load_column


def _booleans(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            try:
                row[name] = TRUTH[row[name]]
            except (KeyError, TypeError):
                _load(row, name, row[name], load)

    return load_column


def _moments(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            try:
                if type(value) is str and len(value) == _MOMENT and value[19] in "+-" and value < "9999":
                    datetime.fromisoformat(value)
                    continue
            except ValueError:
                pass
            _load(row, name, value, load)

    return load_column


def _days(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            try:
                if type(value) is str and value:
                    row[name] = day_of(value)
                    continue
            except Misfit:
                pass
            _load(row, name, value, load)

    return load_column


def _numbers(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            try:
                if type(value) is str and value[0] in "0123456789-" and "_" not in value:
                    row[name] = float(value)
                    continue
            except (ValueError, IndexError):
                pass
            _load(row, name, value, load)

    return load_column


def _lists(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            if type(value) is list and value:
                try:
                    row[name] = load(value)
                except Misfit:
                    _load(row, name, value, load)
            elif value is False or value is None or value == "" or value == []:
                row[name] = None
            else:
                _load(row, name, value, load)

    return load_column


def _others(name: str, load: Load) -> LoadColumn:
    def load_column(rows: Sequence[Row]) -> None:
        for row in rows:
            value = row[name]
            if value is False or value == "" or value == []:
                row[name] = None
            elif value is not None:
                _load(row, name, value, load)

    return load_column


_COLUMN_OF: dict[str, Callable[[str, Load], LoadColumn]] = {
    "string": _texts,
    "integer": _integers,
    "link": _links,
    "number": _numbers,
    "boolean": _booleans,
    "date-time": _moments,
    "date": _days,
    "array": _lists,
}
