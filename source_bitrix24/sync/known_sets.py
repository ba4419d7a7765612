"""What is known of the sets that hang on parents: what a sync needs in order to take rows back, and to read all sets again.

{…, "sets": {"lengths": "eJz…", "read": "2026-11-23T10:00:00+03:00"}}    all sets were read at that time
{…, "sets": {…, "again": {"began": …, "below": 4800}}}                   they are being read again, from the newest down
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .set_lengths import SetLengths

_LARGEST_ID = 2**62


@dataclass(frozen=True, slots=True)
class Rereading:
    """A reconciliation in progress: since `began`, the sets of all parents from `below` on have been read again."""

    began: datetime
    below: int


@dataclass(frozen=True, slots=True)
class KnownSets:
    """The sets of a table.

    `lengths`: how many rows of each parent may be in the copy. `read_at`: when the last reading of all sets began, None if
    that was never. `again`: the reconciliation in progress.
    """

    lengths: SetLengths = field(default_factory=SetLengths)
    read_at: datetime | None = None
    again: Rereading | None = None

    @classmethod
    def load(cls, saved: object) -> "KnownSets":
        """Parse the part of a saved state. Raises ValueError with a phrase that says why it cannot be used."""
        if not isinstance(saved, Mapping) or set(saved) - {"lengths", "read", "again"}:
            raise ValueError("its sets are none")
        return cls(SetLengths.load(saved.get("lengths")), _moment(saved.get("read")), _again(saved.get("again")))

    def dump(self) -> dict[str, Any]:
        """Return the part of a state as JSON."""
        parts: dict[str, Any] = {"lengths": self.lengths.text}
        if self.read_at:
            parts["read"] = self.read_at.isoformat(timespec="seconds")
        if self.again:
            parts["again"] = {"began": self.again.began.isoformat(timespec="seconds"), "below": self.again.below}
        return parts


def _again(saved: object) -> Rereading | None:
    if saved is None:
        return None
    began = _moment(saved.get("began")) if isinstance(saved, Mapping) else None
    below = saved.get("below") if isinstance(saved, Mapping) else None
    if began is None or not isinstance(below, int) or isinstance(below, bool) or not 0 < below <= _LARGEST_ID:
        raise ValueError("its reading of all sets cannot be read")
    return Rereading(began, below)


def _moment(saved: object) -> datetime | None:
    if saved is None:
        return None
    try:
        moment = datetime.fromisoformat(str(saved))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("the time of its reading of all sets cannot be read")
    return moment
