"""Keyset pagination, from the highest ID down, several pages in one batch. Pure: nothing is sent here.

    page 0: ID < below     page 1: ID < last ID of page 0     page 2: ID < last ID of page 1  …     foot: the lowest IDs

The portal resolves these references itself. Past a short page a reference leads to an array (P1.8). Classic lists cast it
to 1, and `ID < 1` matches nothing; stage history answers with an error. Either way a descending chain stops by itself,
while an ascending one would start again from the first row.

A short page alone does not prove that the list ends there (P2.21). An empty page below it would, but no reference leads to
the last row of a short page. So the last command of a chain reads the list from its other end: the foot. Where it reaches
up to the last row of the chain, nothing lies between them. Where nothing proves the end, the next request begins there.

Where references are not to be trusted (`Dialect.windows`), each page is a window of 50 IDs, so it holds all rows there are:

    page 0: below - 51 < ID < below     page 1: below - 101 < ID < below - 50     …
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .batch import Answer, Command
from .dialect import CLASSIC, Dialect
from .errors import BrokenPromise, PortalError
from .names import camel_name, upper_name
from .oddities import Oddities
from .partial_json import decode, entries_of

PAGE = 50  # P2.1
NEWEST = 1 << 62  # above every ID
_MOST_DIGITS = 19  # of an ID
_FOOT = "foot"
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

    `select` and `filter` name columns; `names`: how the method spells those that it spells otherwise. `odd`: counts what its
    pages held that is no row or no text.
    """

    method: str
    select: tuple[str, ...] = ()
    filter: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    dialect: Dialect = CLASSIC
    names: Mapping[str, str] = field(default_factory=dict)
    odd: Oddities = field(default_factory=Oddities, compare=False)

    @property
    def pages_at_once(self) -> int | None:
        """The most pages of one request: one where windows would mostly be empty, since few rows match the filter."""
        return 1 if self.dialect.windows and self.filter else None

    @property
    def sent_id(self) -> str:
        """The name of the key column in the rows that the method sends."""
        column = self.dialect.id
        return self.names.get(column) or (camel_name(column) if self.dialect.is_camel else column)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page, by descending ID; the span that is left below them; the error that ends the chain behind them."""

    rows: list[Row]
    left: Span
    error: PortalError | None = None


def chain_pages(listing: Listing, span: Span, pages: int, name: str = "p") -> dict[str, Command]:
    """Return `pages` commands that read a span: each page below the one before, the last one from the other end.

    Their keys start with `name`. A single page has no foot, and windows have none.
    """
    if listing.dialect.windows:
        return {
            f"{name}{page}": _page(listing, one.above, one.below)
            for page, one in enumerate(_windows(listing, span, pages))
        }
    commands = {f"{name}0": _page(listing, span.above, span.below)}
    for page in range(1, pages - 1):
        last_id = _reference(listing, f"{name}{page - 1}", PAGE - 1)
        commands[f"{name}{page}"] = _page(listing, span.above, last_id)
    if pages > 1:
        # where page 0 is empty, so is the list: the reference leads to [], and the foot costs no search
        commands[f"{name}{_FOOT}"] = _page(listing, span.above, _reference(listing, f"{name}0", 0), "ASC")
    return commands


def _windows(listing: Listing, span: Span, pages: int) -> list[Span]:
    """Return the parts of a span that its pages read; a single one with the whole span, where windows are of no use."""
    if span.below == NEWEST or listing.filter:
        return [span]
    tops = range(span.below, span.above + 1, -PAGE)[:pages]
    return [Span(max(span.above, top - 1 - PAGE), top) for top in tops]


def read_pages(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str = "p") -> Iterator[Page]:
    """Yield the pages of a chain in order, up to the first short one; what is behind it is discarded (P1.8).

    An entry that is no row costs itself; it still counts for the length of its page. Where it is the last one of a full
    page, the reference to it led nowhere, so the chain ends there. So it does behind a list with holes, since nothing shows
    how many of its rows are missing.

    A page is decoded when it is taken. The last page has what is left of the span: nothing if the span is empty or the foot
    proves its end; an error on the first page comes with no rows. Raises BrokenPromise if IDs do not fall strictly inside
    the span: the portal ignored the filter or the order, and no row can be trusted.
    """
    whole = span
    page, is_lone = 0, False
    is_windowed = listing.dialect.windows and _windows(listing, span, 1) != [span]
    while answer := answers.get(f"{name}{page}"):
        if answer.error is not None:
            yield Page([], span, answer.error)
            return
        sent = _sent(listing, answer, listing.odd)
        lowest = _lowest_id(listing, sent.ids, span)
        if is_windowed:  # IDs in a window are as many as rows in a page
            span = replace(span, below=max(span.above + 1, span.below - PAGE))
            yield Page(sent.rows, span)
            page += 1
            continue
        span = replace(span, below=lowest) if page or sent.rows else span.exhausted
        is_lone = page == 0 and sent.is_short and sent.entries == 1
        yield Page(sent.rows, span)
        if sent.is_short or not sent.leads_on:
            break
        page += 1
    foot = _foot(listing, whole, answers, name) if span else None
    if foot is None:
        return
    # no ID lies between the chain and the foot, or the chain's only row has none below it
    if (foot.ids and foot.ids[0] >= span.below - 1) or (is_lone and not foot.entries):
        rows = [row for row, number in zip(foot.rows, foot.ids, strict=True) if number < span.below]
        if rows:
            listing.odd.add(foot.odd)
        yield Page(rows, span.exhausted)


def read_all_pages(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str = "p") -> Page:
    """Return all pages of a chain as one."""
    rows: list[Row] = []
    page = Page([], span)
    for page in read_pages(listing, span, answers, name):
        rows += page.rows
    return replace(page, rows=rows)


def read_foot(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str = "p") -> list[Row] | None:
    """Return the lowest rows of a span below its highest one, a page of them at most, by descending ID.

    None if the chain has no foot, or if the portal refused it.
    """
    foot = _foot(listing, span, answers, name)
    if foot is None:
        return None
    listing.odd.add(foot.odd)
    return foot.rows


def _foot(listing: Listing, span: Span, answers: Mapping[str, Answer], name: str) -> "_Sent | None":
    answer = answers.get(f"{name}{_FOOT}")
    if answer is None or answer.error is not None:
        return None
    sent = _sent(listing, answer, Oddities())
    foot = replace(sent, rows=sent.rows[::-1], ids=sent.ids[::-1])
    _lowest_id(listing, foot.ids, span)
    return foot


def _reference(listing: Listing, key: str, place: int) -> str:
    rows = f"[{listing.dialect.rows_in}]" if listing.dialect.rows_in else ""
    return f"$result[{key}]{rows}[{place}][{listing.sent_id}]"


def _page(listing: Listing, above: int, below: int | str, direction: str = "DESC") -> Command:
    dialect, names = listing.dialect, listing.names
    key = names.get(dialect.id, dialect.id)
    bounds = {f">{key}": above} if below == NEWEST else {f">{key}": above, f"<{key}": below}
    select = {"select": [names.get(column, column) for column in listing.select]} if listing.select else {}
    order = (
        {"order": {key: direction}} if dialect.sort is None else dict(zip(dialect.sort, (key, direction), strict=True))
    )
    filter_ = {_sent_condition(condition, names): value for condition, value in listing.filter.items()}
    # P2.4: start=-1 spares the portal the count
    return Command(
        listing.method, {**listing.params, **select, **order, dialect.filter: {**filter_, **bounds}, "start": -1}
    )


def _sent_condition(condition: str, names: Mapping[str, str]) -> str:
    column = condition.lstrip("<>=!@%")
    return condition.removesuffix(column) + names.get(column, column)


@dataclass(frozen=True, slots=True)
class _Sent:
    """The rows of a page and their IDs; how many entries it has, rows or not.

    `is_short`: it has fewer entries than a page, and no holes. `leads_on`: a reference to its last entry leads to its last
    row. `odd`: what is counted of it.
    """

    rows: list[Row]
    ids: list[int]
    entries: int
    is_short: bool
    leads_on: bool
    odd: Oddities


def _sent(listing: Listing, answer: Answer, odd: Oddities) -> _Sent:
    sent = decode(answer.raw, odd)
    if listing.dialect.rows_in and isinstance(sent, dict):
        sent = sent.get(listing.dialect.rows_in)
    if listing.dialect.is_camel:
        sent = _with_columns(sent, listing.names)
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
        odd.rows += len(entries) - len(rows)
    is_full = len(entries) == PAGE
    last = sent.get(str(PAGE - 1)) if has_holes else entries[-1] if is_full else None
    leads_on = bool(rows) and last is rows[-1]
    return _Sent(rows, ids, len(entries), not (is_full or has_holes), leads_on, odd)


def _with_columns(sent: Any, names: Mapping[str, str]) -> Any:
    """Return rows, a list or a map of them, with the names of columns in place of the method's."""
    columns = {name: column for column, name in names.items()}

    def named(row: Any) -> Any:
        if type(row) is not dict:
            return row
        return {columns.get(name) or upper_name(name): value for name, value in row.items()}

    if isinstance(sent, dict):
        return {place: named(row) for place, row in sent.items()}
    return list(map(named, sent)) if isinstance(sent, list) else sent


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
