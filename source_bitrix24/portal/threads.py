"""Work in another thread. The threads are daemons: work that nobody waits for does not hold up the end of the process."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from .errors import TimedOut

T = TypeVar("T")


def start(work: Callable[[], T]) -> Future[T]:
    """Begin `work`; the future holds what it returns or raises."""
    future: Future[T] = Future()
    threading.Thread(target=do, args=(work, future), daemon=True).start()
    return future


def do(work: Callable[[], T], future: Future[T]) -> None:
    """Do `work` here and now, for whoever holds the future."""
    try:
        future.set_result(work())
    except BaseException as error:  # handed over to the thread that takes the result
        future.set_exception(error)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises, or TimedOut if that takes longer.

    A read time-out counts from byte to byte: a portal that sends one now and then could hold a reader for ever.
    """
    try:
        return start(work).result(timeout=seconds)
    except TimeoutError:
        raise TimedOut("", f"no whole answer within {seconds:.0f} s") from None
