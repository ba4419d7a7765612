"""How a portal runs batches (P1); twists change it."""

from dataclasses import dataclass

MAX_COMMANDS = 50  # P1.1


@dataclass
class BatchRules:
    """The defaults are those of known portals.

    `maps_keep_their_type`: a reference to a map gives the map (P1.7). `stops_at_errors`: later commands do not run.
    """

    most_commands: int = MAX_COMMANDS
    knows_capitals: bool = True
    maps_keep_their_type: bool = True
    stops_at_errors: bool = False
    writes_empty_maps_as_lists: bool = True
