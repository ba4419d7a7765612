"""The portal's limits, with sizes that a test can set: requests, operating time, the cut of long requests (P7)."""

from collections import defaultdict
from dataclasses import dataclass, field

from .clock import Clock

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
        """Let a request in if there is room for it."""
        if not self.enabled:
            return True
        now = self.clock.monotonic()
        self._level = max(0.0, self._level - (now - self._at) * self.per_second)
        self._at = now
        if self._level + 1 > self.burst:
            return False
        self._level += 1
        return True


@dataclass
class OperatingTime:
    """Ten baskets of a minute for each method; what is over `limit` seconds is refused until the oldest leaves (P7.4)."""

    clock: Clock
    limit: float = 480.0
    kept: bool = True
    not_counted: float = 0.1
    _baskets: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))

    def spent(self, account: str) -> float:
        """Seconds of the last ten minutes."""
        baskets = self._baskets[account]
        oldest = self._minute() - WINDOW // _BASKET
        for minute in [minute for minute in baskets if minute <= oldest]:
            del baskets[minute]
        return sum(baskets.values())

    def reset_at(self, account: str) -> int:
        """When the oldest basket leaves, epoch seconds."""
        self.spent(account)
        oldest = min(self._baskets[account], default=self._minute())
        return (oldest + WINDOW // _BASKET) * _BASKET

    def add(self, account: str, seconds: float) -> None:
        """Account for one request's time in a method; little is not counted at all."""
        if seconds > self.not_counted:
            minute = self._minute()
            self._baskets[account][minute] = self._baskets[account].get(minute, 0.0) + seconds

    def _minute(self) -> int:
        return int(self.clock.now()) // _BASKET


@dataclass
class Latency:
    """What calls cost the portal, in seconds. A page costs in proportion to its rows."""

    request: float = 0.0
    command: float = 0.0
    page: float = 0.0
    count: float = 0.0
    offset_1000: float = 0.0

    def of(self, rows: int, *, counted: bool, offset: int) -> float:
        """The cost of one command."""
        return (
            self.command
            + self.page * min(1.0, rows / 50)
            + (self.count if counted else 0.0)
            + self.offset_1000 * offset / 1000
        )


@dataclass
class Limits:
    """All of them."""

    clock: Clock
    cut_after: float = 60.0
    latency: Latency = field(default_factory=Latency)

    def __post_init__(self) -> None:
        self.bucket = LeakyBucket(self.clock)
        self.operating = OperatingTime(self.clock)
