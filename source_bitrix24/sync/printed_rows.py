"""Which rows of a list are in the copy: what a sync needs to know in order to find those that are gone.

{…, "rows": {"ids": "eJz…", "counted": true}}       all that was printed and not taken back, as text of an IdSet
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from .id_set import EMPTY, IdSet

_SETS = ("ids", "others", "unseen", "suspects")
_PARTS = {*_SETS, "counted", "unlearned", "limited", "fields", "latest"}


@dataclass(frozen=True, slots=True)
class PrintedRows:
    """What is known of a list's rows up to the greatest ID that was read.

    ids        printed, and not taken back
    others     in the list, but never printed, since they are older than the start date
    unseen     those of `ids` that are not in the list, though nothing proves that they are gone: the user lost rights
    suspects   not in `ids`, but a sync that was killed may have printed them behind its last state

    `is_learned`: `others` are known. `is_counted`: whether the portal's row counts match its IDs;
    None before they were compared. `is_limited`: the user may not have seen all rows when they were.
    `fields`: the custom fields of which rows were printed. `latest`: the latest date of one, as the portal writes it.
    """

    ids: IdSet = EMPTY
    others: IdSet = EMPTY
    unseen: IdSet = EMPTY
    suspects: IdSet = EMPTY
    is_learned: bool = True
    is_counted: bool | None = None
    is_limited: bool = False
    fields: frozenset[str] = frozenset()
    latest: str = ""

    @classmethod
    def load(cls, saved: object) -> "PrintedRows":
        """Parse the part of a saved state. Raises ValueError with a phrase that says why it cannot be used."""
        if not isinstance(saved, Mapping) or set(saved) - _PARTS:
            raise ValueError("its rows are none")
        fields = saved.get("fields", [])
        if not isinstance(fields, list):
            raise ValueError("its fields are no list")
        sets = {name: IdSet.load(saved[name]) for name in _SETS if name in saved}
        counted = saved.get("counted")
        return cls(
            ids=sets.get("ids", EMPTY),
            others=sets.get("others", EMPTY),
            unseen=sets.get("unseen", EMPTY),
            suspects=sets.get("suspects", EMPTY),
            is_learned=not saved.get("unlearned"),
            is_counted=None if counted is None else bool(counted),
            is_limited=bool(saved.get("limited")),
            fields=frozenset(map(str, fields)),
            latest=str(saved.get("latest", "")),
        )

    def dump(self) -> dict[str, Any]:
        """Return the part of a state as JSON."""
        parts: dict[str, Any] = {name: one.text for name in _SETS if (one := getattr(self, name)) or name == "ids"}
        others = {
            "unlearned": not self.is_learned or None,
            "counted": self.is_counted,
            "limited": self.is_limited or None,
            "fields": sorted(self.fields) or None,
            "latest": self.latest or None,
        }
        return parts | {name: value for name, value in others.items() if value is not None}

    def printed(self, ids: IdSet) -> "PrintedRows":
        """Return what is known once these rows are out."""
        known = replace(self, ids=self.ids | ids)
        if self.others or self.unseen or self.suspects:
            known = replace(known, others=self.others - ids, unseen=self.unseen - ids, suspects=self.suspects - ids)
        return known

    def common(self, other: "PrintedRows") -> "PrintedRows":
        """Return what is true for the readers of both: each row that either may have printed."""
        ids = self.ids | other.ids
        one = replace(self, ids=ids, is_counted=self.is_counted if self.is_counted == other.is_counted else None)
        return replace(
            one,
            others=(self.others | other.others) - ids,
            unseen=self.unseen | other.unseen,
            suspects=(self.suspects | other.suspects) - ids,
            is_learned=self.is_learned and other.is_learned,
            is_limited=self.is_limited or other.is_limited,
            fields=self.fields | other.fields,
            latest=max(self.latest, other.latest),
        )


def common_rows(rows: "list[PrintedRows]") -> PrintedRows:
    """Return what is true for the readers of all."""
    return reduce(PrintedRows.common, rows)
