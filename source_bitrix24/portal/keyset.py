"""Reading a list by its key, from the highest ID down, several pages in one batch. Pure: nothing is sent here.

    page 0: ID < below           page 1: ID < last ID of page 0           page 2: ID < last ID of page 1  …

The portal resolves these references itself. Past a short page a reference leads to an array (P1.8). Classic lists cast it
to 1, and `ID < 1` matches nothing; stage history answers with an error. Either way a descending chain stops by itself,
while an ascending one would start again from the first row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .batch import Answer, Command
from .dialect import CLASSIC, Dialect
from .errors import BrokenPromise, PortalError

PAGE = 50  # P2.1
Row = dict[str, Any]


NEWEST = 1 << 62


@dataclass(frozen=True, slots=True)
class Span:
    """The IDs strictly between two bounds: by default all. False if there is none between them."""

    above: int = 0
    below: int = NEWEST

    def __bool__(self) -> bool:
        return self.below - self.above > 1

    @property
    def nothing_left(self) -> "Span":
        """This span once all of it is read."""
        return Span(self.above, self.above + 1)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list method and what to ask of it. The filter must not name the ID, which is the reader's."""

    method: str
    select: tuple[str, ...] = ()
    filter: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    dialect: Dialect = CLASSIC


@dataclass(frozen=True, slots=True)
class Run:
    """Pages in order: rows by falling ID, what is left of the span below them, and the error that cut them short."""

    rows: list[Row]
    left: Span
    error: PortalError | None = None


def chain(listing: Listing, span: Span, pages: int, name: str = "p") -> dict[str, Command]:
    """Commands that read up to `pages` pages of a span, each below the one before. Their keys start with `name`."""
    rows = f"[{listing.dialect.rows_in}]" if listing.dialect.rows_in else ""
    commands = {f"{name}0": _page(listing, span.above, span.below)}
    for page in range(1, pages):
        last_id = f"$result[{name}{page - 1}]{rows}[{PAGE - 1}][{listing.dialect.id}]"
        commands[f"{name}{page}"] = _page(listing, span.above, last_id)
    return commands


def gather(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str = "p") -> Run:
    """Take the pages of a chain in order, up to the first short one; everything behind that is thrown away (P1.8).

    IDs must fall strictly and stay inside the span, else BrokenPromise is raised: the portal ignored the filter or the
    order, and no row can be trusted. An error that stops the chain is in `Run.error`; the rows before it count.
    """
    rows: list[Row] = []
    below = span.below
    page = 0
    while answer := answers.get(f"{name}{page}"):
        if answer.error is not None:
            return Run(rows, replace(span, below=below), answer.error)
        found = _rows(listing, answer)
        below = _lowest_id(listing, found, span.above, below)
        rows += found
        if len(found) < PAGE:
            return Run(rows, span.nothing_left)
        page += 1
    return Run(rows, replace(span, below=below))


def _page(listing: Listing, above: int, below: int | str) -> Command:
    key = listing.dialect.id
    bounds = {f">{key}": above} if below == NEWEST else {f">{key}": above, f"<{key}": below}
    select = {"select": listing.select} if listing.select else {}
    # P2.4: start=-1 spares the portal the count
    how = {"order": {key: "DESC"}, "filter": {**listing.filter, **bounds}, "start": -1}
    return Command(listing.method, {**listing.params, **select, **how})


def _rows(listing: Listing, answer: Answer) -> list[Row]:
    rows = answer.result
    if listing.dialect.rows_in and isinstance(rows, dict):
        rows = rows.get(listing.dialect.rows_in)
    if not isinstance(rows, list) or len(rows) > PAGE:
        raise BrokenPromise(listing.method, "a page is no list of up to 50 rows")
    return rows


def _lowest_id(listing: Listing, rows: list[Row], above: int, below: int) -> int:
    key = listing.dialect.id
    for row in rows:
        try:
            record = int(row[key])
        except (KeyError, TypeError, ValueError):
            raise BrokenPromise(listing.method, f"a row has no number as its {key}") from None
        if not above < record < below:
            raise BrokenPromise(listing.method, "rows are out of the order or the range that was asked for")
        below = record
    return below
