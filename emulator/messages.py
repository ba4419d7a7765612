"""HTTP requests and responses, and the log of requests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from .php import from_pairs


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; `path` with its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header by its name in any case; empty if there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def parameters(self, query: str) -> dict[str, Any]:
        """Query and body together. A JSON body that cannot be parsed counts as empty (P7.11)."""
        params = from_pairs(parse_qsl(query, keep_blank_values=True))
        if not self.body:
            return params
        if "json" not in self.header("Content-Type"):
            return params | from_pairs(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            values = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return params
        return params | (values if isinstance(values, dict) else {})


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def json(cls, body: Any, status: int = 200) -> "Response":
        """A JSON answer."""
        return cls(status, {"Content-Type": "application/json; charset=utf-8"}, orjson.dumps(body))

    @classmethod
    def text(cls, status: int, text: str) -> "Response":
        """A text: JSON if it starts with a brace, else HTML."""
        kind = "application/json; charset=utf-8" if text.startswith("{") else "text/html"
        return cls(status, {"Content-Type": kind}, text.encode())


@dataclass(slots=True)
class LogEntry:
    """One request. `at`: when it arrived; `method`: of its URL; `methods`: of its commands; `rows`: how many it returned.

    `seconds`: server time; `queued`: seconds of waiting for a worker; `refused`: how often it got OPERATION_TIME_LIMIT.
    """

    at: float
    method: str
    methods: Counter[str] = field(default_factory=Counter)
    status: int = 200
    rows: int = 0
    seconds: float = 0.0
    refused: int = 0
    fault: str = ""
    queued: float = 0.0
