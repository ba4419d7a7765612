"""Cut a span of IDs into ranges of about one request each, from the newest down."""

from dataclasses import dataclass, replace
from math import ceil, sqrt

from .keyset import PAGE, Span

_MEMORY = 0.8  # weight of earlier observations after each new range
_Z_SCORE = 2.3  # with random gaps, one range in a hundred holds more rows than fit
_MIN_FILL = 0.5
_CERTAIN_FIT = 0.95
_MAX_GROWTH = 8.0
_MIN_PAGES_IDLE, _MIN_PAGES_BUSY = 5, 25  # pages that justify a request of their own, with and without rate headroom
_OVERHEAD = 1.1  # splitting the tail over the lanes may cost at most 10 % more requests, plus one


@dataclass(frozen=True, slots=True)
class Range:
    """A span to read with one request of `pages` pages."""

    span: Span
    pages: int


class Ranges:
    """The ranges of one span, each expected to hold the rows of one request.

        newest ─▶ │ range │ range │ range │   …   │ above

    The width follows the density seen lately, in rows per ID. IDs have gaps, and a filter adds more, so the density is an
    estimate: the more rows were seen, the closer a range is cut. A range that holds fewer rows costs a short request; one
    that holds more is finished by another request.
    """

    def __init__(self, span: Span, rows: int, ids: int) -> None:
        """Cut `span`; `rows` rows were seen among the `ids` IDs above it."""
        self._rest = span
        self._density = min(1.0, max(rows, 1) / max(ids, 1))
        self._rows_seen = float(max(rows, 1))
        self._share = 0.0
        self._requests = 0
        self._rows_expected = 0.0

    def next(self, pages: int, lanes: int = 1, *, idle: bool = False) -> Range | None:
        """Return the next range down, for a request of at most `pages` pages; None when all is cut.

        The tail is split evenly over `lanes` concurrent requests, so that they end together. `idle`: extra requests are
        harmless at the current request rate.
        """
        rest = self._rest
        if not rest:
            return None
        rows = self._rows_of_next(rest.below - rest.above - 1, pages, lanes, idle)
        above = max(rest.above, rest.below - 1 - ceil(rows / self._density))
        self._rest = replace(rest, below=above + 1)
        self._requests += 1
        self._rows_expected += rows
        return Range(replace(rest, above=above), min(pages, ceil(rows / self._target_fill(rows) / PAGE) + 1))

    def observe(self, rows: int, ids: int) -> None:
        """Learn that a range of `ids` IDs held `rows` rows."""
        rows_before = _MEMORY * self._rows_seen
        density = (rows_before + rows) / (rows_before / self._density + ids)
        self._rows_seen = max(1.0, rows_before + rows)
        latest = min(1.0, rows / ids)
        at_least = latest * (1 - _Z_SCORE * sqrt((1 - latest) / rows)) if rows else 0.0
        if at_least > density:
            density, self._rows_seen = at_least, float(rows)
        self._density = min(1.0, max(density, self._density / _MAX_GROWTH))

    def _target_fill(self, capacity: float) -> float:
        """Return the share of `capacity` rows to expect in a range, so that it rarely holds more than `capacity`."""
        return max(_MIN_FILL, 1 - _Z_SCORE * sqrt((1 - self._density) * (1 / self._rows_seen + 1 / capacity)))

    def _rows_of_next(self, ids: int, pages: int, lanes: int, idle: bool) -> float:
        left = ids * self._density
        capacity = pages * PAGE
        full, certain = capacity * self._target_fill(capacity), capacity * self._density
        if certain > _CERTAIN_FIT * full:
            full = certain
        requests = ceil(left / full)
        if requests > 2 * lanes:
            return full
        if not self._share:
            shares = requests + -(self._requests + requests) % lanes
            if not idle:
                affordable = int(_OVERHEAD * (self._rows_expected + left) / capacity + 1.2)
                shares = min(shares, affordable - self._requests)
            worthwhile = int(left / (min(pages, _MIN_PAGES_IDLE if idle else _MIN_PAGES_BUSY) * PAGE))
            self._share = left / max(1, requests, min(shares, worthwhile))
        return min(self._share, left, full)
