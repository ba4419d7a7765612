"""A list whose rows have no ID: pages by a column that a few rows share, from its highest value down.

    page 0: all     page 1: group <= that of the last row of page 0     …

The rows of the last group come again on the next page and are left out there. Where a page is short, the reference of the
next one leads to an array, cast to 1 (P1.8), so that only the lowest group could come again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .batch import Answer, Command
from .batch_size import BatchSize
from .client import Answers
from .errors import BrokenPromise, PortalError, PortalFailed
from .keyset import PAGE, Row
from .oddities import Oddities
from .partial_json import decode, rows_of_list
from .retry import fetch
from .scan_context import ScanContext


@dataclass(frozen=True, slots=True)
class GroupedList:
    """A list method, the column of its groups, and the columns that together identify a row."""

    method: str
    group: str
    key: tuple[str, ...]

    def pages(self, highest: int | None, count: int) -> dict[str, Command]:
        """Return the commands for `count` pages from a group down, from the highest one by default."""
        commands = {"p0": self._page(highest)}
        for page in range(1, count):
            commands[f"p{page}"] = self._page(f"$result[p{page - 1}][{PAGE - 1}][{self.group}]")
        return commands

    def _page(self, highest: int | str | None) -> Command:
        order = dict.fromkeys((self.group, *self.key), "DESC")
        bound = {} if highest is None else {f"<={self.group}": highest}
        return Command(self.method, {"order": order, "filter": bound, "start": -1})


@dataclass(slots=True)
class _Request:
    """A request for as many pages as the batch size says; they belong together."""

    listed: GroupedList
    highest: int | None
    size: BatchSize
    count: int = 0

    def commands(self) -> dict[str, Command]:
        self.count = self.size.commands
        return self.listed.pages(self.highest, self.count)

    def take(self, answers: Answers) -> Answers:
        if error := answers.by_key["p0"].error:
            raise error
        self.size.observe(self.count, answers.seconds, answers.size)
        return answers

    def shrink(self, error: PortalError) -> None:
        if isinstance(error, PortalFailed):
            self.size.shrink(self.count)


def read_groups(context: ScanContext, listed: GroupedList, odd: Oddities) -> Iterator[list[Row]]:
    """Yield all rows, those of a request at a time. Raises a PortalError.

    BrokenPromise: groups do not fall, so that rows would be missed.
    """
    size = BatchSize()
    highest: int | None = None
    last_keys: set[tuple[Any, ...]] = set()  # of the rows that may come again
    while True:
        answers = fetch(context.client, _Request(listed, highest, size))
        rows: list[Row] = []
        for answer in answers.by_key.values():
            page = _rows_of(listed, answer, odd)
            for row in page:
                group = _group_of(listed, row)
                if highest is not None and group > highest:
                    raise BrokenPromise(listed.method, "rows are out of the requested order or range")
                identity = tuple(row.get(name) for name in listed.key)
                if group != highest:
                    highest, last_keys = group, set()
                if identity not in last_keys:
                    last_keys.add(identity)
                    rows.append(row)
            if len(page) < PAGE:
                yield rows
                return
            if len({_group_of(listed, row) for row in page}) == 1:
                raise BrokenPromise(listed.method, f"more than {PAGE} rows have the same {listed.group}")
        yield rows


def _rows_of(listed: GroupedList, answer: Answer, odd: Oddities) -> list[Row]:
    if answer.error:
        raise answer.error
    rows = rows_of_list(decode(answer.raw, odd), odd)
    if rows is None or len(rows) > PAGE:
        raise BrokenPromise(listed.method, "a page is no list of up to 50 rows")
    return rows


def _group_of(listed: GroupedList, row: Row) -> int:
    try:
        return int(row[listed.group])
    except (KeyError, TypeError, ValueError):
        raise BrokenPromise(listed.method, f"a row has no number as its {listed.group}") from None
