"""One value as the portal sends it, and as its column's type wants it.

Classic lists send everything as text, and mark emptiness by "", false, [] or a missing key, each in its place (P2.17).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from .portal.keyset import Row
from .schema import Schema

Load = Callable[[Any], Any]

TRUTH = {"Y": True, "N": False, "1": True, "0": False}
DIGITS = 18  # a number of so many digits is an integer for everybody
_HALF_A_DAY = timedelta(hours=12)
_LARGEST = 2**63 - 1  # what JSON readers and warehouses take for an integer
_NEVER = 9999  # the year by which an activity says that it has no deadline (P11)


class Misfit(ValueError):
    """A value that its column's type cannot hold."""


def load_of(column: Schema) -> Load:
    """The function that loads the values of a column, given its schema. It is never given None; it raises Misfit."""
    kind = kind_of(column)
    if kind == "array":
        return _array_of(load_of(column["items"]), _ALL_AT_ONCE.get(kind_of(column["items"]), lambda _: None))
    if kind == "object" and column.get("properties"):
        return _object_with({name: load_of(inner) for name, inner in column["properties"].items()})
    return _LOADS[kind]


def kind_of(column: Schema) -> str:
    """The name of a column's type: its JSON type, or `date`, `date-time`, or `link` for an ID that 0 stands for none of."""
    types = column["type"] if isinstance(column["type"], list) else [column["type"]]
    kind = str(column.get("format") or next(one for one in types if one != "null"))
    return "link" if kind == "integer" and column.get("minimum") == 1 else kind


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
    if type(value) is str and value:
        return day_of(value)
    if _is_empty(value):
        return None
    raise Misfit


@lru_cache(maxsize=8192)  # a company has fewer days than records
def day_of(text: str) -> str:
    """The same for a text that is not empty."""
    try:
        day = datetime.fromisoformat(text)
        if day.tzinfo:
            day = day.astimezone(UTC) + _HALF_A_DAY
    except (ValueError, OverflowError):
        raise Misfit from None
    return day.date().isoformat()


def _moment(value: Any) -> str | None:
    if _is_empty(value):
        return None
    if type(value) is not str:
        raise Misfit
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Misfit from None
    if moment.year == _NEVER:
        return None
    if moment.tzinfo is None:
        raise Misfit
    return value if len(value) == 25 else moment.isoformat()


def _integer(value: Any) -> int | None:
    if type(value) is str and value.isdecimal() and len(value) <= DIGITS:
        return int(value)
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
    if "_" in str(value):
        raise Misfit
    if not -_LARGEST <= number <= _LARGEST:
        raise Misfit
    return number


def _link(value: Any) -> int | None:
    number = _integer(value)
    if number is not None and number < 0:
        raise Misfit
    return number or None


def _number(value: Any) -> float | int | None:
    if type(value) is int or type(value) is float:
        return value
    if _is_empty(value):
        return None
    if type(value) is not str:
        raise Misfit
    try:
        number = float(value)
    except ValueError:
        raise Misfit from None
    if not isfinite(number) or "_" in value:  # 1_000 is Python's way to write a number, nobody else's
        raise Misfit
    return number


def _boolean(value: Any) -> bool | None:
    if type(value) is bool:
        return value
    if _is_empty(value):
        return None
    try:
        return TRUTH[str(value)]
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


def _array_of(load: Load, load_at_once: Callable[[list[Any]], list[Any] | None]) -> Load:
    def load_all(value: Any) -> list[Any] | None:
        if type(value) is list and value:
            loaded = load_at_once(value)
            if loaded:
                return loaded
            items: Iterable[Any] = value
        elif _is_empty(value):
            return None
        else:
            items = value.values() if isinstance(value, dict) else [value]
        return [None if item is None else load(item) for item in items]

    return load_all


def _texts_at_once(items: list[Any]) -> list[Any] | None:
    for item in items:
        if type(item) is not str or not item:
            return None
    return items


def _integers_at_once(items: list[Any]) -> list[Any] | None:
    try:
        digits = "".join(items)
        return [*map(int, items)] if digits.isdecimal() and len(digits) <= DIGITS else None
    except (TypeError, ValueError):
        return None


def _is_empty(value: Any) -> bool:
    return not value and (value is None or value == "" or value is False or value == [])


_LOADS: Mapping[str, Load] = {
    "string": text,
    "integer": _integer,
    "link": _link,
    "number": _number,
    "boolean": _boolean,
    "date": calendar_day,
    "date-time": _moment,
    "object": _object,
}

# what a list nearly always holds, without a call for each item; None if it holds something else
_ALL_AT_ONCE: Mapping[str, Callable[[list[Any]], list[Any] | None]] = {
    "string": _texts_at_once,
    "integer": _integers_at_once,
}
