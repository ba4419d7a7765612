"""The portal's two limits: when may the next request be sent?

Requests: a leaky bucket per portal and source address (P7.1). Operating time: 480 s of server time per account in the last
ten minutes (P7.4), reported by the portal in `operating` and `operating_reset_at` of every answer. A method has an account
for direct calls and one for commands in batches; newer portals charge a whole batch to the method `batch` instead (P7.14).
All are kept: the account that is nearest to its limit rules, and one that the portal does not charge is recognised by its
answers.

One RateLimiter serves the whole process, retries included. Its methods may be called from any thread.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .clock import Clock

OPERATING_LIMIT = 480.0
OPERATING_WINDOW = 600.0
_PROBE_AFTER = 60.0  # where the portal names no reset: its baskets are minutes (P7.4)
_OPERATING_SHARE = 0.97  # of the limit: the last calls may take longer than expected
_UNCOUNTED_SECONDS = 0.1  # P7.4: shorter use of a method in a request is not counted
_MEMORY = 0.9  # a short last page says little about the next ones: seconds a command fall slowly
_LONE_REPORTS = 3  # in a row, each of no more than its own request's time: the account is not charged
_BUCKET_MARGIN = 1  # request kept free: the network may bunch up evenly spaced requests
_HEADROOM_SHARE = 0.2  # of the burst


@dataclass(frozen=True, slots=True)
class RequestRate:
    """A leaky bucket: `burst` requests at once, `per_second` out of it."""

    per_second: float
    burst: int


STANDARD = RequestRate(per_second=2, burst=50)
ENTERPRISE = RequestRate(per_second=5, burst=250)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer says about an account of operating time.

    `seconds`: the server time its `commands` took; `operating`: the portal's sum over ten minutes, None where it keeps
    none; `reset_in`: seconds until the oldest minute leaves that sum; nothing stays in it for longer than ten minutes.
    """

    account: str
    commands: int
    seconds: float
    operating: float | None = None
    reset_in: float | None = None


class RateLimiter:
    """Computes how long a request must wait, and learns from every answer."""

    def __init__(self, rate: RequestRate, clock: Clock, operating_limit: float = OPERATING_LIMIT) -> None:
        self._rate = rate
        self._clock = clock
        self._limit = operating_limit
        self._lock = threading.Lock()
        self._full_until = 0.0
        self._budgets: dict[str, _Budget] = {}

    def reserve_request(self) -> float:
        """Reserve one request. The caller must sleep the returned seconds before sending it."""
        room = (self._rate.burst - _BUCKET_MARGIN) / self._rate.per_second
        with self._lock:
            now = self._clock.monotonic()
            self._full_until = max(now, self._full_until) + 1 / self._rate.per_second
            return max(0.0, self._full_until - now - room)

    @property
    def has_headroom(self) -> bool:
        """Whether at least four fifths of the burst are left."""
        with self._lock:
            held = (self._full_until - self._clock.monotonic()) * self._rate.per_second
        return held <= self._rate.burst * _HEADROOM_SHARE

    def bucket_ran_over(self) -> None:
        """Learn of a QUERY_LIMIT_EXCEEDED: another client shares the bucket, so assume that it is full."""
        with self._lock:
            self._full_until = max(self._full_until, self._clock.monotonic() + self._rate.burst / self._rate.per_second)

    def reserve_operating(self, commands: Mapping[str, int]) -> float:
        """Reserve operating time for `commands` (a number per account) and return 0, or return the seconds until it fits."""
        with self._lock:
            wait = self._operating_wait(commands)
            if not wait:
                for account, count in commands.items():
                    self._budgets[account].reserved += count
            return wait

    def operating_wait(self, commands: Mapping[str, int]) -> float:
        """The same without reserving anything."""
        with self._lock:
            return self._operating_wait(commands)

    def _operating_wait(self, commands: Mapping[str, int]) -> float:
        now = self._clock.monotonic()
        budgets = [(self._budgets.setdefault(account, _Budget()), count) for account, count in commands.items()]
        return max((budget.wait(now, count, self._limit) for budget, count in budgets), default=0.0)

    def answered(self, commands: Mapping[str, int], usages: Iterable[Usage]) -> None:
        """Learn that a request came back or failed: release its reservation and add what it used."""
        with self._lock:
            now = self._clock.monotonic()
            for account, count in commands.items():
                self._budgets[account].reserved -= count
            for usage in usages:
                self._budgets.setdefault(usage.account, _Budget()).observe(now, usage)

    def operating_time_used_up(self, account: str) -> None:
        """Learn of an OPERATION_TIME_LIMIT."""
        with self._lock:
            now = self._clock.monotonic()
            budget = self._budgets.setdefault(account, _Budget())
            budget.blocked_until = budget.reset_at if budget.reset_at > now else now + _PROBE_AFTER


@dataclass(slots=True)
class _Budget:
    """One account of operating time: our own use with its times, and the use of other clients as the portal reports it."""

    reserved: int = 0
    seconds_per_command: float = 0.0
    blocked_until: float = 0.0
    reset_at: float = 0.0
    others: float = 0.0
    lone_reports: int = 0
    own: deque[tuple[float, float]] = field(default_factory=deque)

    def observe(self, now: float, usage: Usage) -> None:
        if usage.operating is None:
            return  # this portal keeps no account (P7.3)
        self.seconds_per_command = max(usage.seconds / usage.commands, self.seconds_per_command * _MEMORY)
        before = self._own_sum(now)
        if usage.seconds > _UNCOUNTED_SECONDS:
            self.own.append((now, usage.seconds))
        if usage.reset_in is not None:
            self.reset_at = now + min(max(usage.reset_in, 0.0), OPERATING_WINDOW)
        if usage.operating > usage.seconds + _UNCOUNTED_SECONDS:
            self.lone_reports = 0
        elif before > usage.seconds:  # a single one may be an old answer, decoded after later ones
            self.lone_reports += 1
        if self.lone_reports >= _LONE_REPORTS:
            self.own.clear()
        self.others = max(0.0, usage.operating - self._own_sum(now))

    def wait(self, now: float, commands: int, limit: float) -> float:
        if self.blocked_until > now:
            return self.blocked_until - now
        if self.others > 0 and now >= self.reset_at:
            self.others = 0.0  # the portal's sum has changed since
        used = self._own_sum(now) + self.others + self.reserved * self.seconds_per_command
        needed = min(commands * self.seconds_per_command, limit / 2)
        if used + needed <= limit * _OPERATING_SHARE:
            return 0.0
        leaves = [self.own[0][0] + OPERATING_WINDOW] if self.own else []
        resets = [self.reset_at] if self.reset_at > now else []
        return max(1.0, min([*leaves, *resets], default=now + _PROBE_AFTER) - now)

    def _own_sum(self, now: float) -> float:
        while self.own and self.own[0][0] <= now - OPERATING_WINDOW:
            self.own.popleft()
        return sum(seconds for _, seconds in self.own)
