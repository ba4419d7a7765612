"""What limits a portal: requests, operating time, workers, the cut of long requests; and what calls cost it (P7).

A test can set every size. All times are seconds.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .clock import Clock
from .workers import Workers

WINDOW = 600
_BASKET = 60


@dataclass
class LeakyBucket:
    """Holds `burst` requests and leaks `per_second` (P7.1)."""

    clock: Clock
    per_second: float = 2.0
    burst: float = 50.0
    enabled: bool = True
    _level: float = 0.0
    _at: float = 0.0

    def admits(self) -> bool:
        """Admit a request if there is room for it."""
        if not self.enabled:
            return True
        now = self.clock.monotonic()
        self._level = max(0.0, self._level - (now - self._at) * self.per_second)
        self._at = now
        if self._level + 1 > self.burst:
            return False
        self._level += 1
        return True


class BatchAccount(StrEnum):
    """The account of operating time that a batch is charged to. Direct calls have one for each method in any case."""

    METHOD = "method"
    """Each command is charged to its method, on accounts that only batches use (P7.4)."""
    BATCH = "batch"
    """The batch is charged as a whole to the method `batch`, as on the newest portals (P7.14)."""


@dataclass
class OperatingTime:
    """Server time of the last ten minutes by account, in ten baskets of a minute (P7.4).

    A request is refused if its account has reached `limit`, until enough baskets have expired. Requests of at most
    `not_counted` seconds are free. `kept`: whether this portal keeps accounts. `shown_reset`: what answers show in place of
    `operating_reset_at`, for portals that send odd values.
    `shares_direct_calls`: they are charged to the account of batches. Can be used from any thread.
    """

    clock: Clock
    limit: float = 480.0
    kept: bool = True
    not_counted: float = 0.1
    batch_account: BatchAccount = BatchAccount.METHOD
    shown_reset: Callable[[int], Any] = lambda at: at
    shares_direct_calls: bool = False
    _baskets: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    _lock: Any = field(default_factory=threading.Lock)

    @property
    def charges_batches_whole(self) -> bool:
        """Whether all commands of a batch are charged to one account."""
        return self.batch_account is BatchAccount.BATCH

    def spent(self, account: str) -> float:
        """Seconds of the last ten minutes."""
        with self._lock:
            return sum(self._current(account).values())

    def is_used_up(self, account: str, running: float = 0.0) -> bool:
        """Whether no further call is allowed. `running`: seconds of the current request, which are not charged yet."""
        return self.kept and self.spent(account) + running >= self.limit

    def reset_at(self, account: str) -> int:
        """When the oldest basket expires, in seconds since 1970."""
        with self._lock:
            oldest = min(self._current(account), default=self._minute())
        return (oldest + WINDOW // _BASKET) * _BASKET

    def add(self, account: str, seconds: float) -> None:
        """Charge one request's time."""
        if seconds > self.not_counted:
            with self._lock:
                minute = self._minute()
                self._baskets[account][minute] = self._baskets[account].get(minute, 0.0) + seconds

    def of_request(self, account: str) -> dict[str, Any]:
        """The keys that this adds to the `time` block of a request."""
        return (
            {"operating": self.spent(account), "operating_reset_at": self.shown_reset(self.reset_at(account))}
            if self.kept
            else {}
        )

    def of_command(self, account: str, running: float) -> dict[str, Any]:
        """The keys that this adds to the `time` block of a command, after `running` seconds of its request."""
        if not self.kept:
            return {}
        if self.charges_batches_whole:
            operating = running  # P7.14: of this request alone
        else:
            operating = self.spent(account) + (running if running > self.not_counted else 0.0)
        return {"operating": operating, "operating_reset_at": self.shown_reset(self.reset_at(account))}

    def _current(self, account: str) -> dict[int, float]:
        baskets = self._baskets[account]
        expired = self._minute() - WINDOW // _BASKET
        for minute in [minute for minute in baskets if minute <= expired]:
            del baskets[minute]
        return baskets

    def _minute(self) -> int:
        return int(self.clock.now()) // _BASKET


@dataclass
class Latency:
    """What a request takes: `network` outside the server, there and back; the rest on the server.

    `request` once a request; then for each call `command`, `page` for 50 rows and in proportion for fewer, `count` for a
    total, `offset_1000` for 1,000 rows of offset.
    """

    network: float = 0.0
    request: float = 0.0
    command: float = 0.0
    page: float = 0.0
    count: float = 0.0
    offset_1000: float = 0.0

    def of(self, rows: int, *, counted: bool, offset: int) -> float:
        """The server seconds of one call."""
        return (
            self.command
            + self.page * min(1.0, rows / 50)
            + (self.count if counted else 0.0)
            + self.offset_1000 * offset / 1000
        )


@dataclass
class Limits:
    """All limits of a portal. `cut_after`: seconds after which the front end cuts a request (P7.6)."""

    clock: Clock
    cut_after: float = 60.0
    latency: Latency = field(default_factory=Latency)
    workers: Workers = field(default_factory=Workers)

    def __post_init__(self) -> None:
        self.bucket = LeakyBucket(self.clock)
        self.operating = OperatingTime(self.clock)
