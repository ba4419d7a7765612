"""A peer's task and its report. Peers run in a virtual environment of their own, so this needs only the standard library."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Listing:
    """A list to read.

    `narrow`: so few rows match its filter that ranges of IDs would be mostly empty. `items`: its result is an object that
    holds the rows as `items`.
    """

    table: str
    method: str
    select: list[str] = field(default_factory=list)
    filter: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    narrow: bool = False
    items: bool = False

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The method's parameters."""
        parameters: dict[str, Any] = {**self.params, **more}
        if self.select:
            parameters["select"] = self.select
        if self.filter:
            parameters["filter"] = self.filter
        return parameters


@dataclass(frozen=True)
class PerParent:
    """Rows to read per parent: the list of the parents' IDs, and the method that takes an `id`."""

    table: str
    method: str
    parents: Listing


@dataclass(frozen=True)
class Task:
    """Everything that a peer has to read."""

    webhook: str
    lists: list[Listing]
    per_parent: list[PerParent]

    @classmethod
    def from_arguments(cls) -> "Task":
        """The task, from the file on the command line."""
        with open(sys.argv[1], encoding="utf-8") as file:
            task = json.load(file)
        return cls(
            task["webhook"],
            [Listing(**values) for values in task["lists"]],
            [PerParent(**{**values, "parents": Listing(**values["parents"])}) for values in task["per_parent"]],
        )


class Received:
    """Counts rows, and distinct rows by their ID."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._keys: dict[str, set[int]] = {}

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Count rows of a table."""
        keys = self._keys.setdefault(table, set())
        for row in rows:
            self._rows[table] += 1
            keys.add(int(row["ID"]))

    def report(self) -> None:
        """Print the counts as JSON: by table, rows and distinct rows."""
        print(json.dumps({name: [self._rows[name], len(keys)] for name, keys in self._keys.items()}))
