"""Cutting a span of IDs into ranges of about one request each, from the newest down."""

from dataclasses import dataclass, replace
from math import ceil, sqrt

from .keyset import PAGE, Span

_MEMORY = 0.8  # of what was seen before, for each range that is seen
_SURE = 2.3  # standard deviations: where holes come by chance, one range in a hundred holds more than fits
_LEAST_FILL = 0.5
_NEARLY = 0.95
_MOST_GROWTH = 8.0
_FEW, _MANY = 5, 25  # pages that are worth a request of their own: where requests are plenty, and where they are not
_MORE_REQUESTS = 1.1  # than the rows would fill: what sharing out the end may cost then, beside one


@dataclass(frozen=True, slots=True)
class Range:
    """A span to read with one request of `pages` pages."""

    span: Span
    pages: int


class Ranges:
    """The ranges of one span, each expected to hold the rows of one request.

        newest ─▶ │ range │ range │ range │   …   │ above

    Their width follows the density seen lately: rows per ID. IDs have holes, and a filter makes more of them, so it is a
    guess, and the surer the more rows were seen. A range that holds less costs a short request; one that holds more is
    finished by a further request.
    """

    def __init__(self, span: Span, rows: int, ids: int) -> None:
        """Cut `span`, after `rows` rows among `ids` IDs were seen above it."""
        self._rest = span
        self._density = min(1.0, max(rows, 1) / max(ids, 1))
        self._rows_seen = float(max(rows, 1))
        self._share = 0.0
        self._requests = 0
        self._rows_asked = 0.0

    def next(self, pages: int, lanes: int = 1, *, requests_are_plenty: bool = False) -> Range | None:
        """The next range down, for a request of at most `pages` pages; None when all is cut.

        The last ones are shared out among `lanes` requests that run at once: they should end together, and none should run
        alone.
        """
        rest = self._rest
        if not rest:
            return None
        rows = self._rows_to_ask(rest.below - rest.above - 1, pages, lanes, requests_are_plenty)
        above = max(rest.above, rest.below - 1 - ceil(rows / self._density))
        self._rest = replace(rest, below=above + 1)
        self._requests += 1
        self._rows_asked += rows
        return Range(replace(rest, above=above), min(pages, ceil(rows / self._fill(rows) / PAGE) + 1))

    def learn(self, rows: int, ids: int) -> None:
        """A range of `ids` IDs held `rows` rows."""
        rows_before = _MEMORY * self._rows_seen
        seen = (rows_before + rows) / (rows_before / self._density + ids)
        self._rows_seen = max(1.0, rows_before + rows)
        now = min(1.0, rows / ids)
        at_least = now * (1 - _SURE * sqrt((1 - now) / rows)) if rows else 0.0
        if at_least > seen:
            seen, self._rows_seen = at_least, float(rows)
        self._density = min(1.0, max(seen, self._density / _MOST_GROWTH))

    def _fill(self, most: float) -> float:
        """The part of `most` rows that a range should be expected to hold, so that it nearly always holds no more."""
        return max(_LEAST_FILL, 1 - _SURE * sqrt((1 - self._density) * (1 / self._rows_seen + 1 / most)))

    def _rows_to_ask(self, ids: int, pages: int, lanes: int, plenty: bool) -> float:
        left = ids * self._density
        most = pages * PAGE
        full, fits_for_certain = most * self._fill(most), most * self._density
        if fits_for_certain > _NEARLY * full:
            full = fits_for_certain
        requests = ceil(left / full)
        if requests > 2 * lanes:
            return full
        if not self._share:
            shares = requests + -(self._requests + requests) % lanes
            if not plenty:
                affordable = int(_MORE_REQUESTS * (self._rows_asked + left) / (pages * PAGE) + 1.2)
                shares = min(shares, affordable - self._requests)
            worthwhile = int(left / (min(pages, _FEW if plenty else _MANY) * PAGE))
            self._share = left / max(1, requests, min(shares, worthwhile))
        return min(self._share, left, full)
