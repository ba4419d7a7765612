"""The portal's clock: the machine's, or one that tests play. All times are seconds."""

import concurrent.futures.thread
import sys
import threading
import time
from types import FrameType
from typing import Protocol


class Clock(Protocol):
    """Time as the portal sees it."""

    def now(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never decreases."""

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`; at once if they are zero or negative."""


class RealClock:
    """The machine's clock, ahead of it by `skew` seconds."""

    def __init__(self, skew: float = 0.0) -> None:
        self._skew = skew

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._skew

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        if seconds > 0:
            time.sleep(seconds)


# where a thread was last seen, and since when it has been there (real seconds)
_Positions = dict[threading.Thread, tuple[tuple[int, int], float]]

_FIRST_PAUSE = 0.000_2  # real seconds between two looks at the threads
_LONGEST_PAUSE = 0.02
_PAUSE_GROWTH = 1.25  # keeps the delay after a long computation under a quarter of it
_STUCK_AFTER = 0.05  # real seconds after which a thread that does not move at all counts as waiting
_WAITING_CODE = {
    code.co_filename for code in (threading.Condition.wait.__code__, concurrent.futures.thread._worker.__code__)
}


class PlayedClock:
    """Time that stands still while a thread works and jumps to the next wake-up once all threads wait.

    So computing takes no time, ten minutes take no real time, and sleeps of several threads overlap: four threads that
    sleep 1 s at once move the clock by 1 s. (The model is trio's MockClock.)

    The clock counts the thread that made it, every thread started since, and every other one that has called a method of
    it, as long as they live. A thread waits if it sleeps on this clock or is blocked inside `threading` or
    `concurrent.futures`: a future, an event, a semaphore, a join, also with a time-out. A thread that is blocked elsewhere,
    in a socket or on a bare lock, counts as waiting when it has not moved for 0.05 s of real time. If only one thread is
    counted, `sleep` returns at once. All methods can be called from any thread.
    """

    def __init__(self, start: float = 1_796_000_000.0) -> None:
        self._start = self._now = start
        self._not_counted = {*threading.enumerate()} - {threading.current_thread()}
        self._wake_ups: dict[threading.Thread, float] = {}
        self._changed = threading.Condition()
        self._is_watched = False

    def now(self) -> float:
        """Seconds since 1970."""
        self._count_caller()
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start."""
        self._count_caller()
        return self._now - self._start

    def sleep(self, seconds: float) -> None:
        """Return once the clock has moved by `seconds`."""
        thread = self._count_caller()
        if seconds <= 0:
            return
        with self._changed:
            wake_up = self._now + seconds
            self._wake_ups[thread] = wake_up
            try:
                while self._now < wake_up:
                    if self._is_watched:
                        self._changed.wait()
                    else:
                        self._watch()
            finally:
                del self._wake_ups[thread]

    def _count_caller(self) -> threading.Thread:
        thread = threading.current_thread()
        self._not_counted.discard(thread)
        return thread

    def _watch(self) -> None:
        """Wait until every thread waits, then jump to the earliest wake-up. One sleeper does this for all of them."""
        self._is_watched = True
        try:
            self._wait_for_all()
            self._now = min(self._wake_ups.values())
        finally:
            self._is_watched = False
            self._changed.notify_all()

    def _wait_for_all(self) -> None:
        me = threading.current_thread()
        seen: _Positions = {}
        pause = _FIRST_PAUSE
        while others := [
            thread for thread in threading.enumerate() if thread not in self._not_counted and thread != me
        ]:
            frames = sys._current_frames()
            waits = [self._waits(thread, frames.get(thread.ident or 0), seen) for thread in others]
            if all(waits):
                return
            self._changed.release()
            try:
                time.sleep(pause)
            finally:
                self._changed.acquire()
            pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE)

    def _waits(self, thread: threading.Thread, frame: FrameType | None, seen: _Positions) -> bool:
        if frame is None:
            return False  # it is about to start, or has just ended
        wake_up = self._wake_ups.get(thread)
        if wake_up is not None:
            return wake_up > self._now
        now, position = time.monotonic(), (id(frame), frame.f_lasti)
        before, since = seen.get(thread, (None, now))
        if position != before:
            seen[thread] = position, now
            return False
        return _is_blocked(frame) or now - since > _STUCK_AFTER


def _is_blocked(frame: FrameType) -> bool:
    if frame.f_code.co_filename not in _WAITING_CODE:
        return False
    # Condition.wait holds the lock that notify() releases: once released, the thread is about to run
    waiter = frame.f_locals.get("waiter")
    return waiter is None or waiter.locked()
