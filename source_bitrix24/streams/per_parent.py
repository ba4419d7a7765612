"""Rows that the portal gives only record by record of another list: product rows, links.

Slices are the parents that one request of their list brings, newest first; within a slice the questions go out 50 to a
request, several requests at once. The state says how far down the parents' IDs all is done, and never lists parents.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airbyte_cdk.sources.streams.core import StreamData

from ..failures import failure_of
from ..portal.batch import MOST_COMMANDS, Answer, Command
from ..portal.each import ask_each
from ..portal.errors import BrokenPromise, NotFound, PortalError
from ..portal.keyset import Listing, Row
from ..portal.ordered import Ahead
from ..rows import RowLoader
from ..state import StreamState
from ..table import PerParent
from .base import TableStream
from .changes import Covered


class PerParentStream(TableStream[PerParent]):
    """A table whose rows hang on parents, each parent's rows a whole set."""

    @property
    def listing(self) -> Listing:
        """The list of the parents."""
        assert self.table.cursor
        return Listing(self.table.parent_list, ("ID", self.table.cursor))

    def stream_slices(self, **_: Any) -> Iterable[Mapping[str, Any]]:
        """Parents whose rows are to be read, and the states before and after them, as plain JSON."""
        cursor = self.table.cursor
        for covered in self.changes():
            if covered.rows or not covered.after.scan:
                yield {
                    "parents": covered.rows,
                    "before": covered.before.dump(cursor),
                    "after": covered.after.dump(cursor),
                }

    def read_records(self, *_: Any, stream_slice: Mapping[str, Any] | None = None, **__: Any) -> Iterable[StreamData]:
        """The rows of a slice's parents, with a STATE after each request's worth but the last, which the CDK adds."""
        assert stream_slice
        cursor = self.table.cursor
        covered = Covered(
            stream_slice["parents"],
            StreamState.load(stream_slice["before"], cursor),
            StreamState.load(stream_slice["after"], cursor),
        )
        load = RowLoader(self.get_json_schema())
        try:
            yield from self.wait_message(self.table.method)
            for parents, rows in self._rows_of(covered.rows):
                yield from load(rows)
                if parents[-1] is not covered.rows[-1]:
                    self.progress = covered.down_to(parents[-1])
                    yield self.state_message()
                    yield from self.wait_message(self.table.method)
        except PortalError as error:
            raise failure_of(error) from None
        self.progress = covered.after

    def _rows_of(self, parents: list[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
        """Groups of parents, and the rows of each group, in order."""
        ahead = Ahead[list[Row], list[Row]](self._ask, self.portal.reading.depth)
        groups = [parents[start : start + MOST_COMMANDS] for start in range(0, len(parents), MOST_COMMANDS)]
        for group in groups:
            if not ahead.has_room:
                yield ahead.take()
            ahead.add(group)
        while ahead:
            yield ahead.take()

    def _ask(self, parents: list[Row]) -> list[Row]:
        commands = {f"id{parent['ID']}": Command(self.table.method, {"id": parent["ID"]}) for parent in parents}
        answers = ask_each(self.portal.client, commands)
        return [row for parent in parents for row in self._rows_in(parent, answers[f"id{parent['ID']}"])]

    def _rows_in(self, parent: Row, answer: Answer) -> list[Row]:
        """A parent's rows with its ID and date; none if the parent was deleted meanwhile (P4.5)."""
        if isinstance(answer.error, NotFound):
            return []
        if answer.error:
            raise answer.error
        if not isinstance(answer.result, list):
            raise BrokenPromise(self.table.method, "the answer is no list of rows")
        cursor = self.table.cursor or ""
        owner = {self.table.parent_key: parent["ID"], cursor: parent[cursor]}
        return [{**row, **owner} for row in answer.result]
