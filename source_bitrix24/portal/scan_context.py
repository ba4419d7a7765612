"""What all scans of a sync share, and what a scan yields."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .batch_size import ServerSpeed
from .client import PortalClient
from .keyset import Listing, Row, Span
from .prefetch import Memory, Prefetch, Result, Task
from .shared_batch import SharedBatch

MIN_YIELD_SECONDS = 5.0  # a shorter wait for operating time is not worth a turn of another scan


@dataclass(slots=True)
class ScanContext:
    """What all scans of a sync share: the client, the server's speed, the memory for answers.

    `alone`: no other scan can use free lanes, so this one may split its tail over all of them. The scheduler keeps it up
    to date. `has_warned_of_clocks`: the log holds the warning about the portal's clocks. `checks`: requests for what all
    lists ask when they have been read.
    """

    client: PortalClient
    server_speed: ServerSpeed = field(default_factory=ServerSpeed)
    memory: Memory = field(default_factory=Memory)
    alone: bool = True
    has_warned_of_clocks: bool = False
    checks: SharedBatch = field(init=False)

    def __post_init__(self) -> None:
        """Make the requests for what is asked when all lists have been read."""
        self.checks = SharedBatch(self.client)

    @property
    def is_sequential(self) -> bool:
        """Whether nothing is sent before the consumer waits for it."""
        return self.client.lanes.most == 1

    def prefetch(
        self, run: Callable[[Task], Result], size: Callable[[Task], float] = lambda _: 0
    ) -> Prefetch[Task, Result]:
        """Return a queue of requests, as deep as the lanes allow. `size`: the expected bytes of a task's result."""
        if self.is_sequential:
            return Prefetch(run, lambda: 1, sequential=True)
        return Prefetch(run, lambda: 2 * self.client.lanes.limit, self.memory, size)


@dataclass(frozen=True, slots=True)
class Part:
    """A span of IDs of a list, and the filter that applies there."""

    listing: Listing
    span: Span


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows by descending ID. Once they are out, everything left has an ID below `below`.

    `completes_request`: the rows of a whole request are out with these, which is when progress is worth saving. `read_at`:
    the portal's clock when they had been read, None if it does not say.
    """

    rows: list[Row]
    below: int
    completes_request: bool = True
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What other scans can use, between two chunks.

    `in_flight`: the number of pending requests, once the last one has been sent: other lanes are free. `not_before`: the
    monotonic time at which the method has operating time again; 0 if it has some now.
    """

    in_flight: int | None = None
    not_before: float = 0.0
