"""Several tasks at once, results in the order the tasks were added. Knows nothing of portals."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .threads import do, start

Task = TypeVar("Task")
Result = TypeVar("Result")


class Ahead(Generic[Task, Result]):
    """Runs up to `depth` tasks ahead of whoever takes their results in order.

    A task holds its place until its result is taken, so no more than `depth` results wait in memory. With a depth of one a
    task runs when it is taken, in the caller's thread. Whoever leaves results untaken waits for nobody.
    """

    def __init__(self, run: Callable[[Task], Result], depth: int) -> None:
        self._run = run
        self._depth = depth
        self._running: deque[tuple[Task, Future[Result]]] = deque()

    def __len__(self) -> int:
        return len(self._running)

    @property
    def tasks(self) -> list[Task]:
        """Those whose results have not been taken, in order."""
        return [task for task, _ in self._running]

    @property
    def has_room(self) -> bool:
        """Whether another task may be added."""
        return len(self._running) < self._depth

    def add(self, task: Task) -> None:
        """Start a task whose result comes after all others."""
        self._running.append((task, self._start(task)))

    def add_first(self, task: Task) -> None:
        """Start a task whose result comes before all others: what the task just taken has left undone."""
        self._running.appendleft((task, self._start(task)))

    def take(self) -> tuple[Task, Result]:
        """The first task and its result, waited for. Raises what the task raised."""
        task, future = self._running.popleft()
        if self._depth == 1:
            do(lambda: self._run(task), future)
        return task, future.result()

    def leave(self, forget: Callable[[Result], None]) -> None:
        """Take nothing more; `forget` is given each result that is still to come."""
        while self._running:
            _, future = self._running.pop()
            future.add_done_callback(lambda done: None if done.exception() else forget(done.result()))

    def _start(self, task: Task) -> Future[Result]:
        return start(lambda: self._run(task)) if self._depth > 1 else Future()
