"""Asking independent questions, up to 50 in a request, until every one has its answer."""

from collections.abc import Mapping

from .batch import MOST_COMMANDS, Answer, Command
from .client import PortalClient
from .errors import Passing, PortalFailed
from .pace import Pace


def ask_each(client: PortalClient, commands: Mapping[str, Command], pace: Pace | None = None) -> dict[str, Answer]:
    """The answers to all commands. Only what failed with a Passing error is asked again, and in smaller requests.

    An answer can still be an error, of a kind that repeating does not mend. Raises the Passing error that outlasts patience.
    """
    pace = pace or Pace(first=min(len(commands), MOST_COMMANDS))
    answers: dict[str, Answer] = {}
    asked = 0

    def attempt() -> None:
        nonlocal asked
        while left := [key for key in commands if key not in answers]:
            asked = min(pace.commands, len(left))
            came = client.batch({key: commands[key] for key in left[:asked]})
            pace.took(asked, came.seconds)
            again = None
            for key, answer in came.by_key.items():
                if isinstance(answer.error, Passing):
                    again = answer.error
                else:
                    answers[key] = answer
            if again:
                raise again

    def ask_for_less(error: Passing) -> None:
        if isinstance(error, PortalFailed):
            pace.failed(asked)

    client.patiently(attempt, ask_for_less)
    return answers
