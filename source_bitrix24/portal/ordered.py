"""Several tasks at once, results in the order the tasks were added. Knows nothing of portals."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .threads import do, start

Task = TypeVar("Task")
Result = TypeVar("Result")


class Ahead(Generic[Task, Result]):
    """Runs up to `width` tasks at once, ahead of whoever takes their results in order.

    One more task than that is kept ready, to start when another ends and not only when somebody has taken its result. A task
    holds its place until then, so no more than `width` + 1 results wait in memory. With a width of one a task runs when it
    is taken, in the caller's thread. Whoever leaves results untaken waits for nobody.
    """

    def __init__(self, run: Callable[[Task], Result], width: int) -> None:
        self._run = run
        self._width = width
        self._slots = threading.Semaphore(width)
        self._running: deque[tuple[Task, Future[Result]]] = deque()

    def __len__(self) -> int:
        return len(self._running)

    @property
    def has_room(self) -> bool:
        """Whether another task may be added."""
        return len(self._running) < (self._width + 1 if self._width > 1 else 1)

    def add(self, task: Task) -> None:
        """Start a task whose result comes after all others."""
        self._running.append((task, self._start(task)))

    def add_first(self, task: Task) -> None:
        """Start a task whose result comes before all others: what the task just taken has left undone."""
        self._running.appendleft((task, self._start(task)))

    def take(self) -> tuple[Task, Result]:
        """The first task and its result, waited for. Raises what the task raised."""
        task, future = self._running.popleft()
        if self._width == 1:
            do(lambda: self._run(task), future)
        return task, future.result()

    def _start(self, task: Task) -> Future[Result]:
        return start(lambda: self._run_in_a_slot(task)) if self._width > 1 else Future()

    def _run_in_a_slot(self, task: Task) -> Result:
        with self._slots:
            return self._run(task)
