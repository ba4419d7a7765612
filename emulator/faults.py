"""Faults on demand: what goes wrong with a request, and when."""

import random
from collections.abc import Callable
from dataclasses import dataclass

# answers of the front end; the method is not called
ANSWERS: dict[str, tuple[int, str]] = {
    "too_many_requests": (503, '{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}'),
    "operating_time": (
        429,
        '{"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}',
    ),
    "internal_error": (500, '{"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error"}'),
    "bad_gateway": (502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    "gateway_timeout": (504, "<html><head><title>504 Gateway Time-out</title></head><body>nginx</body></html>"),
    "html": (200, "<html><body>Site maintenance</body></html>"),
    "empty": (200, ""),
    "revoked": (401, '{"error":"INVALID_CREDENTIALS","error_description":"Invalid request credentials"}'),
    "refused_in_russian": (400, '{"error":0,"error_description":"Недостаточно прав"}'),
    "page_401": (401, "<html><head><title>401 Authorization Required</title></head><body>nginx</body></html>"),
    "page_403": (403, "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>"),
    "page_404": (404, "<html><head><title>404 Not Found</title></head><body>nginx</body></html>"),
    "proxy_login": (407, "<html><head><title>407 Proxy Authentication Required</title></head><body></body></html>"),
    "login_page": (200, '<html><body><form action="/auth/"><input type="password"></form></body></html>'),
    "login_redirect": (302, "<html></html>"),
}
LOGIN = "/auth/?backurl=%2Frest%2F"  # where login_redirect leads
# the connection breaks before the request arrives, or (cut_connection) in the middle of the answer
CONNECTION = (
    "reset",
    "refused",
    "dns",
    "tls",
    "tls_name",
    "tls_expired",
    "proxy_refuses",
    "hang",
    "connect_timeout",
    "cut_connection",
)
# commands fail or are missing; the answer is cut short, takes too long or has wrong rows; filter_null: no date in a filter
# can be parsed (P2.14); short_page: a page of a list lacks its last row (P2.21)
INSIDE = (
    "command_error",
    "command_missing",
    "command_time_limit",
    "cut_body",
    "too_long",
    "filter_ignored",
    "filter_null",
    "short_page",
    "rows_reversed",
)
KINDS = (*ANSWERS, *CONNECTION, *INSIDE)


class ConnectionFault(Exception):
    """The connection breaks in the way that `kind` names; the server and the adapter make it happen."""

    def __init__(self, kind: str, body: bytes = b"") -> None:
        super().__init__(kind)
        self.kind = kind
        self.body = body


@dataclass
class Fault:
    """A fault of one kind.

    It hits requests from the `at`-th on, counted from 1 among those that call `method` (any, if that is empty), each with
    the probability `chance`, at most `times` times. `command`: the index of the command that it hits in a batch; a filter is
    hit in all calls of `method`, and in no others.
    """

    kind: str
    at: int = 1
    times: int = 1
    method: str = ""
    command: int = 0
    chance: float = 1.0
    _seen: int = 0

    def hits(self, methods: list[str], chance: random.Random) -> bool:
        """Whether it hits a request that calls these methods. Call this once a request."""
        if self.method and self.method not in methods:
            return False
        self._seen += 1
        if self._seen < self.at or self.times <= 0 or chance.random() >= self.chance:
            return False
        self.times -= 1
        return True


@dataclass
class Trigger:
    """An action to run before the n-th call of a method."""

    method: str
    nth: int
    action: Callable[[], object]


class Faults:
    """The faults of coming requests, and the actions to run between calls."""

    def __init__(self) -> None:
        self.chance = random.Random(1)
        self._faults: list[Fault] = []
        self._triggers: list[Trigger] = []
        self._calls: dict[str, int] = {}

    def add(self, fault: Fault) -> None:
        """Add a fault. Raises ValueError for an unknown kind."""
        if fault.kind not in KINDS:
            raise ValueError(f"no such fault: {fault.kind}")
        self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults and actions."""
        self._faults.clear()
        self._triggers.clear()

    def next_for(self, methods: list[str]) -> Fault | None:
        """The first fault that hits a request that calls these methods."""
        return next((fault for fault in self._faults if fault.hits(methods, self.chance)), None)

    def before(self, method: str, nth: int, action: Callable[[], object]) -> None:
        """Run `action` before the n-th call of a method, counted from now."""
        self._triggers.append(Trigger(method, self._calls.get(method, 0) + nth, action))

    def before_call(self, method: str) -> None:
        """Count a call of a method and run the actions that are due before it."""
        count = self._calls[method] = self._calls.get(method, 0) + 1
        for trigger in [trigger for trigger in self._triggers if (trigger.method, trigger.nth) == (method, count)]:
            trigger.action()
