"""Cutting a span of IDs into ranges of about one request each, from the newest down."""

from dataclasses import dataclass, replace
from math import ceil

from .keyset import PAGE, Span

_FILL = 0.97  # of a request's rows: a range that holds a little more than expected still fits
_WORTH_A_REQUEST = 25  # pages: what is left at the end is shared out in ranges no smaller than this
_MOST_GROWTH = 8.0


@dataclass(frozen=True, slots=True)
class Range:
    """A span to read with one request of `pages` pages."""

    span: Span
    pages: int


class Ranges:
    """The ranges of one span, each expected to hold the rows of one request.

        newest ─▶ │ range │ range │ range │   …   │ above

    Their width follows the density seen last: rows per ID. IDs have holes, and a filter makes more of them, so it is a
    guess. A range that holds less costs a short request; one that holds more is finished by a further request.
    """

    def __init__(self, span: Span, rows: int, ids: int, width: int) -> None:
        """Cut `span`, after `rows` rows among `ids` IDs were seen above it; `width` requests run at once."""
        self._rest = span
        self._density = max(rows, 1) / max(ids, 1)
        self._width = width

    def next(self, pages: int) -> Range | None:
        """The next range down, for a request of at most `pages` pages; None when all is cut."""
        rest = self._rest
        if not rest:
            return None
        rows = self._rows_to_ask((rest.below - rest.above - 1) * self._density, pages)
        above = max(rest.above, rest.below - 1 - ceil(rows / self._density))
        self._rest = replace(rest, below=above + 1)
        return Range(replace(rest, above=above), min(pages, ceil(rows / PAGE / _FILL) + 1))

    def learn(self, rows: int, ids: int) -> None:
        """A range of `ids` IDs held `rows` rows."""
        self._density = max(max(rows, 1) / max(ids, 1), self._density / _MOST_GROWTH)

    def _rows_to_ask(self, left: float, pages: int) -> float:
        full = pages * PAGE * _FILL
        requests = ceil(left / full)
        if requests >= self._width:
            return full
        # towards the end: no request should be left to run alone
        worthwhile = int(left / (min(pages, _WORTH_A_REQUEST) * PAGE))
        return left / max(1, requests, min(self._width, worthwhile))
