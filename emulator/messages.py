"""HTTP requests and responses as the app sees them."""

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
        """A header, whichever way the client spells its name; empty if there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def parameters(self, query: str) -> dict[str, Any]:
        """Query and body together. A JSON body that cannot be read counts as none (P7.11)."""
        params = from_pairs(parse_qsl(query, keep_blank_values=True))
        if not self.body:
            return params
        if "json" not in self.header("Content-Type"):
            return params | from_pairs(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            told = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return params
        return params | (told if isinstance(told, dict) else {})


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
        """A page of HTML, or JSON if it looks like it."""
        kind = "application/json; charset=utf-8" if text.startswith("{") else "text/html"
        return cls(status, {"Content-Type": kind}, text.encode())


@dataclass(slots=True)
class Logged:
    """What one request was and cost: when, the method of its URL, the methods inside, status, rows sent, server time.

    `refused`: commands inside that got OPERATION_TIME_LIMIT.
    """

    at: float
    method: str
    methods: Counter[str] = field(default_factory=Counter)
    status: int = 200
    rows: int = 0
    seconds: float = 0.0
    refused: int = 0
    fault: str = ""
