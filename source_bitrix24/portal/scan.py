"""Read a whole list: several ranges in flight, rows given in order, from the highest ID to the lowest."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from .background import spawn
from .batch import MOST_COMMANDS, Command
from .batch_size import BatchSize, ServerSpeed
from .client import Answers, PortalClient
from .errors import Passing, PortalFailed
from .keyset import PAGE, Listing, Page, Row, Span, chain_pages, read_all_pages, read_pages
from .prefetch import Prefetch
from .ranges import Range, Ranges
from .retry import fetch

MIN_YIELD_SECONDS = 5.0  # a shorter wait for operating time is not worth a turn of another scan


@dataclass(slots=True)
class ScanContext:
    """What all scans of a sync share: the client, the number of lanes, the server's speed.

    `alone`: no other scan can use free lanes, so this one may split its tail over all of them. The scheduler keeps it up
    to date.
    """

    client: PortalClient
    max_in_flight: int
    server_speed: ServerSpeed = field(default_factory=ServerSpeed)
    alone: bool = True

    @property
    def depth(self) -> int:
        """Requests sent or buffered ahead of the consumer."""
        return 2 * self.max_in_flight if self.max_in_flight > 1 else 1


@dataclass(frozen=True, slots=True)
class Part:
    """A span of IDs of a list, and the filter that applies there."""

    listing: Listing
    span: Span


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows by descending ID. Once they are out, everything left has an ID below `below`.

    `completes_request`: the rows of a whole request are out with these, which is when progress is worth saving.
    """

    rows: list[Row]
    below: int
    completes_request: bool = True


@dataclass(frozen=True, slots=True)
class News:
    """What other scans can use, between two chunks.

    `in_flight`: the number of pending requests, once the last one has been sent: other lanes are free. `not_before`: the
    monotonic time at which the method has operating time again; 0 if it has some now.
    """

    in_flight: int | None = None
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first request of a scan brought: the first pages of each part, as one.

    `portal_time`: the portal's clock before the first page was read.
    """

    pages: Sequence[Page]
    portal_time: datetime | None

    @property
    def found_rows(self) -> bool:
        """Whether the list has any rows."""
        return any(page.rows for page in self.pages)


class Scan:
    """Reads the parts of a list, one after the other. The spans of the parts must descend too.

    A row that exists and matches from the first request until its page is read is yielded exactly once. A list of few rows
    costs one request, whatever its number of parts.
    """

    def __init__(self, context: ScanContext, parts: Sequence[Part]) -> None:
        self._context = context
        self._parts = [part for part in parts if part.span]
        # a filtered list is usually short, and an empty command still costs server time: start small
        self._filtered = any(part.listing.filter for part in self._parts)
        self._sent: Future[Answers] | None = None
        self._opening: Opening | None = None
        self._rests: list[_RemainingRanges | None] = []

    @property
    def leaves_lanes_free(self) -> bool:
        """Whether the first request is probably the only one for a while, so that other scans can start."""
        return self._filtered or self._context.server_speed.known

    @cached_property
    def _batch_size(self) -> BatchSize:
        """By the server's speed as it is known when the first request is sent."""
        return BatchSize() if self._filtered else BatchSize(self._context.server_speed.first_commands)

    @cached_property
    def _first(self) -> "_PageRequest":
        pages = max(1, min(self._batch_size.commands, MOST_COMMANDS // max(1, len(self._parts))))
        return _PageRequest(self._context, self._batch_size, self._parts, pages)

    def prefetch(self) -> None:
        """Send the first request without waiting for its reply."""
        if self._parts and self._context.max_in_flight > 1 and not (self._sent or self._opening):
            first = self._first
            self._sent = spawn(lambda: self._context.client.batch(first.commands()))

    def open(self) -> Opening:
        """Wait for the first request. Raises a PortalError."""
        if not self._opening:
            self.prefetch()
            sent, self._sent = self._sent, None  # it would keep the reply as long as the scan
            if not self._parts:
                self._opening = Opening([], None)
                return self._opening
            answers = fetch(self._context.client, self._first, sent.result if sent else None)
            pages = [
                read_all_pages(part.listing, part.span, answers.by_key, f"part{number}_")
                for number, part in enumerate(self._parts)
            ]
            self._first.observe(sum(len(page.rows) for page in pages), answers)
            self._opening = Opening(pages, answers.portal_time)
        return self._opening

    def chunks(self) -> Iterator[Chunk | News]:
        """Yield all rows. Raises a PortalError when retries are exhausted; the chunks before it stay true."""
        opening = self.open()
        pages = deque(opening.pages)
        self._opening = replace(opening, pages=())  # the rows are kept no longer than the consumer needs them
        del opening
        self._rests = [
            _RemainingRanges(self._context, self._batch_size, part.listing, page) if page.left else None
            for part, page in zip(self._parts, pages, strict=True)
        ]
        first = next(filter(None, self._rests), None)
        if first and self._context.max_in_flight > 1:
            yield from first.fill_lanes()
        for rest in self._rests:
            yield _chunk_of(pages.popleft())
            if rest:
                yield from rest.chunks()

    def close(self) -> None:
        """Abandon the requests in flight. The reader of a scan must close it."""
        self._sent = None
        for rest in filter(None, self._rests):
            rest.close()


def _chunk_of(page: Page) -> Chunk:
    return Chunk(page.rows, page.left.below)


class _RemainingRanges:
    """What is left of a part below its first pages."""

    def __init__(self, context: ScanContext, batch_size: BatchSize, listing: Listing, opening: Page) -> None:
        self._context = context
        self._batch_size = batch_size
        self._listing = listing
        self._below = opening.left.below
        newest = int(opening.rows[0][listing.dialect.id])
        self._ranges = Ranges(opening.left, len(opening.rows), newest - self._below + 1)
        self._prefetch = Prefetch[_PageRequest, Answers](
            lambda request: context.client.batch(request.commands()), context.depth
        )

    def fill_lanes(self) -> Iterator[News]:
        """Send requests until the queue is full or the last one has been sent."""
        context = self._context
        while self._prefetch.has_room:
            lanes = context.max_in_flight if context.alone else 1
            idle = bool(self._listing.filter) and context.client.has_headroom
            next_range = self._ranges.next(self._batch_size.commands, lanes, idle=idle)
            if next_range is None:
                yield News(in_flight=len(self._prefetch))
                return
            self._prefetch.add(self._request(next_range))

    def chunks(self) -> Iterator[Chunk | News]:
        client = self._context.client
        while True:
            yield from self.fill_lanes()
            if not self._prefetch:
                return
            wait = client.operating_wait(self._listing.method, self._batch_size.commands)
            if wait > MIN_YIELD_SECONDS:
                yield News(not_before=client.clock.monotonic() + wait)
            yield from self._next()

    def close(self) -> None:
        self._prefetch.abandon()

    def _next(self) -> Iterator[Chunk]:
        """Yield the pages of the next request, each decoded when it is taken."""
        request, sent = self._prefetch.take()
        part = request.parts[0]
        answers = fetch(self._context.client, request, sent)
        rows, left = 0, part.span
        for page in read_pages(part.listing, part.span, answers.by_key, "part0_"):
            rows, left = rows + len(page.rows), page.left
            yield Chunk(page.rows, left.below, completes_request=False)
        self._below = left.below
        if left:
            self._prefetch.requeue(self._request(Range(left, self._batch_size.commands)))
        request.observe(rows, answers)
        self._ranges.observe(rows, part.span.below - left.below)
        yield Chunk([], left.below)

    def _request(self, next_range: Range) -> "_PageRequest":
        return _PageRequest(self._context, self._batch_size, [Part(self._listing, next_range.span)], next_range.pages)


@dataclass(slots=True)
class _PageRequest:
    """One request: `pages` pages of each part."""

    context: ScanContext
    batch_size: BatchSize
    parts: Sequence[Part]
    pages: int

    def commands(self) -> dict[str, Command]:
        commands: dict[str, Command] = {}
        for number, part in enumerate(self.parts):
            commands |= chain_pages(part.listing, part.span, self.pages, f"part{number}_")
        return commands

    def take(self, answers: Answers) -> Answers:
        for number in range(len(self.parts)):
            error = answers.by_key[f"part{number}_0"].error
            if error:
                raise error
        return answers

    def shrink(self, error: Passing) -> None:
        if isinstance(error, PortalFailed):
            self.batch_size.shrink(self.pages)
        self.pages = min(self.pages, self.batch_size.commands)

    def observe(self, rows: int, answers: Answers) -> None:
        """Learn how long the server took for `rows` rows."""
        self.batch_size.observe(rows // PAGE, answers.seconds, answers.size)
        self.context.server_speed.observe(rows // PAGE, answers.seconds)
