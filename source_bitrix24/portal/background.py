"""Work in daemon threads: work that nobody waits for does not delay the end of the process."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from .errors import TimedOut

T = TypeVar("T")


def spawn(work: Callable[[], T]) -> Future[T]:
    """Run `work` in a new thread; the future holds what it returns or raises."""
    future: Future[T] = Future()
    spawn_into(future, work)
    return future


def spawn_into(future: Future[T], work: Callable[[], T]) -> None:
    """Run `work` in a new thread and resolve `future` with the outcome."""
    threading.Thread(target=run_into, args=(future, work), daemon=True).start()


def run_into(future: Future[T], work: Callable[[], T]) -> None:
    """Run `work` in this thread and resolve `future` with the outcome."""
    try:
        future.set_result(work())
    except BaseException as error:  # handed over to the thread that takes the result
        future.set_exception(error)


def with_deadline(seconds: float, work: Callable[[], T]) -> T:
    """Return or raise what `work` does, or raise TimedOut after `seconds`.

    A read time-out counts from byte to byte, so a portal that sends one byte now and then could hold a reader for ever.
    """
    try:
        return spawn(work).result(timeout=seconds)
    except TimeoutError:
        raise TimedOut("", f"no complete answer within {seconds:.0f} s") from None
