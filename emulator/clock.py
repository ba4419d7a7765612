"""The portal's clock: the machine's, or one that tests play."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Time as the portal sees it."""

    def now(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""


class RealClock:
    """The machine's clock, ahead of it by `skew` seconds."""

    def __init__(self, skew: float = 0.0) -> None:
        self._skew = skew

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._skew

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        time.sleep(seconds)


class PlayedClock:
    """Time that passes only when somebody sleeps, so that ten minutes of limits are played in no time."""

    def __init__(self, start: float = 1_796_000_000.0) -> None:
        self._start = self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self._now - self._start

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        with self._lock:
            self._now += max(0.0, seconds)

    def set_back(self, seconds: float) -> None:
        """Put the portal's clock back. `monotonic` jumps too: play this between two processes."""
        with self._lock:
            self._now -= seconds
