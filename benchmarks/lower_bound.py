"""The shortest wall time in which any reader can keep the portal's limits, with any number of requests in flight.

    by limits      the least t in which all commands fit:
                     at most burst + rate × (t − request) requests: batches of up to 50 commands, and direct calls
                     at most 480 s + 0.8 × t of operating time for the batches of each method (P7.4), or for all batches
                     (P7.14), and as much again for the direct calls of each method
    by cores       (Q × request + rows / 50 × page) / cores, with Q = commands / 50; only where the portal has a number
    by processor   request + page + CPU seconds: nothing can be decoded before the first answer

The lower bound is the greatest of the three. A reader needs neither counts nor offsets. The CPU seconds are those of this
connector after the start of its process; the start of no reader's process is included. Two rules of the portal are left out,
so a reader can be faster where operating time ends: requests in flight when it ends are finished, and it comes back in whole
minutes. Left out as well: requests of up to 0.1 s are not counted.
"""

from dataclasses import dataclass
from math import ceil, inf

from .limits import COMMANDS, PAGE, PortalLimits

_OPERATING_TIME = 480.0
_OPERATING_RATE = 0.8  # seconds a second: 480 s in ten minutes
_PRECISION = 1e-6


@dataclass(frozen=True, slots=True)
class Need:
    """The fewest commands that a read takes, the rows that they return, and how many methods they call."""

    commands: int
    rows: int
    methods: int = 1

    def __add__(self, other: "Need") -> "Need":
        return Need(self.commands + other.commands, self.rows + other.rows, self.methods + other.methods)


def listing(rows: int) -> Need:
    """A list: a command for each page."""
    return Need(ceil(rows / PAGE), rows)


def per_parent(parents: int, rows: int) -> Need:
    """Rows that are read per parent: the list of the parents, and a command for each parent."""
    return listing(parents) + Need(parents, rows)


def lower_bound(need: Need, limits: PortalLimits, processor: float = 0.0) -> float:
    """Seconds. `processor`: the CPU seconds that the read takes on this machine, 0 if they are not known."""
    opening = (limits.request_ms + limits.page_ms) / 1000
    return max(_by_limits(need, limits), _by_cores(need, limits), opening + processor if processor else 0.0)


def _by_limits(need: Need, limits: PortalLimits) -> float:
    shortest, longest = 0.0, 1.0
    while not _fits(need, limits, longest):
        shortest, longest = longest, longest * 2
    while longest - shortest > _PRECISION:
        middle = (shortest + longest) / 2
        shortest, longest = (shortest, middle) if _fits(need, limits, middle) else (middle, longest)
    return longest


def _fits(need: Need, limits: PortalLimits, seconds: float) -> bool:
    """Whether the limits allow all commands in that time."""
    sending = seconds - limits.request_ms / 1000  # the last request cannot be sent later
    if sending < 0:
        return False
    account = _OPERATING_TIME + _OPERATING_RATE * seconds
    each = need.rows / PAGE * limits.page_ms / 1000 / max(1, need.commands)
    batch_accounts = need.methods if limits.batch_account == "method" else 1
    in_batches = min(need.commands, int(batch_accounts * account / each) if each else need.commands)
    direct = need.commands - in_batches
    requests = ceil(in_batches / COMMANDS) + direct
    return direct * each <= need.methods * account and requests <= limits.burst + limits.rate * sending


def _by_cores(need: Need, limits: PortalLimits) -> float:
    requests = ceil(need.commands / COMMANDS)
    seconds = (requests * limits.request_ms + need.rows / PAGE * limits.page_ms) / 1000
    return seconds / min(limits.cores or inf, limits.workers or inf)
