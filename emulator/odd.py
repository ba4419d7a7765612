"""Odd answers: what a portal, or something between it and its clients, makes of a method's result.

portal.odd["crm.deal.list"] = values(DATE_MODIFY="soon")            every row
portal.odd["crm.deal.list"] = values(only={57}, OPPORTUNITY=raw(b"1e999"))
portal.odd["crm.deal.list"] = instead_of_rows({57: None})
portal.odd["crm.deal.list"] = holes({57})
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

from .php import shape
from .wire import Row

Odd = Callable[[Any], Any]


def raw(json: bytes) -> Any:
    """Return a value that is sent as exactly these bytes, JSON or not."""
    return orjson.Fragment(json)


def values(only: Collection[int] | None = None, **columns: Any) -> Odd:
    """Replace values in the rows with the IDs `only`, or in all rows."""
    return _each_row(lambda row: row | columns if only is None or _id(row) in only else row)


def instead_of_rows(sent: Mapping[int, Any]) -> Odd:
    """Send something else in the place of the rows with these IDs."""
    return _each_row(lambda row: sent.get(_id(row), row))


def holes(ids: Collection[int]) -> Odd:
    """Take rows out of a page behind its query; PHP then writes a map, or a shorter list (P1.11)."""
    return _on_rows(lambda rows: shape({str(place): row for place, row in enumerate(rows) if _id(row) not in ids}))


def _each_row(change: Callable[[Row], Any]) -> Odd:
    return _on_rows(lambda rows: [change(row) for row in rows])


def _on_rows(change: Callable[[list[Row]], Any]) -> Odd:
    def odd(result: Any) -> Any:
        if isinstance(result, dict):
            return {name: change(part) if isinstance(part, list) else part for name, part in result.items()}
        return change(result)

    return odd


def _id(row: Row) -> int:
    return int(row.get("ID") or row.get("id") or 0)
