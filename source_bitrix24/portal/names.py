"""Names of columns: tables have them in capitals, some methods in camel case (P3.3, P15.4)."""

import re
from functools import cache

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def upper_name(name: str) -> str:
    """Return a name in capitals: `STAGE_ID` of `stageId`. Names in capitals stay as they are."""
    return _BEFORE_CAPITAL.sub("_", name).upper()


@cache
def camel_name(column: str) -> str:
    """Return a column's name in camel case: `stageId` of `STAGE_ID`."""
    first, *rest = column.lower().split("_")
    return first + "".join(map(str.capitalize, rest))
