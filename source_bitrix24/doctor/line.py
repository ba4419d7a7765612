"""The line to the portal: requests with retries, and their replies with everything that the facts look at."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from ..portal.batch import Answer, Command
from ..portal.client import PortalClient
from ..portal.errors import Passing, PortalError
from ..portal.keyset import PAGE
from ..portal.partial_json import decode
from ..portal.retry import retry
from .fact import Alone, Direct, Reply, Request
from .guard import Guard


class Line:
    """Sends one request at a time, and keeps what requests take.

    `others`: the most operating time that an account held beyond what the doctor has spent.
    """

    def __init__(self, client: PortalClient, guard: Guard) -> None:
        self._client = client
        self._guard = guard
        self._overheads: list[float] = []
        self._requests: list[float] = []
        self._commands: list[float] = []
        self._narrow: list[float] = []
        self._spent: dict[str, float] = {}
        self.keeps_accounts = False
        self.others = 0.0

    @property
    def client(self) -> PortalClient:
        """The client that sends the requests."""
        return self._client

    @property
    def overhead(self) -> float:
        """The usual seconds of a request outside the portal's own time."""
        return median(self._overheads) if self._overheads else 0.0

    @property
    def request_seconds(self) -> float:
        """The portal's usual seconds of a batch beside its commands."""
        return median(self._requests) if self._requests else 0.0

    @property
    def least_seconds(self) -> float:
        """The portal's usual seconds of a command that returns nothing."""
        return median(self._commands) if self._commands else 0.0

    @property
    def narrow_seconds(self) -> float:
        """The portal's usual seconds of a page of IDs."""
        return median(self._narrow) if self._narrow else self.least_seconds

    def send(self, request: Request) -> Reply:
        """Send a request. Raises a PortalError if it failed as a whole, or Enough."""
        if isinstance(request, Direct):
            return self._direct(request.command)
        commands = request.commands if isinstance(request, Alone) else request
        answers = retry(self._client, lambda: self._client.batch(commands))
        body = self._last_body()
        result = body.get("result")
        maps = result if isinstance(result, dict) else {}
        times = {key: time for key, time in _map(maps.get("result_time")).items() if isinstance(time, dict)}
        reply = Reply(answers.by_key, times, _map(body.get("time")), maps)
        self._observe(reply.time)
        self._observe_commands(commands, reply)
        return reply

    def _direct(self, command: Command) -> Reply:
        try:
            answer = retry(self._client, lambda: self._client.direct(command))
        except Passing:
            raise
        except PortalError as error:
            return Reply({"direct": Answer(error=error)})
        time = _map(self._last_body().get("time"))
        self._observe(time)
        return Reply({"direct": answer}, {"direct": time}, time)

    def _last_body(self) -> Mapping[str, Any]:
        return _map(decode(self._guard.last.reply.body)) if self._guard.last else {}

    def _observe(self, time: Mapping[str, Any]) -> None:
        if self._guard.last and "duration" in time:
            self._overheads.append(max(0.0, self._guard.last.seconds - seconds_of(time)))

    def _observe_commands(self, commands: Mapping[str, Command], reply: Reply) -> None:
        known = {key: time for key, time in reply.times.items() if key in commands}
        if "duration" in reply.time and known:
            self._requests.append(max(0.0, seconds_of(reply.time) - sum(map(seconds_of, known.values()))))
        for key, time in known.items():
            size = len(entries) if isinstance(entries := reply[key].result, list) else -1
            method = commands[key].method
            self._spent[method] = self._spent.get(method, 0.0) + seconds_of(time)
            if method.endswith(".list") and commands[key].params.get("start") == -1:
                if size == 0:
                    self._commands.append(seconds_of(time))
                elif size == PAGE and commands[key].params.get("select") in (["ID"], ("ID",)):
                    self._narrow.append(seconds_of(time))
            operating = time.get("operating")
            if isinstance(operating, (int, float)):
                self.keeps_accounts = True
                self.others = max(self.others, operating - self._spent[method])


def seconds_of(time: Mapping[str, Any]) -> float:
    """Return the server's seconds in a time block; 0 where it does not say."""
    duration = time.get("duration")
    return float(duration) if isinstance(duration, (int, float)) else 0.0


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
