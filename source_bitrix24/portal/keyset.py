"""Keyset pagination, from the highest ID down, several pages in one batch. Pure: nothing is sent here.

    page 0: ID < below           page 1: ID < last ID of page 0           page 2: ID < last ID of page 1  …

The portal resolves these references itself. Past a short page a reference leads to an array (P1.8). Classic lists cast it
to 1, and `ID < 1` matches nothing; stage history answers with an error. Either way a descending chain stops by itself,
while an ascending one would start again from the first row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .batch import Answer, Command
from .dialect import CLASSIC, Dialect
from .errors import BrokenPromise, PortalError
from .oddities import Oddities
from .partial_json import decode, entries_of

PAGE = 50  # P2.1
NEWEST = 1 << 62  # above every ID
_MOST_DIGITS = 19  # of an ID
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The IDs strictly between two bounds, all by default. False if no ID lies between them."""

    above: int = 0
    below: int = NEWEST

    def __bool__(self) -> bool:
        return self.below - self.above > 1

    @property
    def exhausted(self) -> "Span":
        """This span after everything in it has been read."""
        return Span(self.above, self.above + 1)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list method and its parameters. The filter must not name the ID, which belongs to the pagination.

    `odd`: counts what its pages held that is no row or no text.
    """

    method: str
    select: tuple[str, ...] = ()
    filter: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    dialect: Dialect = CLASSIC
    odd: Oddities = field(default_factory=Oddities, compare=False)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page, by descending ID; the span that is left below them; the error that ends the chain behind them."""

    rows: list[Row]
    left: Span
    error: PortalError | None = None


def chain_pages(listing: Listing, span: Span, pages: int, name: str = "p") -> dict[str, Command]:
    """Return commands that read up to `pages` pages of a span, each below the one before. Their keys start with `name`."""
    rows = f"[{listing.dialect.rows_in}]" if listing.dialect.rows_in else ""
    commands = {f"{name}0": _page(listing, span.above, span.below)}
    for page in range(1, pages):
        last_id = f"$result[{name}{page - 1}]{rows}[{PAGE - 1}][{listing.dialect.id}]"
        commands[f"{name}{page}"] = _page(listing, span.above, last_id)
    return commands


def read_pages(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str = "p") -> Iterator[Page]:
    """Yield the pages of a chain in order, up to the first short one; what is behind it is discarded (P1.8).

    An entry that is no row costs itself; it still counts for the length of its page. Where it is the last one of a full
    page, the reference to it led nowhere, so the chain ends there, and what is below the page's last row is left. So it is
    behind a list with holes, since nothing shows how many of its rows are missing.

    A page is decoded when it is taken. The last page has what is left of the span: nothing, unless the chain was too short
    or an error stopped it; an error on the first page comes with no rows. Raises BrokenPromise if IDs do not fall strictly
    inside the span: the portal ignored the filter or the order, and no row can be trusted.
    """
    page = 0
    while answer := answers.get(f"{name}{page}"):
        if answer.error is not None:
            yield Page([], span, answer.error)
            return
        rows, ids, is_last, holds = _rows(listing, answer)
        lowest = _lowest_id(listing, ids, span)
        span = span.exhausted if is_last else replace(span, below=lowest)
        yield Page(rows, span)
        if is_last or not holds:
            return
        page += 1


def read_all_pages(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str = "p") -> Page:
    """Return all pages of a chain as one."""
    rows: list[Row] = []
    page = Page([], span)
    for page in read_pages(listing, span, answers, name):
        rows += page.rows
    return replace(page, rows=rows)


def _page(listing: Listing, above: int, below: int | str) -> Command:
    key = listing.dialect.id
    bounds = {f">{key}": above} if below == NEWEST else {f">{key}": above, f"<{key}": below}
    select = {"select": listing.select} if listing.select else {}
    # P2.4: start=-1 spares the portal the count
    paging = {"order": {key: "DESC"}, "filter": {**listing.filter, **bounds}, "start": -1}
    return Command(listing.method, {**listing.params, **select, **paging})


def _rows(listing: Listing, answer: Answer) -> tuple[list[Row], list[int], bool, bool]:
    """Return the rows of a page, their IDs, whether it is the last one, and whether the chain goes on from its last row."""
    sent = decode(answer.raw, listing.odd)
    if listing.dialect.rows_in and isinstance(sent, dict):
        sent = sent.get(listing.dialect.rows_in)
    entries = entries_of(sent)
    if entries is None or len(entries) > PAGE:
        raise BrokenPromise(listing.method, "a page is no list of up to 50 rows")
    has_holes = isinstance(sent, dict)
    rows = entries
    ids = _all_ids(entries, listing.dialect.id)
    if ids is None:
        numbers = [_id(entry, listing.dialect.id) for entry in entries]
        ids = [number for number in numbers if number is not None]
        rows = [entry for entry, number in zip(entries, numbers, strict=True) if number is not None]
        if not rows and (has_holes or len(entries) == PAGE or any(entries)):
            raise BrokenPromise(listing.method, f"no row of a page has a number as its {listing.dialect.id}")
        listing.odd.rows += len(entries) - len(rows)
    is_full = len(entries) == PAGE
    last = sent.get(str(PAGE - 1)) if has_holes else entries[-1] if is_full else None
    return rows, ids, not (is_full or has_holes), bool(rows) and last is rows[-1]


def _lowest_id(listing: Listing, ids: list[int], span: Span) -> int:
    below = span.below
    for record in ids:
        if not span.above < record < below:
            raise BrokenPromise(listing.method, "rows are out of the requested order or range")
        below = record
    return below


def _all_ids(entries: list[Any], key: str) -> list[int] | None:
    """Return the IDs if every entry is a row with an ID of digits."""
    try:
        texts = [entry[key] for entry in entries]
        digits = "".join(texts)
        return list(map(int, texts)) if digits.isdecimal() and digits.isascii() else None
    except (TypeError, KeyError, ValueError):
        return None


def _id(entry: Any, key: str) -> int | None:
    number = entry.get(key) if type(entry) is dict else None
    if type(number) is str:
        return int(number) if number.isdecimal() and number.isascii() and len(number) <= _MOST_DIGITS else None
    return number if type(number) is int else None
