"""Faults on demand: what can go wrong with a request, and when."""

import random
from collections.abc import Callable
from dataclasses import dataclass

# answers of the front end, in place of what the method would have said
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
}
# the connection breaks: before anything is asked, or (cut_connection) while the answer comes
CONNECTION = ("reset", "refused", "dns", "tls", "hang", "connect_timeout", "cut_connection")
# what goes wrong inside: commands fail or go missing, an answer is cut short, takes too long or breaks the portal's word
INSIDE = (
    "command_error",
    "command_missing",
    "command_time_limit",
    "cut_body",
    "too_long",
    "filter_ignored",
    "rows_reversed",
)
KINDS = (*ANSWERS, *CONNECTION, *INSIDE)


class ConnectionFault(Exception):
    """The connection breaks in the given way; server and adapter turn it into the real thing."""

    def __init__(self, kind: str, body: bytes = b"") -> None:
        super().__init__(kind)
        self.kind = kind
        self.body = body


@dataclass
class Fault:
    """One kind of fault and when it strikes.

    `at`: from the n-th request on, counted from one, of those that contain `method` if that is given; `times`: how often;
    `chance`: how likely each time; `command`: which command of a batch is hit, counted from zero.
    """

    kind: str
    at: int = 1
    times: int = 1
    method: str = ""
    command: int = 0
    chance: float = 1.0
    _seen: int = 0

    def strikes(self, methods: list[str], chance: random.Random) -> bool:
        """Whether it hits a request with these methods."""
        if self.method and self.method not in methods:
            return False
        self._seen += 1
        if self._seen < self.at or self.times <= 0 or chance.random() >= self.chance:
            return False
        self.times -= 1
        return True


@dataclass
class Hook:
    """Python to run before the n-th call of a method."""

    method: str
    nth: int
    action: Callable[[], object]


class Faults:
    """The script of what goes wrong, and of what happens between two calls."""

    def __init__(self) -> None:
        self.chance = random.Random(1)
        self._script: list[Fault] = []
        self._hooks: list[Hook] = []
        self._calls: dict[str, int] = {}

    def add(self, fault: Fault) -> None:
        """Script a fault."""
        if fault.kind not in KINDS:
            raise ValueError(f"no such fault: {fault.kind}")
        self._script.append(fault)

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._script.clear()
        self._hooks.clear()

    def hitting(self, methods: list[str]) -> Fault | None:
        """The first fault that hits a request."""
        return next((fault for fault in self._script if fault.strikes(methods, self.chance)), None)

    def before(self, method: str, nth: int, action: Callable[[], object]) -> None:
        """Run `action` before the n-th call of a method from now on."""
        self._hooks.append(Hook(method, self._calls.get(method, 0) + nth, action))

    def before_call(self, method: str) -> None:
        """Run what is to happen before this call of a method."""
        count = self._calls[method] = self._calls.get(method, 0) + 1
        for hook in [hook for hook in self._hooks if (hook.method, hook.nth) == (method, count)]:
            hook.action()
