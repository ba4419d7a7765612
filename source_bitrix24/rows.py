"""From a row as the portal sends it to a typed record.

Classic lists send everything as text, and mark emptiness by "", false, [] or a missing key, each in its place (P2.17).
A loader is compiled once per stream from its JSON schema and knows for each column what its values may look like.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from .portal.keyset import Row
from .schema import UNTYPED_VALUES, Schema

Load = Callable[[Any], Any]

_HALF_A_DAY = timedelta(hours=12)
_LARGEST = 2**63 - 1  # what JSON readers and warehouses take for an integer
_NEVER = 9999  # the year by which an activity says that it has no deadline (P11)
_TRUTH = {"Y": True, "N": False, "1": True, "0": False}


class Misfit(ValueError):
    """A value that its column's type cannot hold."""


class RowLoader:
    """Turns rows into records, in place. Every declared column is there afterwards.

    A value that does not fit its column's type moves to UNTYPED_VALUES, so nothing is lost. Columns that the schema does
    not know, because somebody added a field a moment ago, come as text.
    """

    def __init__(self, schema: Schema) -> None:
        columns = {name: column for name, column in schema["properties"].items() if name != UNTYPED_VALUES}
        self._loads = [(name, load_of(column)) for name, column in columns.items()]
        self._known = frozenset(columns)

    def __call__(self, row: Row) -> Row:
        """Load one row."""
        misfits: Row = {}
        get = row.get
        for name, load in self._loads:
            value = get(name)
            if value is None:
                row[name] = None
                continue
            try:
                row[name] = load(value)
            except Misfit:
                misfits[name] = value
                row[name] = None
        if len(row) > len(self._known):
            for name in row.keys() - self._known:
                row[name] = text(row[name])
        if misfits:
            row[UNTYPED_VALUES] = misfits
        return row


def load_of(column: Schema) -> Load:
    """The function that loads the values of a column, given its schema; it is never given None."""
    kinds = (
        [kind for kind in column["type"] if kind != "null"] if isinstance(column["type"], list) else [column["type"]]
    )
    kind = column.get("format") or kinds[0]
    if kind == "array":
        return _array_of(load_of(column["items"]))
    if kind == "object" and column.get("properties"):
        return _object_with({name: load_of(inner) for name, inner in column["properties"].items()})
    if kind == "integer" and column.get("minimum") == 1:
        return _id
    return _LOADS[kind]


def text(value: Any) -> str | None:
    """Any value as text: JSON for what has parts, null for what is empty."""
    if isinstance(value, str):
        return value or None
    if value is None or value is False or value == [] or value == {}:
        return None
    if value is True:
        return "1"
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()
    return str(value)


def calendar_day(value: Any) -> str | None:
    """The day of a `date` value.

    The portal shows the day's midnight, in UTC or nearly so, in its own zone (P2.15, P11): west of Greenwich that reads as
    the evening before. The nearest midnight of UTC is right in every zone.
    """
    if _is_empty(value):
        return None
    try:
        day = datetime.fromisoformat(value)
        if day.tzinfo:
            day = day.astimezone(UTC) + _HALF_A_DAY
    except (ValueError, TypeError, OverflowError):
        raise Misfit from None
    return day.date().isoformat()


def _moment(value: Any) -> str | None:
    if _is_empty(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise Misfit from None
    if moment.year == _NEVER:
        return None
    if moment.tzinfo is None:
        raise Misfit
    return value if len(value) == 25 else moment.isoformat()


def _integer(value: Any) -> int | None:
    if type(value) is not str and type(value) is not int:
        if _is_empty(value):
            return None
        if not isinstance(value, float) or not value.is_integer():
            raise Misfit
    elif value == "":
        return None
    try:
        number = int(value)
    except ValueError:
        raise Misfit from None
    if not -_LARGEST <= number <= _LARGEST:
        raise Misfit
    return number


def _id(value: Any) -> int | None:
    number = _integer(value)
    if number is not None and number < 0:
        raise Misfit
    return number or None


def _number(value: Any) -> float | int | None:
    if _is_empty(value):
        return None
    if type(value) is int or type(value) is float:
        return value
    try:
        number = float(value)
    except (ValueError, TypeError):
        raise Misfit from None
    if number - number != 0:  # not a number, or infinite
        raise Misfit
    return number


def _boolean(value: Any) -> bool | None:
    if type(value) is bool:
        return value
    if _is_empty(value):
        return None
    try:
        return _TRUTH[str(value)]
    except KeyError:
        raise Misfit from None


def _object(value: Any) -> Row | None:
    if isinstance(value, dict):
        return value or None
    if _is_empty(value):
        return None
    if isinstance(value, list):  # P1.11: PHP sends a map with the keys 0, 1, … as a list
        return {str(index): item for index, item in enumerate(value)}
    raise Misfit


def _object_with(loads: Mapping[str, Load]) -> Load:
    def load(value: Any) -> Row | None:
        found = _object(value)
        if found is None:
            return None
        known = {name: found.get(name) for name in loads}
        return {**found, **{name: None if item is None else loads[name](item) for name, item in known.items()}}

    return load


def _array_of(load: Load) -> Load:
    def load_all(value: Any) -> list[Any] | None:
        if _is_empty(value):
            return None
        items: Iterable[Any] = (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        )
        return [None if item is None else load(item) for item in items]

    return load_all


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value is False or value == []


_LOADS: Mapping[str, Load] = {
    "string": text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": calendar_day,
    "date-time": _moment,
    "object": _object,
}
