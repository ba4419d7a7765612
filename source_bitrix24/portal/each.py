"""Asking independent questions, up to 50 in a request, until every one has its answer."""

from collections.abc import Mapping

from .batch import MOST_COMMANDS, Answer, Command
from .client import Asked, PortalClient
from .errors import Passing, PortalFailed
from .pace import Pace


def ask_each(
    client: PortalClient, commands: Mapping[str, Command], pace: Pace | None = None, sent: Asked | None = None
) -> dict[str, Answer]:
    """The answers to all commands. Only what failed with a Passing error is asked again, and in smaller requests.

    An answer can still be an error, of a kind that repeating does not mend. Raises the Passing error that outlasts patience.
    `sent`: a request for just these commands that is already under way.
    """
    pace = pace or Pace(first=min(len(commands), MOST_COMMANDS))
    answers: dict[str, Answer] = {}
    asked = 0

    def attempt() -> None:
        nonlocal asked, sent
        while left := [key for key in commands if key not in answers]:
            asked = len(left) if sent else min(pace.commands, len(left))
            some = {key: commands[key] for key in left[:asked]}
            before, sent = sent, None
            came = client.answers(some, before or client.ask(some))
            pace.took(asked, came.seconds, came.size)
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
