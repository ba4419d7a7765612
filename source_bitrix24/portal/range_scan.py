"""What is left of a list below its first pages: ranges of it in flight, rows given in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .batch import MOST_COMMANDS, Answer, Command
from .batch_size import BatchSize
from .client import Answers
from .errors import OperatingTimeUsedUp, PortalError, PortalFailed
from .keyset import PAGE, Listing, Page, Span, chain_pages, read_pages
from .prefetch import Prefetch
from .ranges import Range, Ranges
from .retry import fetch, retry
from .scan_context import MIN_YIELD_SECONDS, Chunk, News, Part, ScanContext


class RangeScan:
    """Reads one part of a list, from below its first pages on."""

    def __init__(self, context: ScanContext, batch_size: BatchSize, listing: Listing, opening: Page) -> None:
        self._context = context
        self._batch_size = batch_size
        self._listing = listing
        newest, left = int(opening.rows[0][listing.dialect.id]), opening.left
        # a short page is probably the last one: one request for all that is left proves it
        ids = newest - (left.above if len(opening.rows) < PAGE else left.below - 1)
        self._ranges = Ranges(left, len(opening.rows), len(opening.rows) if self._is_windowed else ids)
        self._front: Range | None = None  # waits for operating time; its rows come before those of the queue
        self._held: Range | None = None  # waits for operating time; its rows come behind those of the queue
        self._direct_refused = False
        self._prefetch: Prefetch[PageRequest, Answers] = context.prefetch(
            lambda request: context.client.batch(request.commands(), is_reserved=request.is_reserved),
            lambda request: request.pages * batch_size.page_bytes,
        )

    @property
    def _is_windowed(self) -> bool:
        """Whether a page holds 50 IDs, however many rows that are."""
        return self._listing.dialect.windows and not self._listing.filter

    @property
    def _pages(self) -> int:
        """The pages of a request."""
        return min(self._batch_size.commands, self._listing.pages_at_once or MOST_COMMANDS)

    def _observe(self, rows: int, ids: int) -> None:
        if not self._is_windowed:
            self._ranges.observe(rows, ids)

    def fill_lanes(self) -> Iterator[News]:
        """Send requests until the queue is full, batches have no operating time left, or the last one has been sent."""
        if self._front and self._start(self._front, self._prefetch.requeue):
            self._front = None
        while self._prefetch.has_room:
            self._held = self._held or self._next_range()
            if self._held is None:
                yield News(in_flight=len(self._prefetch))
                return
            if not self._start(self._held, self._prefetch.add):
                return
            self._held = None

    def chunks(self) -> Iterator[Chunk | News]:
        """Yield all rows. Raises a PortalError when retries are exhausted."""
        while True:
            yield from self.fill_lanes()
            if not self._prefetch and not self._front:
                self._front, self._held = self._held, None
            if self._front:
                yield from self._without_batch(self._front)
            elif self._prefetch:
                yield from self._next()
            else:
                return

    def close(self) -> None:
        """Abandon the requests in flight."""
        self._prefetch.abandon()

    def _next_range(self) -> Range | None:
        client = self._context.client
        lanes = client.lanes.limit if self._context.alone else 1
        idle = bool(self._listing.filter) and client.has_headroom
        return self._ranges.next(self._pages, lanes, idle=idle)

    def _start(self, next_range: Range, add: Callable[["PageRequest"], None]) -> bool:
        """Send the request for a range. False if its batch has no operating time now."""
        client = self._context.client
        part = Part(self._listing, next_range.span)
        request = PageRequest(self._context, self._batch_size, [part], next_range.pages)
        if self._context.is_sequential:  # it is sent later, if at all, so it reserves nothing
            if client.operating_wait(self._listing.method, request.pages):
                return False
        else:
            request.is_reserved = client.reserve(request.commands())
            if not request.is_reserved:
                return False
        add(request)
        return True

    def _next(self) -> Iterator[Chunk]:
        """Yield the pages of the next request, each decoded when it is taken."""
        request, sent = self._prefetch.take()
        part = request.parts[0]
        answers = fetch(self._context.client, request, sent)
        rows, left = 0, part.span
        for page in read_pages(part.listing, part.span, answers.by_key, "part0_"):
            rows, left = rows + len(page.rows), page.left
            yield Chunk(page.rows, left.below, completes_request=False, read_at=answers.read_at)
        request.observe([rows], answers)
        self._observe(rows, part.span.below - left.below)
        if left:
            self._front = Range(left, self._pages)
            if self._start(self._front, self._prefetch.requeue):
                self._front = None
        yield Chunk([], left.below)

    def _without_batch(self, waiting: Range) -> Iterator[Chunk | News]:
        """Read a page of `waiting` by a direct call, which has operating time of its own (P7.4, P7.14), or wait.

        This is for the time in which no other scan can go on; after a News, the caller lets others have their turn.
        """
        client, method = self._context.client, self._listing.method
        wait = client.operating_wait(method, waiting.pages)
        if wait > MIN_YIELD_SECONDS:
            yield News(not_before=client.clock.monotonic() + wait)
            wait = client.operating_wait(method, waiting.pages)
        direct_wait = wait if self._direct_refused else client.direct_wait(method)
        if wait <= MIN_YIELD_SECONDS or direct_wait:
            client.pause(min(wait, direct_wait or wait), f"the operating time of {method} is used up")
            return
        answer = retry(client, lambda: self._direct_page(waiting.span))
        if answer is None:
            self._direct_refused = True
            return
        (page,) = read_pages(self._listing, waiting.span, {"p0": answer})
        self._observe(len(page.rows), waiting.span.below - page.left.below)
        self._front = Range(page.left, waiting.pages) if page.left else None
        yield Chunk(page.rows, page.left.below)

    def _direct_page(self, span: Span) -> Answer | None:
        """Return the first page of a span; None if others have used up the operating time of direct calls."""
        try:
            return self._context.client.direct(chain_pages(self._listing, span, 1)["p0"])
        except OperatingTimeUsedUp:
            return None


@dataclass(slots=True)
class PageRequest:
    """One request: `pages` pages of each part, and `probes`, commands of the caller's, which must not fail.

    `is_reserved`: the operating time of the first attempt is.
    """

    context: ScanContext
    batch_size: BatchSize
    parts: Sequence[Part]
    pages: int
    is_reserved: bool = False
    probes: Mapping[str, Command] = field(default_factory=dict)

    def commands(self) -> dict[str, Command]:
        """Return the chains of all parts, and the probes."""
        commands: dict[str, Command] = dict(self.probes)
        for number, part in enumerate(self.parts):
            commands |= chain_pages(part.listing, part.span, self.pages, f"part{number}_")
        return commands

    def take(self, answers: Answers) -> Answers:
        """Return the answers, if the probes and the first page of each part are there. Raises their error."""
        for key in [*self.probes, *(f"part{number}_0" for number in range(len(self.parts)))]:
            error = answers.by_key[key].error
            if error:
                raise error
        return answers

    def shrink(self, error: PortalError) -> None:
        """Ask for fewer pages next time, if the portal failed."""
        if isinstance(error, PortalFailed):
            self.batch_size.shrink(self.pages)
        self.pages = min(self.pages, self.batch_size.commands)

    def observe(self, rows: Iterable[int], answers: Answers) -> None:
        """Learn how long the server took. `rows`: of each part; a part of a page or more has a full foot too."""
        full_pages = sum(min(self.pages, count // PAGE + (count >= PAGE)) for count in rows)
        self.batch_size.observe(full_pages, answers.seconds, answers.size)
        self.context.server_speed.observe(full_pages, answers.seconds)
