"""A job: what one list, one set of parents or one small table has to read in this sync."""

from abc import ABC, abstractmethod
from collections.abc import Generator

from ..portal.scan_context import News
from ..portal.shared_batch import SharedBatch
from .step import Step

Steps = Generator[Step, None, None]


class Job(ABC):
    """Yields steps. `streams`: the streams that it reads. The scheduler closes it in the end."""

    def __init__(self, streams: tuple[str, ...]) -> None:
        self.streams = streams
        self._running: Steps | None = None

    def share(self, shared: SharedBatch) -> bool:
        """Add the first commands, if they are few, to requests that all jobs share; return whether any were added."""
        return False

    def share_later(self, shared: SharedBatch) -> bool:
        """Do the same where the first commands depend on what the portal says of itself, which `share` has asked for."""
        return False

    def prefetch(self) -> bool:
        """Send the first request without waiting for its reply; return whether one is in flight."""
        return False

    def prefetch_rest(self) -> bool:
        """Send the requests behind the first one, if its answer is there; return False if it is awaited.

        What it raises is of no use: the step that needs the answer raises it again.
        """
        return True

    def step(self) -> Step | None:
        """Return the next step, None at the end. Raises a PortalError that ends the job; the steps before it stay true."""
        if self._running is None:
            self._running = self._steps()
        return next(self._running, None)

    def close(self) -> None:
        """Abandon what is in flight."""
        if self._running:
            self._running.close()

    @abstractmethod
    def _steps(self) -> Steps:
        """Yield the steps."""


def news_step(news: News) -> Step:
    """Return the step that passes news on."""
    return Step(in_flight=news.in_flight, not_before=news.not_before)
