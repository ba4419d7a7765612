"""Independent commands, up to 50 in a batch, until each has its answer."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import islice

from .batch import MOST_COMMANDS, Answer, Command
from .batch_size import BatchSize
from .client import Answers, PortalClient
from .errors import OperatingTimeUsedUp, Passing, PortalError, PortalFailed, TimedOut
from .prefetch import Prefetch
from .retry import fetch


def fetch_all(
    client: PortalClient,
    commands: Mapping[str, Command],
    batch_size: BatchSize | None = None,
    first: Callable[[], Answers] | None = None,
    max_attempts: int | None = None,
) -> dict[str, Answer]:
    """Return the answers of all commands, by key. Only commands that failed are sent again, if their error is worth it.

    An answer may still hold an error that a retry cannot fix. Raises the last error when retries are exhausted: of a
    request as a whole, or a Passing one of a command. `max_attempts`: so often at most a command is sent, and then keeps
    its error; so often a request is, while the portal fails at it. Waits for operating time do not count.
    `first`: waits for a request with exactly these commands, already in flight.
    """
    pending = _Pending(commands, batch_size or BatchSize(first=MOST_COMMANDS), max_attempts, everything=bool(first))
    while pending.left:
        try:
            fetch(client, pending, first)
        except PortalError as error:
            if not pending.failed or (isinstance(error, Passing) and not max_attempts):
                raise
            if isinstance(error, Passing):
                pending.settle(pending.failed)
        first = None
    return pending.answers


def fetch_many(client: PortalClient, commands: Mapping[str, Command]) -> dict[str, Answer]:
    """Return the answers of all commands as `fetch_all` does, with as many requests in flight as the lanes allow.

    For commands whose answers are small. Raises as `fetch_all`.
    """
    left = iter(commands.items())
    parts = iter(lambda: dict(islice(left, MOST_COMMANDS)), {})
    queue: Prefetch[dict[str, Command], Answers] = Prefetch(
        client.batch, lambda: client.lanes.limit, sequential=client.lanes.most == 1
    )
    answers: dict[str, Answer] = {}
    try:
        part = next(parts, None)
        while part or queue:
            while part and queue.has_room:
                queue.add(part)
                part = next(parts, None)
            oldest, sent = queue.take()
            answers |= fetch_all(client, oldest, first=sent)
    finally:
        queue.abandon()
    return answers


class _Pending:
    """The commands without an answer. `everything`: the first batch holds all of them, whatever the batch size.

    `failed`: the answers of the last batch that are worth another try; none if it failed as a whole.
    """

    def __init__(
        self, commands: Mapping[str, Command], batch_size: BatchSize, max_attempts: int | None, *, everything: bool
    ) -> None:
        self.left = dict(commands)
        self.answers: dict[str, Answer] = {}
        self.failed: dict[str, Answer] = {}
        self._batch_size = batch_size
        self._max_attempts = max_attempts
        self._next_count = len(commands) if everything else 0
        self._count = 0
        self._attempts: Counter[str] = Counter()  # of each command that got an error
        self._refusals: Counter[str] = Counter()  # those of them that are not Passing
        self._failures = 0  # of requests as a whole

    def commands(self) -> dict[str, Command]:
        """Return the next commands; a failed batch is repeated with as many as the batch size allows then."""
        self.failed = {}
        self._count = min(self._next_count or self._batch_size.commands, len(self.left))
        self._next_count = 0
        return dict(list(self.left.items())[: self._count])

    def take(self, answers: Answers) -> None:
        """Keep the answers. Raises the last error among them that is worth another try of its command."""
        self._batch_size.observe(self._count, answers.seconds, answers.size)
        errors = {key: answer.error for key, answer in answers.by_key.items() if answer.error}
        worth = [key for key, error in errors.items() if self._is_worth_another_try(key, error)]
        self.failed = {key: answers.by_key[key] for key in worth}
        self.settle({key: answer for key, answer in answers.by_key.items() if key not in self.failed})
        for key in sorted(worth, key=lambda key: isinstance(errors[key], Passing), reverse=True):
            raise errors[key]

    def settle(self, answers: Mapping[str, Answer]) -> None:
        """Keep answers as they are."""
        for key in answers:
            del self.left[key]
        self.answers.update(answers)

    def shrink(self, error: PortalError) -> None:
        """Send fewer commands next time, if the portal failed at the request as a whole. Raises what fails too often."""
        if self.failed or not isinstance(error, PortalFailed):
            return
        self._batch_size.shrink(self._count)
        self._failures += not isinstance(error, TimedOut)
        if self._failures == self._max_attempts:
            raise error

    def _is_worth_another_try(self, key: str, error: PortalError) -> bool:
        if isinstance(error, OperatingTimeUsedUp):
            return True
        self._attempts[key] += 1
        if self._attempts[key] == self._max_attempts:
            return False
        self._refusals[key] += not isinstance(error, Passing)
        return isinstance(error, Passing) or self._refusals[key] <= error.more_tries
