"""Read a whole list: several ranges in flight, rows given in order, from the highest ID to the lowest."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from .background import spawn
from .batch import MOST_COMMANDS, Answer, Command
from .batch_size import BatchSize
from .client import Answers
from .keyset import Page, Row, read_all_pages, read_foot
from .range_scan import PageRequest, RangeScan
from .retry import fetch
from .scan_context import Chunk, News, Part, ScanContext
from .shared_batch import SharedBatch


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first request of a scan brought: the first pages of each part, as one.

    `portal_time`: the portal's clock before the first page was read; `read_at`: after the last one. `probes`: the answers to
    the caller's own commands. `seconds`: of the server, for all of it.
    """

    pages: Sequence[Page]
    portal_time: datetime | None = None
    read_at: datetime | None = None
    probes: Mapping[str, Answer] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def found_rows(self) -> bool:
        """Whether the list has any rows."""
        return any(page.rows for page in self.pages)


class Scan:
    """Reads the parts of a list, one after the other. The spans of the parts must descend too.

    A row that exists and matches from the first request until its page is read is yielded exactly once. A list of few rows
    costs one request, whatever its number of parts. `probes`: commands that the first request carries too.
    """

    def __init__(
        self, context: ScanContext, parts: Sequence[Part], probes: Mapping[str, Command] | None = None
    ) -> None:
        self._context = context
        self._probes = probes or {}
        self._parts = [part for part in parts if part.span]
        # a filtered list is usually short, and an empty command still costs server time: start small
        self._filtered = any(part.listing.filter for part in self._parts)
        self._sent: Callable[[], Answers] | None = None
        self._spawned: Future[Answers] | None = None
        self._opening: Opening | None = None
        self._feet: list[list[Row]] = []  # by part: the lowest rows, which came with the first request
        self._rests: list[RangeScan | None] = []

    @property
    def leaves_lanes_free(self) -> bool:
        """Whether the first request is probably the only one for a while, so that other scans can start."""
        return self._filtered or self._context.server_speed.known

    @cached_property
    def _batch_size(self) -> BatchSize:
        """By the server's speed as it is known when the first request is sent."""
        return BatchSize() if self._filtered else BatchSize(self._context.server_speed.first_commands)

    @cached_property
    def _first(self) -> PageRequest:
        room = MOST_COMMANDS - len(self._probes)
        most = min(part.listing.dialect.first_pages or MOST_COMMANDS for part in self._parts)
        pages = max(1, min(self._batch_size.commands, most, room // max(1, len(self._parts))))
        return PageRequest(self._context, self._batch_size, self._parts, pages, probes=self._probes)

    def share(self, shared: SharedBatch, seconds: float = 0.0) -> bool:
        """Let the first request be part of a request that others share, with fewer pages if it is of a filtered list.

        `seconds`: what such a request took of the server the last time.
        """
        if not self._parts or self._sent or self._opening:
            return False
        if self._filtered:
            self._first.pages = min(self._first.pages, shared.pages)
        self._sent = shared.add(self._first.commands(), seconds)
        return self._sent is not None

    def prefetch(self) -> None:
        """Send the first request without waiting for its reply."""
        if self._parts and not self._context.is_sequential and not (self._sent or self._opening):
            first = self._first
            self._spawned = spawn(lambda: self._context.client.batch(first.commands()))
            self._sent = self._spawned.result

    def prefetch_rest(self) -> bool:
        """Send the requests behind the first one, as far as there is room, if its answer is there and good.

        Return False if it has not come yet. Raises what `open` would raise, which then asks again.
        """
        if not self._spawned or not self._spawned.done():
            return not self._spawned
        spawned, self._spawned = self._spawned, None
        if spawned.exception() or any(answer.error for answer in spawned.result().by_key.values()):
            return True
        self.open()
        for _ in self._fill_lanes():
            pass
        return True

    def open(self) -> Opening:
        """Wait for the first request. Raises a PortalError."""
        if not self._opening:
            self.prefetch()
            sent, self._sent, self._spawned = self._sent, None, None  # it would keep the reply as long as the scan
            if not self._parts:
                self._opening = Opening([])
                return self._opening
            answers = fetch(self._context.client, self._first, sent)
            pages, feet = [], []
            for number, part in enumerate(self._parts):
                page, foot = _both_ends(part, answers, f"part{number}_")
                pages.append(page)
                feet.append(foot)
            self._feet = feet
            self._first.observe([len(page.rows) for page in pages], answers)
            probes = {key: answers.by_key[key] for key in self._probes}
            seconds = sum(answers.seconds_of.values())
            self._opening = Opening(pages, answers.portal_time, answers.read_at, probes, seconds)
        return self._opening

    def chunks(self) -> Iterator[Chunk | News]:
        """Yield all rows. Raises a PortalError when retries are exhausted; the chunks before it stay true."""
        opening = self.open()
        yield from self._fill_lanes()
        pages, read_at = deque(opening.pages), opening.read_at
        self._opening = replace(opening, pages=())  # the rows are kept no longer than the consumer needs them
        del opening
        for rest, foot, part in zip(self._rests, self._feet, self._parts, strict=True):
            yield _chunk_of(pages.popleft(), read_at)
            if rest:
                yield from rest.chunks()
            if foot:
                yield Chunk(foot, part.span.exhausted.below, read_at=read_at)

    def _fill_lanes(self) -> Iterator[News]:
        """Send requests behind the first one, as far as there is room."""
        opening = self.open()
        if not self._rests:
            self._rests = [
                RangeScan(self._context, self._batch_size, part.listing, page) if page.left else None
                for part, page in zip(self._parts, opening.pages, strict=True)
            ]
        first = next(filter(None, self._rests), None)
        if first and not self._context.is_sequential:
            yield from first.fill_lanes()

    def close(self) -> None:
        """Abandon the requests in flight. The reader of a scan must close it."""
        self._sent = self._spawned = None
        for rest in filter(None, self._rests):
            rest.close()


def _both_ends(part: Part, answers: Answers, name: str) -> tuple[Page, list[Row]]:
    """Return the first pages of a part as one, and its lowest rows, if there may be others between them."""
    page = read_all_pages(part.listing, part.span, answers.by_key, name)
    foot = read_foot(part.listing, part.span, answers.by_key, name) if page.left and not page.error else None
    if not foot:
        return page, []
    highest = int(foot[0][part.listing.dialect.id])
    return replace(page, left=replace(page.left, above=highest)), foot


def _chunk_of(page: Page, read_at: datetime | None) -> Chunk:
    return Chunk(page.rows, page.left.below, read_at=read_at)
