"""What a twist is, and the registry of all twists."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from ..app import App
from ..registry import Outcome

Params = dict[str, Any]
Run = Callable[[Params], Outcome]
Around = Callable[[Params, Run], Outcome]
CLASSIC = tuple(f"crm.{name}.list" for name in ("deal", "lead", "contact", "company", "quote", "activity", "product"))


@dataclass(frozen=True, slots=True)
class Twist:
    """A fact turned round. `fact`: the doctor's name for it; `says`: what the portal does instead."""

    fact: str
    says: str
    turn: Callable[[App], None]


TWISTS: dict[str, Twist] = {}


def twist(says: str) -> Callable[[Callable[[App], None]], Callable[[App], None]]:
    """Register a function as the twist of the fact that it is named after."""

    def register(turn: Callable[[App], None]) -> Callable[[App], None]:
        TWISTS[turn.__name__] = Twist(turn.__name__, says, turn)
        return turn

    return register


def turn_round(app: App, fact: str) -> None:
    """Let a portal differ from known ones in one fact. Raises KeyError for a fact without a twist."""
    TWISTS[fact].turn(app)


def around(app: App, methods: Collection[str], wrap: Around) -> None:
    """Put a function around some methods: it is given the parameters, and what runs the method."""

    def of_method(name: str, params: Params, run: Run) -> Outcome:
        return wrap(params, run) if name in methods else run(params)

    app.portal.rules.around.append(of_method)


def with_filter(params: Params, change: Callable[[str, Any], Any]) -> Params:
    """Return parameters whose filter has other values; a condition that becomes None is dropped."""
    found = params.get("filter")
    if not isinstance(found, dict):
        return params
    changed = {key: change(key, value) for key, value in found.items()}
    return {**params, "filter": {key: value for key, value in changed.items() if value is not None}}


def start_of(params: Params) -> int:
    """Return the offset that is asked for."""
    return int(params.get("start") or 0)
