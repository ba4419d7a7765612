"""What a peer is told, and what it reports. Peers run beside their own packages: this uses only the standard library."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Listing:
    """A list to read. `narrow`: its filter leaves so little that ranges of IDs would be mostly empty."""

    table: str
    method: str
    select: list[str] = field(default_factory=list)
    filter: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    narrow: bool = False

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The method's parameters."""
        told: dict[str, Any] = {**self.params, **more}
        if self.select:
            told["select"] = self.select
        if self.filter:
            told["filter"] = self.filter
        return told


@dataclass(frozen=True)
class PerParent:
    """Rows to read parent by parent: the list of the parents' IDs, and the method that takes an `id`."""

    table: str
    method: str
    parents: Listing


@dataclass(frozen=True)
class Task:
    """All there is to read."""

    webhook: str
    lists: list[Listing]
    per_parent: list[PerParent]

    @classmethod
    def from_arguments(cls) -> "Task":
        """The task in the file that the command line names."""
        with open(sys.argv[1], encoding="utf-8") as file:
            told = json.load(file)
        return cls(
            told["webhook"],
            [Listing(**one) for one in told["lists"]],
            [PerParent(**{**one, "parents": Listing(**one["parents"])}) for one in told["per_parent"]],
        )


class Received:
    """Counts rows, and distinct ones by their key."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._keys: dict[str, set[int]] = {}

    def take(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take rows of a table."""
        keys = self._keys.setdefault(table, set())
        for row in rows:
            self._rows[table] += 1
            keys.add(int(row["ID"]))

    def report(self) -> None:
        """Print the counts as JSON: by table, rows and distinct rows."""
        print(json.dumps({name: [self._rows[name], len(keys)] for name, keys in self._keys.items()}))
