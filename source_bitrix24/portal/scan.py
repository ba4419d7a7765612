"""Reading a whole list: several ranges in flight, rows given back in order, from the highest ID to the lowest."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from .batch import MOST_COMMANDS, Answer, Command
from .client import Asked, PortalClient
from .errors import Passing, PortalFailed
from .keyset import PAGE, Listing, Row, Run, Span, chain, gather
from .ordered import Ahead
from .pace import Experience, Pace
from .ranges import Range, Ranges
from .threads import start

WORTH_A_TURN = 5.0  # seconds


class Others(Protocol):
    """Other scans, which wait for their turn. False if there are none."""

    def __bool__(self) -> bool: ...

    def begin(self, under_way: int) -> None:
        """A scan has nothing more to ask for, and so many requests under way: there may be room for others to begin."""


@dataclass(slots=True)
class Reading:
    """How the lists of a portal are read: by which client, with how many requests under way at once, beside which others."""

    client: PortalClient
    width: int
    experience: Experience = field(default_factory=Experience)
    others: Others | None = None

    @property
    def depth(self) -> int:
        """Requests that are sent or waited for before the first one's rows are taken: the next ones go out at once."""
        return 2 * self.width if self.width > 1 else 1


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


class Scan:
    """Reads the parts of a list one after the other. The parts' spans must fall too.

    Every row that exists before the first request and until it is read, and matches throughout, is given exactly once. A
    list of few rows costs one request, whatever its number of parts. `found_rows`: whether the first request brought any.
    """

    def __init__(self, reading: Reading, parts: Sequence[Part]) -> None:
        self.found_rows = False
        self._reading = reading
        self._parts = [part for part in parts if part.span]
        # what a filter leaves is little as a rule, and a command without rows is not for nothing
        self._reads_all = not any(part.listing.filter for part in self._parts)
        self._pace = Pace(reading.experience.first) if self._reads_all else Pace()
        self._first = _Pages(self._parts, max(1, min(self._pace.commands, MOST_COMMANDS // max(1, len(self._parts)))))
        self._opening: Future[Asked] | None = None
        self._rests: list[_Rest] = []

    def begin(self) -> None:
        """Ask for the first pages without waiting for them."""
        if self._parts and self._reading.width > 1:
            self._opening = start(lambda: self._reading.client.ask(self._first.commands()))

    def ask_on(self) -> None:
        """Once the first chunk is there: ask for what comes behind the first pages, without waiting for it."""
        if self._reading.width > 1 and self._rests:
            self._rests[0].ask_on()

    def chunks(self) -> Iterator[Chunk]:
        """What is read. Raises a PortalError if the portal stays unable to answer; the chunks given before it stay true."""
        if not self._parts:
            return
        openings, asked_at = self._open()
        self.found_rows = any(opening.rows for opening in openings)
        rests = [
            _Rest(self._reading, self._pace, part.listing, opening) if opening.left else None
            for part, opening in zip(self._parts, openings, strict=True)
        ]
        self._rests = [rest for rest in rests if rest]
        for opening, rest in zip(openings, rests, strict=True):
            yield Chunk(opening.rows, opening.left.below, asked_at)
            if rest:
                yield from rest.chunks()

    def _open(self) -> tuple[list[Run], datetime | None]:
        """The first pages of every part, in one request, and the portal's clock before it."""
        if not self._opening:
            self.begin()
        if self._reading.others and (self._reading.experience.is_there or not self._reads_all):
            self._reading.others.begin(1)
        asked = self._opening.result() if self._opening else None
        return _take(self._reading, self._pace, self._first, asked)


class _Rest:
    """What is left of a part below its first pages."""

    def __init__(self, reading: Reading, pace: Pace, listing: Listing, opening: Run) -> None:
        self._reading = reading
        self._pace = pace
        self._listing = listing
        self._below = opening.left.below
        newest = int(opening.rows[0][listing.dialect.id])
        self._ranges = Ranges(opening.left, len(opening.rows), newest - self._below + 1)
        self._ahead = Ahead[Range, Asked](
            lambda wanted: reading.client.ask(self._pages(wanted).commands()), reading.depth
        )

    def ask_on(self) -> None:
        """Ask for as much as may be under way."""
        reading, pages = self._reading, self._pace.commands
        while self._ahead.has_room:
            lanes = 1 if reading.others else reading.width
            plenty = bool(self._listing.filter) and reading.client.requests_are_plenty
            wanted = self._ranges.next(pages, lanes, requests_are_plenty=plenty)
            if wanted is None:
                if reading.others:
                    reading.others.begin(len(self._ahead))
                return
            self._ahead.add(wanted)

    def chunks(self) -> Iterator[Chunk]:
        client, method = self._reading.client, self._listing.method
        try:
            while True:
                self.ask_on()
                if not self._ahead:
                    return
                wait = client.operating_wait(method, self._pace.commands)
                if wait > WORTH_A_TURN:
                    yield Chunk([], self._below, wait=wait)
                yield self._next()
        finally:
            self._ahead.leave(client.forget)

    def _next(self) -> Chunk:
        wanted, asked = self._ahead.take()
        (run,), _ = _take(self._reading, self._pace, self._pages(wanted), asked)
        if run.left:
            self._ahead.add_first(Range(run.left, self._pace.commands))
        self._below = run.left.below
        self._ranges.learn(len(run.rows), wanted.span.below - self._below)
        return Chunk(run.rows, self._below)

    def _pages(self, wanted: Range) -> "_Pages":
        return _Pages([Part(self._listing, wanted.span)], wanted.pages)


@dataclass(frozen=True, slots=True)
class _Pages:
    """What one request asks for: so many pages of each part."""

    parts: Sequence[Part]
    pages: int

    def commands(self) -> dict[str, Command]:
        commands: dict[str, Command] = {}
        for number, part in enumerate(self.parts):
            commands |= chain(part.listing, part.span, self.pages, f"part{number}_")
        return commands

    def runs(self, answers: Mapping[str, Answer]) -> list[Run]:
        return [gather(part.listing, part.span, answers, f"part{number}_") for number, part in enumerate(self.parts)]


def _take(reading: Reading, pace: Pace, wanted: _Pages, asked: Asked | None) -> tuple[list[Run], datetime | None]:
    """The rows that were asked for, and the portal's clock before that. What fails is asked again, and for less."""
    client = reading.client

    def attempt() -> tuple[list[Run], datetime | None]:
        nonlocal asked
        before, asked = asked, None
        commands = wanted.commands()
        answers = client.answers(commands, before or client.ask(commands))
        runs = wanted.runs(answers.by_key)
        for run in runs:
            _raise_if_nothing_came(run)
        full_pages = sum(len(run.rows) // PAGE for run in runs)
        pace.took(full_pages, answers.seconds, answers.size)
        reading.experience.took(full_pages, answers.seconds)
        return runs, answers.asked_at

    def ask_for_less(error: Passing) -> None:
        nonlocal wanted
        if isinstance(error, PortalFailed):
            pace.failed(wanted.pages)
        wanted = replace(wanted, pages=min(wanted.pages, pace.commands))

    return client.patiently(attempt, ask_for_less)


def _raise_if_nothing_came(run: Run) -> None:
    if run.error and not run.rows:
        raise run.error
