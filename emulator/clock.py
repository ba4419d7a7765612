"""The portal's clock: the machine's, or one that tests play. All times are seconds."""

import sys
import threading
import time
from pathlib import Path
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


# real seconds
_FIRST_PAUSE = 0.000_2  # between two looks at the threads
_LONGEST_PAUSE = 0.02
_PAUSE_GROWTH = 1.25  # keeps the delay after a long computation under a quarter of it
_HAS_PROC = Path("/proc/self/task").exists()
_ASLEEP_AFTER = 0.01 if _HAS_PROC else 0.2  # a thread that waits for Python's own lock runs every 0.005 s

# where a thread was last seen, and since when (real seconds) it has been there
_Positions = dict[threading.Thread, tuple[tuple[int, int, bytes], float]]


class PlayedClock:
    """Time that stands still while a thread works and jumps to the next wake-up once all threads wait.

    So computing takes no time, ten minutes take no real time, and sleeps of several threads overlap: four threads that
    sleep 1 s at once move the clock by 1 s. (The model is trio's MockClock.)

    The clock counts the thread that made it, every thread started since, and every other one that has called a method of
    it, as long as they live. A thread waits if it sleeps on this clock, waits for a condition of `threading` (so for an
    event, a semaphore, a queue or a future), or is asleep for the operating system for 0.01 s of real time, in a lock, a
    join or a socket. (Where /proc is missing: if it stays at one instruction for 0.2 s.) If only one thread is counted,
    `sleep` returns at once. All methods can be called from any thread.
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
        waited = 0
        while others := [
            thread for thread in threading.enumerate() if thread not in self._not_counted and thread != me
        ]:
            frames = sys._current_frames()
            waits = [self._waits(thread, frames.get(thread.ident or 0), seen) for thread in others]
            waited = waited + 1 if all(waits) else 0
            if waited == 2:  # one thread may have woken another after that one was looked at
                return
            if not waited:
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
        if _waits_for_condition(frame):
            return True
        is_asleep, switches = _kernel_state(thread)
        now, position = time.monotonic(), (id(frame), frame.f_lasti, switches)
        before, since = seen.get(thread, (None, now))
        if position != before:
            seen[thread] = position, now
            return False
        return is_asleep and now - since > _ASLEEP_AFTER


def _waits_for_condition(frame: FrameType) -> bool:
    if frame.f_code is not threading.Condition.wait.__code__:
        return False
    # notify() releases the waiter's lock and takes it off the list
    waiter = frame.f_locals.get("waiter")
    return waiter is not None and waiter.locked() and waiter in frame.f_locals["self"]._waiters


def _kernel_state(thread: threading.Thread) -> tuple[bool, bytes]:
    """Whether a thread is asleep, and a text that changes whenever it runs.

    Its instruction need not change: a loop gives way to other threads always at the same one.
    """
    if not _HAS_PROC:
        return True, b""
    try:
        status = Path(f"/proc/self/task/{thread.native_id}/status").read_bytes()
    except OSError:  # it has just ended
        return False, b""
    return b"\nState:\tS" in status, status.partition(b"voluntary_ctxt_switches")[2]
