"""The shortest wall time in which any reader can keep the portal's limits.

    requests   Q = commands / 50                         a batch carries at most 50 commands
    server     S = Q × request + rows / 50 × page        a reader needs neither counts nor offsets
    opening    f = request + page                        the first request is sent alone: it tells the range of IDs
    by rate    (Q − burst) / rate + request              the last request cannot be sent earlier
    by server  f + (S − f) / in_flight                   the rest is shared between the requests in flight without a gap

The lower bound is the greater of the last two. A reader with more than `in_flight` requests can be faster by server time:
the portal sets no limit there. The start of the reader's process is not included.
"""

from dataclasses import dataclass
from math import ceil

from .limits import COMMANDS, PAGE, PortalLimits


@dataclass(frozen=True, slots=True)
class Need:
    """The fewest commands that a read takes, and the rows that they return."""

    commands: int
    rows: int

    def __add__(self, other: "Need") -> "Need":
        return Need(self.commands + other.commands, self.rows + other.rows)


def listing(rows: int) -> Need:
    """A list: a command for each page."""
    return Need(ceil(rows / PAGE), rows)


def per_parent(parents: int, rows: int) -> Need:
    """Rows that are read per parent: the list of the parents, and a command for each parent."""
    return Need(ceil(parents / PAGE) + parents, parents + rows)


def lower_bound(need: Need, limits: PortalLimits, in_flight: int) -> float:
    """Seconds."""
    request = limits.request_ms / 1000
    server = _server_seconds(need, limits)
    opening = min(request + limits.page_ms / 1000, server)
    by_rate = max(0.0, _requests(need) - limits.burst) / limits.rate + request
    by_server = opening + (server - opening) / in_flight
    return max(by_rate, by_server)


def _requests(need: Need) -> int:
    return ceil(need.commands / COMMANDS)


def _server_seconds(need: Need, limits: PortalLimits) -> float:
    return (_requests(need) * limits.request_ms + need.rows / PAGE * limits.page_ms) / 1000
