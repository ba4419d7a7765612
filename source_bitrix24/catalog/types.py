"""The types of columns: each one's JSON schema, and how one value of it is loaded.

Classic lists send everything as text, and mark emptiness by "", false, [] or a missing key (P2.17). A loader returns None
for an empty value and raises Misfit for a value that its type cannot hold.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from ..portal.exact import LARGEST_INTEGER, SAFE_LENGTH, exact_float

Schema = dict[str, Any]
Load = Callable[[Any], Any]

BOOLEANS = {"Y": True, "N": False, "1": True, "0": False}
_SAFE_DIGITS = 18  # always fit a signed 64-bit integer
_MAX_INTEGER = 2**63 - 1  # the largest integer of JSON readers and warehouses
_NEVER = 9999  # the year by which an activity says that it has no deadline (P11.4)
_FIRST_DAYS, _LAST_DAYS = "0001-01-03", "9999-12-30"  # outside of them UTC may be in a year that does not exist
_HALF_A_DAY = timedelta(hours=12)
_DATETIME = "0000-00-00T00:00:00-00:00"  # with every digit as 0, and + as -
_AS_PATTERN = str.maketrans("123456789+", "000000000-")


class Misfit(ValueError):
    """A value that the type of its column cannot hold."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type of column. `load_texts`: a shortcut for many filled texts; it returns None where `load` has to decide."""

    schema: Schema
    load: Load
    load_texts: Callable[[Sequence[str]], list[Any] | None] | None = None


def is_empty(value: Any) -> bool:
    """Whether a value is one of the portal's ways to say "nothing"."""
    return not value and (value is None or value == "" or value is False or value == [])


def load_text(value: Any) -> str | None:
    """Load any value as text: JSON for lists and maps."""
    if isinstance(value, str):
        return value or None
    if is_empty(value) or value == {}:
        return None
    if value is True:
        return "1"
    return _json_text(value) if isinstance(value, (dict, list)) else str(value)


def _json_text(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_sent(value: Any) -> Any:
    """Return a value to be kept beside its column: integers that a double does not hold are texts."""
    if type(value) is int:
        return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else str(value)
    if isinstance(value, list):
        return [as_sent(item) for item in value]
    if isinstance(value, dict):
        return {name: as_sent(item) for name, item in value.items()}
    return value


def load_integer(value: Any) -> int | None:
    """Load an integer of at most 64 bits."""
    if is_empty(value):
        return None
    if type(value) is float and value.is_integer() and abs(value) <= LARGEST_INTEGER:
        value = int(value)
    if type(value) is not int and (type(value) is not str or "_" in value):  # 1_000 is Python's way to write a number
        raise Misfit
    try:
        number = int(value)
    except ValueError:
        raise Misfit from None
    if not -_MAX_INTEGER <= number <= _MAX_INTEGER:
        raise Misfit
    return number


def load_reference(value: Any) -> int | None:
    """Load an ID of another record; the portal writes 0 for "none"."""
    number = load_integer(value)
    if number is not None and number < 0:
        raise Misfit
    return number or None


def load_pipeline(value: Any) -> int:
    """Load the ID of a pipeline; nothing means the default one, whose ID is 0 (P12.4)."""
    return load_integer(value) or 0


def load_number(value: Any) -> float | int | None:
    """Load a number that a double holds as it is written; every reader and warehouse can hold it."""
    if is_empty(value):
        return None
    number: float | int | None = None
    if type(value) is int:
        number = value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else None
    elif type(value) is float:
        number = value if isfinite(value) else None
    elif type(value) is str and "_" not in value:
        try:
            number = exact_float(value)
        except ValueError:
            raise Misfit from None
    if number is None:
        raise Misfit
    return number


def load_boolean(value: Any) -> bool | None:
    """Load a flag; JSON's false is "no", not empty."""
    if type(value) is bool:
        return value
    if is_empty(value):
        return None
    flag = BOOLEANS.get(str(value))
    if flag is None:
        raise Misfit
    return flag


@lru_cache(maxsize=8192)  # a company has fewer days than records
def _day(text: str) -> str:
    try:
        day = datetime.fromisoformat(text)
        if day.tzinfo:
            day = day.astimezone(UTC) + _HALF_A_DAY
    except (ValueError, OverflowError):
        raise Misfit from None
    return day.date().isoformat()


def load_date(value: Any) -> str | None:
    """Load a calendar day.

    The portal sends the day's midnight, in UTC or nearly so, in its own zone (P2.15, P11): west of Greenwich that reads as
    the evening before. The nearest midnight of UTC is right in every zone.
    """
    if is_empty(value):
        return None
    if type(value) is not str:
        raise Misfit
    return _day(value)


def load_datetime(value: Any) -> str | None:
    """Load a moment with its offset, as RFC 3339 text."""
    if is_empty(value):
        return None
    moment = _moment(value)
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise Misfit from None
    return value if value.translate(_AS_PATTERN) == _DATETIME else moment.isoformat()


def load_deadline(value: Any) -> str | None:
    """Load a moment that may never come: the portal then writes the year 9999."""
    return None if is_empty(value) or _moment(value).year == _NEVER else load_datetime(value)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Misfit from None
    if moment.tzinfo is None:
        raise Misfit
    return moment


def load_object(value: Any) -> dict[str, Any] | None:
    """Load a map. PHP sends a map with the keys 0, 1, … as a list (P1.11)."""
    if isinstance(value, dict):
        return value or None
    if is_empty(value):
        return None
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    raise Misfit


def object_loader(parts: Mapping[str, Load]) -> Load:
    """Return the loader of a map with typed parts; other parts stay as they are."""

    def load(value: Any) -> dict[str, Any] | None:
        found = load_object(value)
        if found is None:
            return None
        return found | {name: load_part(found.get(name)) for name, load_part in parts.items()}

    return load


def list_loader(load: Load) -> Load:
    """Return the loader of a list. PHP sends a list with holes as a map (P1.11); a single value is a list of one."""

    def load_list(value: Any) -> list[Any] | None:
        if is_empty(value):
            return None
        items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
        return [load(item) for item in items]

    return load_list


def _integers(texts: Sequence[str]) -> list[Any] | None:
    digits = "".join(texts)
    if digits.isascii() and digits.isdecimal() and max(map(len, texts)) <= _SAFE_DIGITS:
        return list(map(int, texts))
    return None


def _numbers(texts: Sequence[str]) -> list[Any] | None:
    try:
        numbers = list(map(float, texts))
    except ValueError:
        return None
    letters = "".join(texts)
    if not isfinite(sum(numbers)) or "_" in letters or "e" in letters.lower():
        return None
    if max(map(len, texts)) <= SAFE_LENGTH:
        return numbers
    return None if None in map(exact_float, texts) else numbers


def _datetimes(texts: Sequence[str]) -> list[Any] | None:
    if "".join(texts).translate(_AS_PATTERN) != _DATETIME * len(texts):
        return None
    if min(texts) < _FIRST_DAYS or max(texts) > _LAST_DAYS:
        return None
    try:
        for _ in map(datetime.fromisoformat, texts):
            pass
    except ValueError:
        return None
    return list(texts)


_NULL_OR: Callable[[str], list[str]] = lambda json_type: ["null", json_type]  # noqa: E731
_MOMENT = {"type": _NULL_OR("string"), "format": "date-time", "airbyte_type": "timestamp_with_timezone"}

TYPES: Mapping[str, ColumnType] = {
    "text": ColumnType({"type": _NULL_OR("string")}, load_text, list),
    "integer": ColumnType({"type": _NULL_OR("integer")}, load_integer, _integers),
    "reference": ColumnType({"type": _NULL_OR("integer"), "x-zero-is-null": True}, load_reference),
    "pipeline": ColumnType({"type": _NULL_OR("integer"), "x-null-is-zero": True}, load_pipeline),
    "number": ColumnType({"type": _NULL_OR("number")}, load_number, _numbers),
    "boolean": ColumnType({"type": _NULL_OR("boolean")}, load_boolean),
    "date": ColumnType({"type": _NULL_OR("string"), "format": "date"}, load_date),
    "datetime": ColumnType(_MOMENT, load_datetime, _datetimes),
    "deadline": ColumnType({**_MOMENT, "x-never-is-null": True}, load_deadline),
    "object": ColumnType({"type": _NULL_OR("object"), "additionalProperties": True}, load_object),
}
