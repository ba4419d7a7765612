"""The processes in which a portal runs requests: how many at once, and how they slow each other down (P7.15)."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from .clock import Clock

_NEGLIGIBLE = 1e-6  # seconds


class Workers:
    """Run `count` requests at once; more wait in a queue, first come, first served. None: any number at once.

    Busy workers share `cores` processors: while more than `cores` are busy, everything takes busy / cores times as long.
    A rise of the load counts at once, a fall from the end of the command (page) that a worker is at. None: workers do not
    slow each other down. Can be used from any thread, with a played clock too.
    """

    def __init__(self, count: int | None = None, cores: int | None = None) -> None:
        self.count = count
        self.cores = cores
        self._lock = threading.Lock()
        self._busy = 0
        self._queue: deque[threading.Event] = deque()
        self._progress = 0.0
        self._progress_at = 0.0

    @property
    def busy(self) -> int:
        """How many requests are being run."""
        return self._busy

    @property
    def slowdown(self) -> float:
        """How many times as long everything takes at present."""
        return max(1.0, self._busy / self.cores) if self.cores else 1.0

    def progress(self, now: float) -> float:
        """Seconds of work that each worker would have done by `now`, since an arbitrary moment."""
        with self._lock:
            return self._progressed(now)

    @contextmanager
    def one(self, clock: Clock, deadline: float) -> Iterator["Worker"]:
        """Occupy a worker as soon as one is free. It does not sleep beyond `deadline` (of the monotonic clock)."""
        self._enter(clock)
        try:
            yield Worker(self, clock, deadline)
        finally:
            self._leave(clock)

    def _enter(self, clock: Clock) -> None:
        with self._lock:
            if self.count is None or self._busy < self.count:
                self._change_busy(clock, 1)
                return
            turn = threading.Event()
            self._queue.append(turn)
        turn.wait()

    def _leave(self, clock: Clock) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()  # the next request takes over this worker
            else:
                self._change_busy(clock, -1)

    def _change_busy(self, clock: Clock, change: int) -> None:
        now = clock.monotonic()
        self._progress, self._progress_at = self._progressed(now), now
        self._busy += change

    def _progressed(self, now: float) -> float:
        return self._progress + (now - self._progress_at) / self.slowdown


class Worker:
    """A worker that runs one request. `started`: by the monotonic clock; `seconds`: how long its work has taken so far."""

    def __init__(self, workers: Workers, clock: Clock, deadline: float) -> None:
        self.started = clock.monotonic()
        self.seconds = 0.0
        self._workers = workers
        self._clock = clock
        self._deadline = deadline
        self._goal = workers.progress(self.started)

    def work(self, seconds: float) -> float:
        """Do work that takes `seconds` on an idle portal; return what it takes now. `finish` waits for the last of it."""
        took = seconds if self._workers.cores is None else self._share_cores(seconds)
        self.seconds += took
        return took

    def finish(self) -> None:
        """Return when all work is done. What this program itself has taken since the start is a part of its time."""
        self._sleep(self.started + self.seconds - self._clock.monotonic())

    def _share_cores(self, seconds: float) -> float:
        self._goal += seconds
        while (left := self._left()) > _NEGLIGIBLE and self._clock.monotonic() < self._deadline:
            self._sleep(left)
        return max(0.0, self._clock.monotonic() + left - self.started - self.seconds)

    def _left(self) -> float:
        """Seconds until the goal is reached if the load stays as it is."""
        left = (self._goal - self._workers.progress(self._clock.monotonic())) * self._workers.slowdown
        return left if left > _NEGLIGIBLE else 0.0

    def _sleep(self, seconds: float) -> None:
        self._clock.sleep(min(seconds, self._deadline - self._clock.monotonic()))
