"""Retry with exponential backoff: the only place that repeats a request.

Which errors are worth a retry is decided by their class (errors.Passing); how much a repeated request asks for, by the
request itself.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from .batch import Command
from .client import Answers, PortalClient
from .errors import OperatingTimeUsedUp, Passing

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
log = logging.getLogger("bitrix24")

FIRST_BACKOFF, MAX_BACKOFF = 1.0, 60.0  # seconds


class Request(Protocol[T_co]):
    """A batch and the meaning of its answers."""

    def commands(self) -> Mapping[str, Command]:
        """Return the commands of the next attempt."""

    def take(self, answers: Answers) -> T_co:
        """Return what the answers say. Raises Passing if they are worth another attempt."""

    def shrink(self, error: Passing) -> None:
        """Make the next attempt smaller, if `error` may come from its size."""


def retry(client: PortalClient, attempt: Callable[[], T], on_failure: Callable[[Passing], None] | None = None) -> T:
    """Repeat `attempt` while it raises Passing errors, up to `client.retry_seconds`. Raises the last error then."""
    started = client.clock.monotonic()
    backoff = FIRST_BACKOFF
    while True:
        try:
            return attempt()
        except Passing as failure:
            if on_failure:
                on_failure(failure)
            # the limiter already delays the next call of a method whose operating time is used up
            seconds = 0.0 if isinstance(failure, OperatingTimeUsedUp) else backoff
            if client.clock.monotonic() - started + seconds > client.retry_seconds:
                raise
            log.info("Retrying in %.0f s: %s", seconds, failure)
            client.pause(seconds, str(failure))
            backoff = min(backoff * 2, MAX_BACKOFF)


def fetch(client: PortalClient, request: Request[T], first: Callable[[], Answers] | None = None) -> T:
    """Send a request, with retries, and return what its answers say. `first`: waits for a first attempt in flight."""

    def attempt() -> T:
        nonlocal first
        wait, first = first, None
        return request.take(wait() if wait else client.batch(request.commands()))

    return retry(client, attempt, request.shrink)
