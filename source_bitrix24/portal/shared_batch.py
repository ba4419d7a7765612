"""Commands of many readers in as few requests as they fit into.

Readers add their commands; the requests are sent when the first of them waits for its answers. A request that fails, fails
for each of its readers, who then send their commands by themselves (retry.fetch).
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .background import run_into, spawn_into
from .batch import MOST_COMMANDS, Command
from .client import Answers, PortalClient

_REFERENCE = "$result["
_MOST_SECONDS = 20.0  # P7.6: the portal cuts a request at 60 s
_AT_ONCE = 3  # requests that are sent at the same time, so that many commands take less time
_MANY = 10  # commands that are worth a request
_COMMANDS = 5  # of a reader without news, with one page of each part
_PAGES_OF_MANY = (
    2  # where two requests are too few anyway: the second page, the foot, spares readers with news a request
)


@dataclass(slots=True)
class _Request:
    """Commands of some readers, the seconds that they will take, and their answers once it has been sent."""

    commands: dict[str, Command] = field(default_factory=dict)
    answers: Future[Answers] = field(default_factory=Future)
    is_sent: bool = False
    seconds: float = 0.0

    def has_room(self, commands: int, seconds: float) -> bool:
        return len(self.commands) + commands <= MOST_COMMANDS and self.seconds + seconds <= _MOST_SECONDS


class SharedBatch:
    """Requests that are filled until the first reader waits.

    `pages`: how many pages a reader should ask for, so that `readers` of them have room in two requests, if they have.
    """

    def __init__(self, client: PortalClient, readers: int = 1) -> None:
        self.pages = 2 * MOST_COMMANDS // (_COMMANDS * max(1, readers)) or _PAGES_OF_MANY
        self._client = client
        self._requests: list[_Request] = []
        self._readers = 0
        self._is_closed = False
        self._lock = threading.Lock()

    def add(
        self, commands: Mapping[str, Command], seconds: float = 0.0, *, is_apart: bool = False
    ) -> Callable[[], Answers] | None:
        """Add commands of one reader, in one request; return what waits for their answers. None if it is too late.

        `seconds`: what they took of the server the last time; a request takes no more than 20 s, unless one reader's
        commands do. `is_apart`: if they are many, the portal answers them beside the others, in one of a few requests that
        are sent at once. The commands may refer to each other. Waiting raises a PortalError if the request failed.
        """
        with self._lock:
            if self._is_closed or not 0 < len(commands) <= MOST_COMMANDS:
                return None
            self._readers += 1
            prefix = f"r{self._readers}_"
            request = self._request_for(len(commands), seconds, is_apart=is_apart)
            request.seconds += seconds
            for key, command in commands.items():
                request.commands[prefix + key] = replace(command, params=_renamed(command.params, prefix))
        keys = tuple(commands)

        def wait() -> Answers:
            self._send(request)
            answers = request.answers.result()
            seconds_of = {key: answers.seconds_of.get(prefix + key, 0.0) for key in keys}
            return replace(answers, by_key={key: answers.by_key[prefix + key] for key in keys}, seconds_of=seconds_of)

        return wait

    def _request_for(self, commands: int, seconds: float, *, is_apart: bool) -> _Request:
        with_room = [one for one in self._requests if one.has_room(commands, seconds)]
        if is_apart and commands >= _MANY and self._client.lanes.most > 1:
            with_room = [] if len(self._requests) < _AT_ONCE else sorted(with_room, key=lambda one: len(one.commands))
        if with_room:
            return with_room[0]
        self._requests.append(_Request())
        return self._requests[-1]

    def _send(self, needed: _Request) -> None:
        """Send all requests; one after the other where only one may be in flight."""
        is_sequential = self._client.lanes.most == 1
        with self._lock:
            self._is_closed = True
            requests = [needed] if is_sequential else self._requests
            unsent = [request for request in requests if not request.is_sent]
            for request in unsent:
                request.is_sent = True
        start = run_into if is_sequential else spawn_into
        for request in unsent:
            start(request.answers, partial(self._client.batch, request.commands))


def _renamed(value: Any, prefix: str) -> Any:
    """Return parameters with references to commands that have been renamed."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, prefix) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_renamed(item, prefix) for item in value]
    if isinstance(value, str) and value.startswith(_REFERENCE):
        return _REFERENCE + prefix + value.removeprefix(_REFERENCE)
    return value
