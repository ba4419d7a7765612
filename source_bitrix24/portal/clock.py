"""The only place that asks the machine for the time, so that tests can play it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Time as the library sees it: a number of seconds that only grows, and a way to wait."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        time.sleep(seconds)


def milliseconds() -> int:
    """Since 1970, by the machine: when a record was printed."""
    return time.time_ns() // 1_000_000
