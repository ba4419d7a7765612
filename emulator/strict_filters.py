"""Filters of the universal methods: an unknown field or an invalid value is an error (P3.5, P5.2)."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from .fields import Field
from .filters import Condition, conditions, moment
from .php import is_array
from .registry import RestError

_KEY = re.compile(r"(!=%|!%=|!@|!=|!%|!|><|>=|<=|=%|%=|>|<|@|%|=|)(\w+)")
_TAKES_LISTS = ("", "=", "!=", "@", "!@")


def strict_conditions(
    filter_: Any,
    fields: Mapping[str, Field],
    names: Mapping[str, str],
    zone: ZoneInfo,
    now: Any,
    *,
    dates_must_parse: bool,
) -> list[Condition]:
    """The conditions of a filter. `names` maps the method's field names to columns.

    Raises RestError: INVALID_ARG_VALUE, or WRONG_DATETIME_FORMAT if `dates_must_parse`.
    """
    if not is_array(filter_):
        raise RestError("INVALID_ARG_VALUE", "Invalid filter")
    classic: dict[str, Any] = {}
    for key, value in filter_.items() if isinstance(filter_, Mapping) else ():
        match = _KEY.fullmatch(key)
        column = names.get(match[2]) if match else None
        if match is None or column is None:
            raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{key}' is not allowed in filter")
        if is_array(value) and match[1] not in _TAKES_LISTS:
            raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{key}' has invalid value")
        if dates_must_parse and fields[column].type == "datetime" and moment(value, zone, now) is None:
            raise RestError("WRONG_DATETIME_FORMAT", "Wrong datetime format")
        classic[match[1] + column] = value
    return conditions(classic, fields, zone, now)
