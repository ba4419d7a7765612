"""Rows that the portal gives only record by record of another list: product rows, links.

Slices are parents whose rows have come, newest first, several requests ahead of being read. The state says how far down the
parents' IDs all is done, and never lists parents.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from airbyte_cdk.sources.streams.core import StreamData

from ..failures import failure_of
from ..portal.errors import PortalError
from ..portal.keyset import Listing, Row
from ..portal.owned import Owned, OwnedRows, Sets
from ..portal.together import METHOD as TOGETHER
from ..rows import RowLoader
from ..schema import UNTYPED_VALUES
from ..state import StreamState
from ..table import PerParent
from .base import TableStream
from .changes import Covered


class PerParentStream(TableStream[PerParent]):
    """A table whose rows hang on parents, each parent's rows a whole set."""

    rows_are_those_of_the_list = False

    @property
    def listing(self) -> Listing:
        """The list of the parents."""
        assert self.table.cursor
        return Listing(self.table.parent_list, ("ID", self.table.cursor))

    def stream_slices(self, **_: Any) -> Iterable[Mapping[str, Any]]:
        """The IDs of parents whose rows are there, and the state once they are out, as plain JSON.

        A slice without parents is there to say that the portal makes us wait, and the last one to say that all is read.
        """
        self._sets = deque[Sets]()
        self._pieces = deque[Covered]()
        try:
            for sets in OwnedRows(self.portal.reading, self._owned, self._parents()).sets():
                self._sets.append(sets)
                yield {"parents": [parent["ID"] for parent, _ in sets], "after": self._dumped(self._after(sets))}
        except PortalError as error:
            raise failure_of(error) from None
        self._sets.append([])
        yield {"parents": [], "after": self._dumped(self._all_done)}

    def read_records(self, *_: Any, stream_slice: Mapping[str, Any] | None = None, **__: Any) -> Iterable[StreamData]:
        """The rows of a slice's parents. The CDK adds the STATE behind them."""
        assert stream_slice
        cursor = self.table.cursor
        assert cursor
        owned = [(row, parent) for parent, rows in self._sets.popleft() for row in rows]
        yield from self._load(
            [{**row, self.table.parent_key: parent["ID"], cursor: parent[cursor]} for row, parent in owned]
        )
        if stream_slice["after"]:
            self.progress = StreamState.load(stream_slice["after"], cursor)
        yield from self.wait_message(self.table.method, *((TOGETHER,) if self.table.owner_type else ()))

    def _parents(self) -> Iterator[Row]:
        for covered in self.changes():
            if covered.rows:
                self._pieces.append(covered)
            yield from covered.rows
            self._all_done = covered.after

    def _after(self, sets: Sets) -> StreamState | None:
        """The state once these parents' rows are out; None if there are none."""
        if not sets:
            return None
        last, _ = sets[-1]
        while int(last["ID"]) < int(self._pieces[0].rows[-1]["ID"]):
            self._pieces.popleft()
        return self._pieces[0].down_to(last)

    def _dumped(self, state: StreamState | None) -> dict[str, Any]:
        return state.dump(self.table.cursor) if state else {}

    @cached_property
    def _load(self) -> RowLoader:
        return RowLoader(self.get_json_schema())

    @property
    def _owned(self) -> Owned:
        return Owned(self.table.method, self.table.owner_type, self._columns, lambda row: next(iter(self._load([row]))))

    @property
    def _columns(self) -> set[str]:
        """The columns of the rows themselves that the user has chosen; all where the catalog names none."""
        chosen = (self.configured_json_schema or {}).get("properties") or self.get_json_schema()["properties"]
        return set(chosen) - {self.table.cursor, self.table.parent_key, UNTYPED_VALUES}
