"""Reading a whole list: several ranges in flight, rows given back in order, from the highest ID to the lowest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .batch import MOST_COMMANDS, Command
from .client import PortalClient
from .errors import Passing, PortalFailed
from .keyset import PAGE, Listing, Row, Run, Span, chain, gather
from .ordered import Ahead
from .pace import Pace
from .ranges import Range, Ranges

_WORTH_A_TURN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Part:
    """Some IDs of a list, and what to ask of them."""

    listing: Listing
    span: Span


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows by falling ID, about one request's worth, for the taker to keep or empty.

    Once they are out, all that is left has an ID below `below`.
    `asked_at`: the portal's clock before a scan's first page was read, on the chunks of its first request. `wait`: there are
    no rows, and no more will come for so many seconds, since the method's operating time is used up.
    """

    rows: list[Row]
    below: int
    asked_at: datetime | None = None
    wait: float = 0.0


def scan(client: PortalClient, parts: Sequence[Part], width: int) -> Iterator[Chunk]:
    """Read the parts of a list one after the other, with `width` requests in flight. The parts' spans must fall too.

    Every row that exists before the first request and until it is read, and matches throughout, is given exactly once. A
    list of few rows costs one request, whatever its number of parts. Raises a PortalError if the portal stays unable to
    answer; the chunks given before it stay true.
    """
    return _Scan(client, width).chunks([part for part in parts if part.span])


class _Scan:
    def __init__(self, client: PortalClient, width: int) -> None:
        self._client = client
        self._width = width
        self._pace = Pace()

    def chunks(self, parts: Sequence[Part]) -> Iterator[Chunk]:
        openings, asked_at = self._open(parts)
        for part, opening in zip(parts, openings, strict=True):
            ranges = self._ranges(part.listing, opening) if opening.left else None
            yield Chunk(opening.rows, opening.left.below, asked_at)
            if ranges:
                yield from self._read_on(part.listing, ranges, opening.left.below)

    def _open(self, parts: Sequence[Part]) -> tuple[list[Run], datetime | None]:
        """The first pages of every part, in one request, and the portal's clock before it."""
        if not parts:
            return [], None
        pages = max(1, min(self._pace.commands, MOST_COMMANDS // len(parts)))
        names = [f"part{number}_" for number in range(len(parts))]

        def attempt() -> tuple[list[Run], datetime | None]:
            commands: dict[str, Command] = {}
            for name, part in zip(names, parts, strict=True):
                commands |= chain(part.listing, part.span, pages, name)
            answers = self._client.batch(commands)
            runs = [
                gather(part.listing, part.span, answers.by_key, name) for name, part in zip(names, parts, strict=True)
            ]
            for run in runs:
                _raise_if_nothing_came(run)
            self._pace.took(sum(len(run.rows) // PAGE for run in runs), answers.seconds)
            return runs, answers.asked_at

        def ask_for_less(error: Passing) -> None:
            nonlocal pages
            pages = self._fewer(pages, error)

        return self._client.patiently(attempt, ask_for_less)

    def _fewer(self, pages: int, error: Passing) -> int:
        if isinstance(error, PortalFailed):
            self._pace.failed(pages)
        return min(pages, self._pace.commands)

    def _ranges(self, listing: Listing, opening: Run) -> Ranges:
        newest = int(opening.rows[0][listing.dialect.id])
        return Ranges(opening.left, len(opening.rows), newest - opening.left.below + 1, self._width)

    def _read_on(self, listing: Listing, ranges: Ranges, below: int) -> Iterator[Chunk]:
        """All below the opening pages of a part."""
        ahead = Ahead[Range, Run](lambda asked: self._read_range(listing, asked), self._width)
        while True:
            while ahead.has_room and (asked := ranges.next(self._pace.commands)):
                ahead.add(asked)
            if not ahead:
                return
            wait = self._client.operating_wait(listing.method, self._pace.commands)
            if wait > _WORTH_A_TURN:
                yield Chunk([], below, wait=wait)
            done, run = ahead.take()
            if run.left:
                ahead.add_first(Range(run.left, self._pace.commands))
            ranges.learn(len(run.rows), done.span.below - run.left.below)
            below = run.left.below
            yield Chunk(run.rows, below)

    def _read_range(self, listing: Listing, asked: Range) -> Run:
        pages = asked.pages

        def attempt() -> Run:
            answers = self._client.batch(chain(listing, asked.span, pages))
            run = gather(listing, asked.span, answers.by_key)
            _raise_if_nothing_came(run)
            self._pace.took(len(run.rows) // PAGE, answers.seconds)
            return run

        def ask_for_less(error: Passing) -> None:
            nonlocal pages
            pages = self._fewer(pages, error)

        return self._client.patiently(attempt, ask_for_less)


def _raise_if_nothing_came(run: Run) -> None:
    if run.error and not run.rows:
        raise run.error
