"""Run tasks ahead of their consumer and give the results in order. Knows nothing of portals.

`concurrent.futures.ThreadPoolExecutor` is not used: it joins its threads at exit, so a request that nobody waits for would
hold the process for up to 90 seconds.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .background import spawn

Task = TypeVar("Task")
Result = TypeVar("Result")


class Prefetch(Generic[Task, Result]):
    """Runs up to `depth` tasks ahead of the consumer.

    A task occupies its slot until its result is taken, so at most `depth` results are buffered. With a depth of one, a task
    runs in the consumer's thread when its result is taken.
    """

    def __init__(self, run: Callable[[Task], Result], depth: int) -> None:
        self._run = run
        self._depth = depth
        self._running: deque[tuple[Task, Future[Result]]] = deque()

    def __len__(self) -> int:
        return len(self._running)

    @property
    def has_room(self) -> bool:
        """Whether another task may be added."""
        return len(self._running) < self._depth

    def add(self, task: Task) -> None:
        """Start a task; its result comes after all others."""
        self._running.append((task, self._start(task)))

    def requeue(self, task: Task) -> None:
        """Start the unfinished part of the task just taken; its result comes before all others."""
        self._running.appendleft((task, self._start(task)))

    def take(self) -> tuple[Task, Callable[[], Result]]:
        """Return the first task, and a function that waits for its result, or raises what the task raised."""
        task, future = self._running.popleft()
        if self._depth == 1:
            return task, lambda: self._run(task)
        return task, future.result

    def abandon(self) -> None:
        """Stop consuming, without waiting for what is in flight."""
        self._running.clear()

    def _start(self, task: Task) -> Future[Result]:
        return spawn(lambda: self._run(task)) if self._depth > 1 else Future()
