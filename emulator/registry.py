"""What a method is, what it brings, and how it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .store import Portal

PAGE = 50


@dataclass(slots=True)
class Outcome:
    """What a call brought. `rows`, `counted`, `offset` and `scanned` say what it cost the database."""

    result: Any
    total: int | None = None
    next: int | None = None
    rows: int = 0
    counted: bool = False
    offset: int = 0


class RestError(Exception):
    """An error as the portal tells it; the code may be empty (P7.9)."""

    def __init__(self, code: str, text: str = "", status: int = 400) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.status = status


Method = Callable[[Portal, dict[str, Any]], Outcome]


@dataclass(frozen=True, slots=True)
class Registered:
    """A method with the scope it needs, the object whose rows it reads, and the facts it obeys."""

    run: Method
    scope: str
    reads: str
    facts: str


METHODS: dict[str, Registered] = {}


def method(name: str, *, scope: str = "crm", reads: str = "", facts: str = "") -> Callable[[Method], Method]:
    """Register a function as a REST method."""

    def register(run: Method) -> Method:
        METHODS[name] = Registered(run, scope, reads, facts)
        return run

    return register
