"""How many requests are in flight: as many as the portal bears, found out from its answers.

The limit rises by one for each good answer until the portal shows load, later by one for each round (slow start and additive
increase, as in TCP). The sign of load is that of TCP Vegas, the time itself: the server's seconds for a page, and what a
request waited in the portal's queue, against the least that was seen. Once pages take longer, further lanes make nothing
faster; requests wait for each other, and the portal's users wait too. docs/design.md says why.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf

from .clock import Clock

_FIRST = 4  # lanes of a sync that starts
_FAST = 1.15  # times the seconds a page of an idle portal: there is room for another lane
_SLOW = 1.3  # times the same: requests wait for each other
_RELIEVED = 0.75  # of the requests in flight before: the effect of a decrease can be seen
_NO_RELIEF = 0.9  # of the seconds before: fewer lanes did not help, so the pages themselves take longer
_ALONE = 1.2  # requests in flight: as good as one
_USED = 0.75  # of the lanes: fewer requests in flight say nothing about more
_MIN_UNITS = 5  # pages or commands of an answer that says something about speed
_MAX_PATIENCE = 64  # good answers before another lane is tried again


@dataclass(slots=True)
class Lane:
    """A request's place: its number, the limit when it was sent, and the mean number of requests in flight while it ran."""

    number: int
    limit: int
    in_flight: float = 0.0


@dataclass(frozen=True, slots=True)
class _Trial:
    """A decrease whose effect is awaited: the seconds a unit, the requests in flight and the limit before."""

    method: str
    seconds: float
    in_flight: float
    limit: int


class _Speed:
    """A method's seconds a unit while the portal is idle, as far as is known."""

    def __init__(self) -> None:
        self._alone = inf
        self._lowest: list[float] = []

    def observe(self, each: float, in_flight: float) -> None:
        if in_flight < _ALONE:
            self._alone = min(self._alone, each)
        self._lowest = sorted([*self._lowest, each])[:2]

    @property
    def idle(self) -> float:
        """The least of a request that was alone; of the others the second least, since a single one may be luck."""
        return min(self._alone, self._lowest[-1])


class Lanes:
    """The lanes of one portal, from 1 to `most`. Can be used from any thread."""

    def __init__(self, most: int, clock: Clock) -> None:
        self.most = most
        self._clock = clock
        self._limit = min(most, _FIRST)
        self._in_flight = 0
        self._area = 0.0
        self._at = clock.monotonic()
        self._sent = 0
        self._decreased_at = 0  # the number of the first request after the last decrease
        self._decreases = 0
        self._good = 0  # answers since the last change
        self._trial: _Trial | None = None
        self._speeds: dict[str, _Speed] = {}
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return self._limit

    @property
    def free(self) -> int:
        """How many more requests may be in flight now."""
        return self._limit - self._in_flight

    @contextmanager
    def lane(self) -> Iterator["Occupied"]:
        """Wait for a free lane and occupy it until it is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self._limit)
            occupied = self._occupy()
        try:
            yield occupied
        finally:
            occupied.leave()

    def _occupy(self) -> "Occupied":
        now, area = self._count(1)
        self._sent += 1
        lane = Lane(self._sent, self._limit)

        def free() -> None:
            with self._changed:
                then, area_then = self._count(-1)
                lane.in_flight = (area_then - area) / (then - now) if then > now else self._in_flight + 1.0
                self._changed.notify_all()

        return Occupied(lane, free)

    def _count(self, change: int) -> tuple[float, float]:
        """Change the number in flight; return the time, and the seconds in flight of all requests together until then."""
        now = self._clock.monotonic()
        self._area += self._in_flight * (now - self._at)
        self._at = now
        self._in_flight += change
        return now, self._area

    def observe(self, lane: Lane, method: str, units: float, seconds: float) -> None:
        """Learn that the portal took `seconds` for `units` full pages, or commands, of a method."""
        if units < _MIN_UNITS or seconds <= 0:
            return
        each = seconds / units
        with self._changed:
            speed = self._speeds.setdefault(method, _Speed())
            speed.observe(each, lane.in_flight)
            slowdown = each / speed.idle
            if lane.number < self._decreased_at:
                return
            trial = self._trial
            if trial and trial.method == method and lane.in_flight < _RELIEVED * trial.in_flight:
                self._trial = None
                if each > trial.seconds * _NO_RELIEF:
                    self._speeds[method] = _Speed()
                    self._decreases -= 1
                    self._set(trial.limit)
                    return
            bearable = max(1, round(lane.in_flight / slowdown))
            if slowdown > _SLOW and bearable < self._limit:
                self._trial = trial or _Trial(method, each, lane.in_flight, self._limit)
                self._decrease(bearable)
            elif slowdown <= _FAST and lane.in_flight >= _USED * lane.limit:
                self._increase()

    def failed(self, lane: Lane) -> None:
        """Learn that the portal failed: it timed out, or answered 5xx or 503."""
        with self._changed:
            self._trial = None  # load is proven: no answer may take the last decrease back
            if lane.number >= self._decreased_at:
                self._decrease(self._limit // 2)

    def _increase(self) -> None:
        self._good += 1
        patience = min(_MAX_PATIENCE, self._limit * 2 ** (self._decreases - 1)) if self._decreases else 1
        if self._good >= patience:
            self._set(self._limit + 1)

    def _decrease(self, limit: int) -> None:
        self._decreases += 1
        self._decreased_at = self._sent + 1
        self._set(limit)

    def _set(self, limit: int) -> None:
        self._good = 0
        self._limit = max(1, min(limit, self.most))
        self._changed.notify_all()


class Occupied:
    """An occupied lane. It is left once: when the portal starts to answer, or when the request fails."""

    def __init__(self, lane: Lane, free: Callable[[], None]) -> None:
        self.lane = lane
        self._free: Callable[[], None] | None = free

    def leave(self) -> None:
        """Let another request start."""
        free, self._free = self._free, None
        if free:
            free()
