"""Which IDs of a list are there, by numbers: IDs are read only where the number of rows is not the expected one.

One command tells the number of rows in a span of IDs, and up to 50 of the IDs (P2.4). A span whose number differs is divided
until its IDs come whole:

    up to 4,500 known rows ──▶ as many as expected: nothing to read
                           └─▶ ten parts ──▶ … ──▶ less than 50 rows: as many IDs as the number says
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..portal.batch import Answer, Command
from ..portal.batch_all import fetch_all, fetch_many
from ..portal.client import PortalClient
from ..portal.keyset import PAGE, Listing, Row, Span, chain_pages, read_all_pages
from ..portal.oddities import Oddities
from ..portal.scan import Scan
from ..portal.scan_context import Chunk, Part, ScanContext
from .id_set import EMPTY, IdSet

_MOST_ROWS = 4_500  # of a span: some plans tell no number above 5,000 (P2.6)
_MOST_PARTS = 10
_MOST_TRIES = 3


class CountsDiffer(Exception):
    """The number of rows in a span is not that of its IDs."""


@dataclass(frozen=True, slots=True)
class FoundIds:
    """The IDs that are in the list, within `spans`. Elsewhere it holds what was expected."""

    spans: Sequence[Span]
    ids: IdSet

    def corrected(self, later: "FoundIds") -> "FoundIds":
        """Return these IDs, with what was read of some spans later."""
        return FoundIds(self.spans, self.ids - later.read_of(self.ids) | later.ids)

    def read_of(self, expected: IdSet) -> IdSet:
        """Return those of the expected IDs that lie within the spans."""
        read = EMPTY
        for span in self.spans:
            read |= expected.within(span)
        return read


@dataclass(frozen=True, slots=True)
class _Question:
    """The number of rows in a span; `wants_ids`: and the IDs."""

    span: Span
    wants_ids: bool
    tries: int = 0


def read_ids(scans: ScanContext, listing: Listing, top: int) -> FoundIds:
    """Read all IDs up to `top`. Raises PortalError."""
    span, key = Span(0, top + 1), listing.dialect.id
    scan = Scan(scans, [Part(_ids_only(listing), span)])
    found = EMPTY
    try:
        for chunk in scan.chunks():
            if isinstance(chunk, Chunk):
                found |= IdSet.of(int(row[key]) for row in chunk.rows)
    finally:
        scan.close()
    return FoundIds([span], found)


def count_commands(listing: Listing, expected: IdSet, top: int) -> dict[str, Command]:
    """Return the first commands of `find_ids`."""
    return _commands(_ids_only(listing), _first_questions(listing, expected, top))


def find_ids(
    client: PortalClient,
    listing: Listing,
    expected: IdSet,
    top: int,
    unclear: IdSet = EMPTY,
    counted: Mapping[str, Answer] | None = None,
    before_ids: Callable[[], object] = lambda: None,
) -> FoundIds:
    """Ask for the numbers of the rows up to `top`, and for IDs where they are not as expected, or where IDs are `unclear`.

    `counted`: the answers to `count_commands`. `before_ids` is called once, before IDs are read. Raises CountsDiffer if a
    number is not that of the IDs, and PortalError.
    """
    listing = _ids_only(listing)
    questions = _first_questions(listing, expected, top)
    commands = _commands(listing, questions)
    answers = counted or fetch_many(client, commands)
    pending: list[_Question] = []
    for key, question in zip(commands, questions, strict=True):
        span, total = question.span, _total(answers[key])
        if total != len(expected.within(span)) or unclear.within(span):
            pending += [replace(question, span=part) for part in _parts(span, total)]
    if pending:
        before_ids()
    spans: list[Span] = []
    found = EMPTY
    while pending:
        commands = _commands(listing, pending)
        answers = fetch_many(client, commands)
        following: list[_Question] = []
        for key, question in zip(commands, pending, strict=True):
            span, total = question.span, _total(answers[key])
            if total == len(expected.within(span)) and not unclear.within(span):
                continue
            if total >= PAGE:
                following += [replace(question, span=part) for part in _parts(span, total)]
                continue
            ids = [int(row[listing.dialect.id]) for row in _rows(listing, span, answers[key])]
            if question.wants_ids and len(ids) == total:
                spans.append(span)
                found |= IdSet.of(ids)
                continue
            following.append(_again(question))
        pending = following
    return FoundIds(spans, found)


def rows_of(client: PortalClient, listing: Listing, ids: IdSet) -> Iterator[Chunk]:
    """Yield the rows with these IDs, by descending ID, as far as they are there. Raises PortalError."""
    spans = _spans_of(ids)
    for start in range(0, len(spans), PAGE):
        part = spans[start : start + PAGE]
        commands = {f"s{place}": chain_pages(listing, span, 1)["p0"] for place, span in enumerate(part)}
        answers = fetch_all(client, commands)
        rows = [row for key, span in zip(commands, part, strict=True) for row in _rows(listing, span, answers[key])]
        yield Chunk([row for row in rows if int(row[listing.dialect.id]) in ids], part[-1].above + 1)


def _spans_of(ids: IdSet) -> list[Span]:
    """Return spans of at most a page of IDs each that hold all of `ids`, from the highest down."""
    spans: list[Span] = []
    for number in reversed(list(ids)):
        if not spans or spans[-1].below - number > PAGE:
            spans.append(Span(number - 1, number + 1))
        else:
            spans[-1] = Span(number - 1, spans[-1].below)
    return spans


def _ids_only(listing: Listing) -> Listing:
    return replace(listing, select=(listing.dialect.id,), odd=Oddities())


def _first_questions(listing: Listing, expected: IdSet, top: int) -> list[_Question]:
    comes_with_ids = listing.dialect.counting_start == 0
    return [_Question(span, comes_with_ids) for span in expected.windows(top, _MOST_ROWS)]


def _commands(listing: Listing, questions: Sequence[_Question]) -> dict[str, Command]:
    return {f"s{place}": _command(listing, question) for place, question in enumerate(questions)}


def _command(listing: Listing, question: _Question) -> Command:
    listing = replace(listing, dialect=replace(listing.dialect, windows=False))  # one question for all of the span
    page = chain_pages(listing, question.span, 1)["p0"]
    start = 0 if question.wants_ids else listing.dialect.counting_start
    return replace(page, params={**page.params, "start": start})


def _total(answer: Answer) -> int:
    if answer.error:
        raise answer.error
    if answer.total is None:
        raise CountsDiffer
    return answer.total


def _rows(listing: Listing, span: Span, answer: Answer) -> list[Row]:
    if answer.error:
        raise answer.error
    return read_all_pages(listing, span, {"p0": answer}).rows


def _parts(span: Span, total: int) -> list[Span]:
    """Return a span in parts, whole if it has few rows. Raises CountsDiffer if it has fewer IDs than rows."""
    width = span.below - span.above - 1
    if total > width:
        raise CountsDiffer
    count = min(_MOST_PARTS, total // (PAGE - 5) + 1)
    bounds = [span.above + width * place // count for place in range(count)] + [span.below - 1]
    return [Span(above, last + 1) for above, last in pairwise(bounds)]


def _again(question: _Question) -> _Question:
    if question.tries == _MOST_TRIES:
        raise CountsDiffer
    return replace(question, wants_ids=True, tries=question.tries + 1)
