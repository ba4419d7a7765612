"""Pages of the universal methods."""

from collections.abc import Callable
from dataclasses import replace
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
    passed = min(offset, len(ids))  # a database walks past the rows that there are, and no further
    return Outcome({"items": items}, len(ids), next_offset, rows=len(items), counted=True, offset=passed)


def page_of(outcome: Outcome, start: int, size: int) -> Outcome:
    """A page of a list that the portal returns whole: from any `start` on, with `total` and `next`."""
    if not isinstance(outcome.result, list):
        (name, rows) = next(iter(outcome.result.items()))
        page = page_of(replace(outcome, result=rows), start, size)
        return replace(page, result={name: page.result})
    total, end = len(outcome.result), start + size
    return replace(outcome, result=outcome.result[start:end], total=total, next=end if end < total else None)
