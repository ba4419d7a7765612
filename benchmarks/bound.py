"""The least wall time that any reader needs who keeps the portal's limits.

    requests   Q = commands / 50                         a batch carries at most 50 commands
    server     S = Q × request + rows / 50 × page        neither counts nor offsets are needed
    opening    f = request + page                        nothing can run beside the first request: it tells the IDs
    by rate    (Q − burst) / rate + request              the last request can go out no earlier
    by server  f + (S − f) / in_flight                   everything else is shared out without a gap

The bound is the greater one of the two. A reader that has more requests in flight than `in_flight` could be faster by server
time; the portal sets no limit there, politeness does. A process also has to start: that is not in the bound.
"""

from dataclasses import dataclass
from math import ceil

from .limits import COMMANDS, PAGE, PortalLimits


@dataclass(frozen=True, slots=True)
class Need:
    """What must be asked at least: commands, and the rows that they bring."""

    commands: int
    rows: int

    def __add__(self, other: "Need") -> "Need":
        return Need(self.commands + other.commands, self.rows + other.rows)


def listing(rows: int) -> Need:
    """A list: a command for each page."""
    return Need(ceil(rows / PAGE), rows)


def per_parent(parents: int, rows: int) -> Need:
    """Rows that come parent by parent: the list of the parents, and a command for each of them."""
    return Need(ceil(parents / PAGE) + parents, parents + rows)


def requests(need: Need) -> int:
    """The fewest requests."""
    return ceil(need.commands / COMMANDS)


def server_seconds(need: Need, limits: PortalLimits) -> float:
    """The least server time."""
    return (requests(need) * limits.request_ms + need.rows / PAGE * limits.page_ms) / 1000


def bound(need: Need, limits: PortalLimits, in_flight: int) -> float:
    """Seconds."""
    request = limits.request_ms / 1000
    opening = min(request + limits.page_ms / 1000, server_seconds(need, limits))
    by_rate = max(0.0, requests(need) - limits.burst) / limits.rate + request
    by_server = opening + (server_seconds(need, limits) - opening) / in_flight
    return max(by_rate, by_server)
