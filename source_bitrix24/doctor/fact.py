"""What a fact of the portal is to the doctor: its number, what it says, the question, and how the answer is judged."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..portal.batch import Answer, Command
from ..portal.errors import PortalError
from ..portal.keyset import Row
from .known import Known


class Verdict(StrEnum):
    """What an answer says about a fact."""

    AS_KNOWN = "as known"
    DIFFERENT = "different"
    UNTOLD = "cannot be told here"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, and what was measured: in our words, without any text, name or number of the portal's records."""

    verdict: Verdict
    measured: str


@dataclass(frozen=True, slots=True)
class Alone:
    """Commands that need a request of their own."""

    commands: Mapping[str, Command]


@dataclass(frozen=True, slots=True)
class Direct:
    """A command that is called outside a batch."""

    command: Command


@dataclass(frozen=True, slots=True)
class Reply:
    """The answers by key. `times`: the time block of each command; `time`: that of the request; `maps`: the raw parts.

    A direct call has its answer under the key "direct".
    """

    answers: Mapping[str, Answer]
    times: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    time: Mapping[str, Any] = field(default_factory=dict)
    maps: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Answer:
        return self.answers[key]


Request = Mapping[str, Command] | Alone | Direct
Asking = Generator[Request, Reply, Finding]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of docs/portal.md that can be asked without changing anything.

    `numbers`: its numbers there. `says`: what holds on known portals; `otherwise`: what the connector does where it does
    not. `rows`: how many rows the list must have on which it is asked. `ask` yields requests and returns its finding; the
    commands of facts share requests, so their keys are unique.
    """

    name: str
    numbers: str
    says: str
    otherwise: str
    rows: int
    ask: Callable[[Known], Asking]


FACTS: dict[str, Fact] = {}


def fact(
    numbers: str, says: str, otherwise: str, rows: int = 0
) -> Callable[[Callable[[Known], Asking]], Callable[[Known], Asking]]:
    """Register a generator function as a fact; it is called by the function's name."""

    def register(ask: Callable[[Known], Asking]) -> Callable[[Known], Asking]:
        FACTS[ask.__name__] = Fact(ask.__name__, numbers, says, otherwise, rows, ask)
        return ask

    return register


def facts_of(module: str) -> list[Fact]:
    """Return the facts that a module registers."""
    return [one for one in FACTS.values() if one.ask.__module__ == module]


def judged(holds: bool, measured: str) -> Finding:
    """Return a finding: as known if it holds, else different."""
    return Finding(Verdict.AS_KNOWN if holds else Verdict.DIFFERENT, measured)


def untold(why: str) -> Finding:
    """Return the finding that this portal shows nothing about a fact."""
    return Finding(Verdict.UNTOLD, why)


def rows_of(answer: Answer, rows_in: str = "") -> list[Row]:
    """Return the rows of an answer. Raises its error."""
    if answer.error:
        raise answer.error
    found = answer.result
    if rows_in:
        found = found.get(rows_in) if isinstance(found, dict) else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def ids_of(answer: Answer, rows_in: str = "", key: str = "ID") -> list[int]:
    """Return the IDs of an answer's rows. Raises its error."""
    return [int(row[key]) for row in rows_of(answer, rows_in) if str(row.get(key, "")).isdecimal()]


def code_of(error: PortalError | None) -> str:
    """Return an error's code, which is the portal's and safe to show; "no error" if there is none."""
    if error is None:
        return "no error"
    return f"the error {error.code}" if error.code else f"an error without a code ({type(error).__name__})"
