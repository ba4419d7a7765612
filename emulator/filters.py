"""Filters, orders and selections of the classic lists, which silently ignore what they do not know (P2.7 to P2.16)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from .fields import Field
from .php import int_cast, is_array, values

_KEY = re.compile(r"(!?)(\+?)(>=|<=|=%|%=|\*=|\*%|>|<|@|%|\?|\*|=|)([A-Z][A-Z0-9_]*)")
_LIKE = ("%", "=%", "%=", "?", "*", "*%", "*=")
_COMPARED_AS_CODES = ("crm_status", "crm_company", "crm_contact")

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a filter that names a column. `value`: `raw` cast to the column's type, None if it cannot be parsed."""

    field: Field
    operator: str
    raw: Any
    value: Any
    test: Test


def conditions(
    filter_: Mapping[str, Any], fields: Mapping[str, Field], zone: ZoneInfo, now: datetime
) -> list[Condition]:
    """The conditions of a filter. Unknown names, lower-case names and empty lists give no condition (P2.10, P2.11)."""
    found = []
    for key, value in filter_.items():
        match = _KEY.fullmatch(key)
        if not match or match[4] not in fields:
            continue
        negated, or_null, operator, field = match[1], match[2], match[3], fields[match[4]]
        if is_array(value) and not value and operator in ("@", "=", ""):
            continue
        if operator in _LIKE and field.type in _COMPARED_AS_CODES:
            operator = ""
        test = _test(operator, field, value, zone, now)
        if negated:
            test = _negated(test)
        elif or_null:
            test = _or_null(test)
        cast = None if operator in _LIKE or operator == "@" else _cast(field, value, zone, now)
        found.append(Condition(field, f"{negated}{or_null}{operator}", value, cast, test))
    return found


def moment(value: Any, zone: ZoneInfo, now: datetime) -> datetime | None:
    """A time as strtotime parses it, in the portal's local time, which it is in if it has no offset (P2.13)."""
    text = str(value).strip() if not is_array(value) else ""
    if text == "yesterday":
        return datetime(now.year, now.month, now.day) - timedelta(days=1)
    if match := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})(.*)", text):
        text = f"{match[3]}-{match[2]}-{match[1]}{match[4]}"
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    if parsed.tzinfo:
        parsed = parsed.astimezone(zone)
    return parsed.replace(tzinfo=None, microsecond=0, fold=0)


def ordered(order: Any, fields: Mapping[str, Field]) -> list[tuple[Field, bool]]:
    """The known fields of an order, and whether each is descending, as it is unless it says ASC (P2.7)."""
    if not isinstance(order, Mapping):
        return []
    return [(fields[key], str(direction).upper() != "ASC") for key, direction in order.items() if key in fields]


def selected(select: Any, fields: Mapping[str, Field]) -> list[Field]:
    """The columns of a `select`: masks and names, and always ID; unknown names are ignored (P2.16)."""
    names = [str(name) for name in values(select)] if is_array(select) else []
    if not names:
        names = ["*"]
    chosen = {"ID"}
    for name, field in fields.items():
        if not field.sent:
            continue
        if name in names:
            chosen.add(name)
        elif field.is_user_field:
            if "UF_*" in names:
                chosen.add(name)
        elif name.startswith("PROPERTY_"):
            if "PROPERTY_*" in names:
                chosen.add(name)
        elif "*" in names and field.in_default_select:
            chosen.add(name)
    return [field for name, field in fields.items() if name in chosen]


def comparable(field: Field, value: Any) -> Any:
    """A column's value in the form that the database compares; None for NULL."""
    if isinstance(value, bool):
        return ("1" if value else "0") if field.type == "boolean" else ("y" if value else "n")
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, (list, dict)):
        return str(value)
    return value


def _negated(test: Test) -> Test:
    return lambda value: value is None or not test(value)


def _or_null(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _test(operator: str, field: Field, value: Any, zone: ZoneInfo, now: datetime) -> Test:
    if operator == "@" or (operator in ("", "=") and is_array(value)):
        accepted = [_cast(field, item, zone, now) for item in (values(value) if is_array(value) else [value])]
        return lambda found: found is not None and found in accepted
    if operator in _LIKE:
        return _like(operator, str(value))
    bound = _cast(field, value, zone, now)
    if bound is None:
        return lambda found: found is None  # P2.14: a date that cannot be parsed matches NULL
    zero_matches_null = field.is_whole_number and bound == 0 and operator in ("", "=", "<=", ">=")
    compare = _COMPARE[operator]
    return lambda found: zero_matches_null if found is None else compare(found, bound)


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "": lambda found, bound: bool(found == bound),
    "=": lambda found, bound: bool(found == bound),
    ">": lambda found, bound: bool(found > bound),
    "<": lambda found, bound: bool(found < bound),
    ">=": lambda found, bound: bool(found >= bound),
    "<=": lambda found, bound: bool(found <= bound),
}


def _like(operator: str, pattern: str) -> Test:
    if operator in ("=%", "%="):
        expression = "".join(".*" if char == "%" else re.escape(char) for char in pattern)
        return lambda found: (
            found is not None and re.fullmatch(expression, str(found), re.IGNORECASE | re.DOTALL) is not None
        )
    return lambda found: found is not None and pattern.casefold() in str(found).casefold()


def _cast(field: Field, value: Any, zone: ZoneInfo, now: datetime) -> Any:
    if field.is_whole_number:
        return int_cast(value)  # P1.8: an array is 1, an empty one 0
    if field.type == "datetime":
        return moment(value, zone, now)
    if field.type == "date":
        parsed = moment(value, zone, now)
        return parsed and date(parsed.year, parsed.month, parsed.day)
    if field.type == "double":
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return Decimal(0)
    return comparable(field, "" if is_array(value) else str(value))
