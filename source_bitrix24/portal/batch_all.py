"""Independent commands, up to 50 in a batch, until each has its answer."""

from collections import Counter
from collections.abc import Callable, Mapping

from .batch import MOST_COMMANDS, Answer, Command
from .batch_size import BatchSize
from .client import Answers, PortalClient
from .errors import Passing, PortalError, PortalFailed
from .retry import fetch


def fetch_all(
    client: PortalClient,
    commands: Mapping[str, Command],
    batch_size: BatchSize | None = None,
    first: Callable[[], Answers] | None = None,
) -> dict[str, Answer]:
    """Return the answers of all commands, by key. Only commands that failed are sent again, if their error is worth it.

    An answer may still hold an error that a retry cannot fix. Raises the last Passing error when retries are exhausted.
    `first`: waits for a request with exactly these commands, already in flight.
    """
    pending = _Pending(commands, batch_size or BatchSize(first=MOST_COMMANDS), everything=first is not None)
    while pending.left:
        fetch(client, pending, first)
        first = None
    return pending.answers


class _Pending:
    """The commands without an answer. `everything`: the first batch holds all of them, whatever the batch size."""

    def __init__(self, commands: Mapping[str, Command], batch_size: BatchSize, *, everything: bool) -> None:
        self.left = dict(commands)
        self.answers: dict[str, Answer] = {}
        self._batch_size = batch_size
        self._next_count = len(commands) if everything else 0
        self._count = 0
        self._refused: Counter[str] = Counter()  # how often each command got an error that is not Passing

    def commands(self) -> dict[str, Command]:
        """Return the next commands; a failed batch is repeated with as many as the batch size allows then."""
        self._count = min(self._next_count or self._batch_size.commands, len(self.left))
        self._next_count = 0
        return dict(list(self.left.items())[: self._count])

    def take(self, answers: Answers) -> None:
        """Keep the answers. Raises the last error among them that is worth another try of its command."""
        self._batch_size.observe(self._count, answers.seconds, answers.size)
        failure = None
        for key, answer in answers.by_key.items():
            if answer.error and self._is_worth_another_try(key, answer.error):
                failure = answer.error
            else:
                self.answers[key] = answer
                del self.left[key]
        if failure:
            raise failure

    def shrink(self, error: PortalError) -> None:
        """Send fewer commands next time, if the portal failed."""
        if isinstance(error, PortalFailed):
            self._batch_size.shrink(self._count)

    def _is_worth_another_try(self, key: str, error: PortalError) -> bool:
        if isinstance(error, Passing):
            return True
        self._refused[key] += 1
        return self._refused[key] <= error.more_tries
