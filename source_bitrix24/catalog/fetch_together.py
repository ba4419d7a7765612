"""Small commands in one request, of which each may fail alone, and one may fail the request."""

from collections.abc import Callable, Mapping

from ..portal.batch import Answer, Command
from ..portal.batch_all import fetch_all
from ..portal.client import Answers, PortalClient
from ..portal.errors import OperatingTimeUsedUp, Passing, PortalError, TimedOut, TooManyRequests, Unreachable

MAX_ATTEMPTS = 4  # of a command that fails alone: other tables do not wait for it
_ENOUGH_FAILURES = 2  # of commands in requests of their own: it is not the command


def fetch_together(
    client: PortalClient, commands: Mapping[str, Command], first: Callable[[], Answers] | None = None
) -> dict[str, Answer]:
    """Return the answers, each with its own error. Raises PortalError if there are none.

    `first`: waits for a first attempt in flight. Where the request fails as a whole, each command is sent alone, once.
    """
    try:
        return fetch_all(client, commands, first=first, max_attempts=MAX_ATTEMPTS)
    except (Unreachable, TooManyRequests, OperatingTimeUsedUp, TimedOut):
        raise
    except PortalError as error:
        answers = _one_by_one(client, commands)
        if answers:
            return answers
        if not isinstance(error, Passing):
            raise
        return fetch_all(client, commands)


def _one_by_one(client: PortalClient, commands: Mapping[str, Command]) -> dict[str, Answer]:
    """Send a request for each command; return no answers if the first ones fail."""
    answers: dict[str, Answer] = {}
    for key, command in commands.items():
        try:
            answers[key] = client.batch({key: command}).by_key[key]
        except PortalError as error:
            answers[key] = Answer(error=error)
        if len(answers) == _ENOUGH_FAILURES and all(answer.error for answer in answers.values()):
            return {}
    return answers
