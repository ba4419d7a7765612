"""Run tasks ahead of their consumer and give the results in order. Knows nothing of portals.

`concurrent.futures.ThreadPoolExecutor` is not used: it joins its threads at exit, so a request that nobody waits for would
hold the process for up to 90 seconds.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from .background import spawn

Task = TypeVar("Task")
Result = TypeVar("Result")

_MOST_BYTES = 110_000_000


@dataclass(slots=True)
class Memory:
    """The expected bytes of all results that are on their way or wait to be taken."""

    most: float = _MOST_BYTES
    used: float = 0.0


@dataclass(frozen=True, slots=True)
class _Running(Generic[Task, Result]):
    """A task, its expected bytes, and its result; None if it runs only when it is taken."""

    task: Task
    size: float
    future: Future[Result] | None


class Prefetch(Generic[Task, Result]):
    """Runs up to `depth` tasks ahead of the consumer.

    A task occupies its place until its result is taken, so at most `depth` results wait. `memory` is shared with other
    queues; `size` tells the bytes that a task's result will probably have. `sequential`: a task runs when its result is
    taken, in the consumer's thread.
    """

    def __init__(
        self,
        run: Callable[[Task], Result],
        depth: Callable[[], int],
        memory: Memory | None = None,
        size: Callable[[Task], float] = lambda _: 0,
        *,
        sequential: bool = False,
    ) -> None:
        self._run = run
        self._depth = depth
        self._memory = memory or Memory()
        self._size = size
        self._sequential = sequential
        self._running: deque[_Running[Task, Result]] = deque()

    def __len__(self) -> int:
        return len(self._running)

    @property
    def has_room(self) -> bool:
        """Whether another task may be added. There is always room for one."""
        fits = len(self._running) < self._depth() and self._memory.used < self._memory.most
        return fits or not self._running

    def add(self, task: Task) -> None:
        """Start a task; its result comes after all others."""
        self._running.append(self._start(task))

    def requeue(self, task: Task) -> None:
        """Start the unfinished part of the task just taken; its result comes before all others."""
        self._running.appendleft(self._start(task))

    def take(self) -> tuple[Task, Callable[[], Result]]:
        """Return the first task, and a function that waits for its result, or raises what the task raised."""
        first = self._running.popleft()
        self._memory.used -= first.size
        return first.task, first.future.result if first.future else lambda: self._run(first.task)

    def abandon(self) -> None:
        """Stop consuming, without waiting for what is in flight."""
        self._memory.used -= sum(running.size for running in self._running)
        self._running.clear()

    def _start(self, task: Task) -> _Running[Task, Result]:
        size = self._size(task)
        self._memory.used += size
        return _Running(task, size, None if self._sequential else spawn(lambda: self._run(task)))
