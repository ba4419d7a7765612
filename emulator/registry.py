"""What a REST method is, returns and raises, and the registry of all methods."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .store import Portal

PAGE = 50


@dataclass(slots=True)
class Outcome:
    """What a call returned. `rows`, `counted` and `offset` decide what it costs (see limits.Latency)."""

    result: Any
    total: int | None = None
    next: int | None = None
    rows: int = 0
    counted: bool = False
    offset: int = 0


def shortened(outcome: Outcome) -> Outcome:
    """The same page without its last row, unless that is its only one."""
    items = outcome.result.get("items") if isinstance(outcome.result, dict) else outcome.result
    if not isinstance(items, list) or len(items) < 2:
        return outcome
    rest = items[:-1]
    return replace(outcome, result={"items": rest} if isinstance(outcome.result, dict) else rest, rows=len(rest))


class RestError(Exception):
    """An error that the portal answers with; the code may be empty (P7.9)."""

    def __init__(self, code: str, text: str = "", status: int = 400) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.status = status


Method = Callable[[Portal, dict[str, Any]], Outcome]


@dataclass(frozen=True, slots=True)
class RegisteredMethod:
    """A method: the scope that it needs, the object whose rows it reads, the facts that it follows (docs/portal.md)."""

    run: Method
    scope: str
    reads: str
    facts: str


METHODS: dict[str, RegisteredMethod] = {}


def method(name: str, *, scope: str = "crm", reads: str = "", facts: str = "") -> Callable[[Method], Method]:
    """Register a function as a REST method."""

    def register(run: Method) -> Method:
        METHODS[name] = RegisteredMethod(run, scope, reads, facts)
        return run

    return register
