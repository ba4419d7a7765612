"""Reading all sets again after some days, since no date of a parent shows every change: when, and for how long in a sync."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..portal.clock import Clock
from ..portal.keyset import Row
from ..portal.scan import Scan
from ..portal.scan_context import Chunk
from .id_set import IdSet
from .known_sets import KnownSets, Rereading

_HOUR = 3600.0


class Allowance:
    """How long all reconciliations of a sync may take together: an hour, or as long as the sync takes without them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._used = 0.0
        self._running_since: float | None = None

    def start(self) -> None:
        """A reconciliation begins or goes on."""
        self._running_since = self._clock.monotonic()

    def stop(self) -> None:
        """It is over, for this sync."""
        self._used, self._running_since = self._seconds_used(), None

    @property
    def is_used_up(self) -> bool:
        """Whether the rest has to wait for the next sync."""
        used = self._seconds_used()
        return used >= max(_HOUR, self._clock.monotonic() - self._began - used)

    def _seconds_used(self) -> float:
        running = 0.0 if self._running_since is None else self._clock.monotonic() - self._running_since
        return self._used + running


class AllParents:
    """The parents of a scan with some IDs, until the allowance is used up. `are_complete`: all of them have been given.

    Some are given in any case, so that every sync makes progress.
    """

    def __init__(self, scan: Scan, ids: IdSet, allowance: Allowance) -> None:
        self.are_complete = False
        self._scan = scan
        self._ids = ids
        self._allowance = allowance

    def __iter__(self) -> Iterator[Row]:
        has_begun = False
        for chunk in self._scan.chunks():
            if isinstance(chunk, Chunk):
                if has_begun and self._allowance.is_used_up:
                    return
                yield from (row for row in chunk.rows if int(row["ID"]) in self._ids)
                has_begun = True
        self.are_complete = True

    def close(self) -> None:
        """Abandon the requests in flight."""
        self._scan.close()


def due(known: KnownSets, now: datetime, days: int, newest: int) -> Rereading | None:
    """Return the reconciliation to go on with, from the parent `newest` down if it is a new one; None if there is none.

    A table whose sets have never been read whole, as in a state of version 0.1, is due at once.
    """
    if not days or known.again:
        return known.again if days else None
    if known.read_at and now - known.read_at < timedelta(days=days):
        return None
    return Rereading(now, newest + 1)
