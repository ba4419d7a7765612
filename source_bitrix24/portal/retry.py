"""Retry with exponential backoff: the only place that repeats a request.

Which errors are worth a retry for a long time is decided by their class (errors.Passing), and which ones are worth a few
tries by `more_tries`; how much a repeated request asks for, by the request itself.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from .batch import Command
from .client import Answers, PortalClient
from .errors import A_FEW_TRIES, OperatingTimeUsedUp, Passing, PortalError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
log = logging.getLogger("bitrix24")

FIRST_BACKOFF, MAX_BACKOFF = 1.0, 60.0  # seconds
A_MOMENT = 3.0  # seconds before another try after an error that is not Passing


class Request(Protocol[T_co]):
    """A batch and the meaning of its answers."""

    def commands(self) -> Mapping[str, Command]:
        """Return the commands of the next attempt."""

    def take(self, answers: Answers) -> T_co:
        """Return what the answers say. Raises a PortalError; its class says whether they are worth another attempt."""

    def shrink(self, error: PortalError) -> None:
        """Make the next attempt smaller, if `error` may come from its size."""


def retry(
    client: PortalClient,
    attempt: Callable[[], T],
    on_failure: Callable[[PortalError], None] | None = None,
) -> T:
    """Repeat `attempt` while its errors are worth it, up to `client.retry_seconds`. Raises the last error then.

    Passing errors are retried for all that time, others as often as their `more_tries` says.
    """
    started = client.clock.monotonic()
    backoff = FIRST_BACKOFF
    refusals = 0
    while True:
        try:
            return attempt()
        except PortalError as failure:
            is_passing = isinstance(failure, Passing)
            refusals += not is_passing
            tries = A_FEW_TRIES if failure.is_on_the_way and client.has_answered else failure.more_tries
            if not is_passing and refusals > tries:
                raise
            if on_failure:
                on_failure(failure)
            seconds = _pause_after(failure, backoff)
            if client.clock.monotonic() - started + seconds > client.retry_seconds:
                raise
            log.info("Retrying in %.0f s: %s", seconds, failure)
            client.pause(seconds, str(failure))
            backoff = min(backoff * 2, MAX_BACKOFF)


def _pause_after(failure: PortalError, backoff: float) -> float:
    if isinstance(failure, OperatingTimeUsedUp):
        return 0.0  # the limiter already delays the next call of that method
    return backoff if isinstance(failure, Passing) else A_MOMENT


def fetch(client: PortalClient, request: Request[T], first: Callable[[], Answers] | None = None) -> T:
    """Send a request, with retries, and return what its answers say. `first`: waits for a first attempt in flight."""

    def attempt() -> T:
        nonlocal first
        wait, first = first, None
        return request.take(wait() if wait else client.batch(request.commands()))

    return retry(client, attempt, request.shrink)
