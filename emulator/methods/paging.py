"""Pages of the universal methods."""

from collections.abc import Callable
from typing import Any

from ..registry import PAGE, Outcome
from .query import Query


def page_of_items(query: Query, start: int, render: Callable[[int], Any]) -> Outcome:
    """A page of 50 under `items`. A negative `start` gives the first page without `total` and `next` (P3.1, P5.3)."""
    if start < 0:
        items = [render(number) for number in query.first(PAGE)]
        return Outcome({"items": items}, rows=len(items))
    ids = query.all()
    offset = start // PAGE * PAGE
    items = [render(number) for number in ids[offset : offset + PAGE]]
    next_offset = offset + PAGE if offset + PAGE < len(ids) else None
    return Outcome({"items": items}, len(ids), next_offset, rows=len(items), counted=True, offset=offset)
