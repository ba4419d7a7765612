"""What a portal's answers follow beside its data; the defaults are those of known portals, twists change them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_COMMANDS = 50  # P1.1
Params = dict[str, Any]


class OwnerLists(StrEnum):
    """What the lists of product rows do with a list of owners (P4.2). Portals accept it, which may change any day."""

    ACCEPT = "pass"
    REFUSE = "refuse"
    FIRST = "first"  # read the first owner only
    SOME = "some"  # silently leave owners out


@dataclass
class BatchRules:
    """How a portal runs batches.

    `maps_keep_their_type`: a reference to a map gives the map (P1.7). `stops_at_errors`: later commands do not run.
    """

    most_commands: int = MAX_COMMANDS
    knows_capitals: bool = True
    maps_keep_their_type: bool = True
    stops_at_errors: bool = False
    writes_empty_maps_as_lists: bool = True


@dataclass
class Rules:
    """The rules of a portal.

    `around`: what is put around methods; each is given the method's name, its parameters, and what runs it. `odd_time`: what
    becomes of the block `time`. `hides_deals_by`: the column of the deals that lists leave out (P2.18), "" for none.
    """

    batch: BatchRules = field(default_factory=BatchRules)
    around: list[Callable[[str, Params, Callable[[Params], Any]], Any]] = field(default_factory=list)
    odd_time: Callable[[Params], Params] = dict
    code_of_missing_scope: str = "insufficient_scope"  # P1.15
    hides_deals_by: str = "IS_RECURRING"
