"""Links of many records at once: `crm.item.list` tells the links of 50 records a command (P6.2).

    one request:   the links of 50 owners │ of the next 50 │ … │ the last owner alone │

Use it only for an administrator's webhook, which sees every record. The links of some owners are compared first with those
that they have alone, then those of one owner in every request. The list tells which records are linked, in their order, and
which of them is the primary one. If more columns are needed, it still tells which owners have links; these are asked alone.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from .batch import MOST_COMMANDS, Answer, Command
from .batch_all import fetch_all
from .batch_size import BatchSize
from .bulk import BulkSets
from .client import Answers
from .errors import PortalError, Refused, Unexpected
from .keyset import PAGE, Row
from .oddities import Oddities
from .owners import KnownSet, owner_command
from .scan_context import ScanContext

log = logging.getLogger("bitrix24")

METHOD = "crm.item.list"
_MIN_COMPARED = 3  # owners with links
_LIST = "list"


@dataclass(frozen=True, slots=True)
class LinkList:
    """Where `crm.item.list` has the links of a kind of records.

    `entity_type`: the portal's number of that kind. `column`: of the linked record, in the rows of one owner. `ids`,
    `primary`: the names of the list of linked records, and of the primary one.
    """

    entity_type: int
    column: str
    ids: str
    primary: str

    @property
    def columns(self) -> frozenset[str]:
        """The columns of a link that the list can tell."""
        return frozenset((self.column, "IS_PRIMARY"))

    def command(self, owners: Sequence[Row]) -> Command:
        """Return the command for the links of up to 50 owners."""
        filter_ = {"@id": [int(owner["ID"]) for owner in owners]}
        select = ["id", self.primary, self.ids]
        params = {"entityTypeId": self.entity_type, "select": select, "filter": filter_, "order": {"id": "DESC"}}
        return Command(METHOD, {**params, "start": -1})

    def sets(self, answer: Answer) -> dict[int, list[Row]]:
        """Return the links by owner. Raises the answer's error, or ValueError if it is no list of records with links."""
        items = _items(answer)
        return {_number(item.get("id")): self._rows(item) for item in items}

    def in_common(self, rows: Sequence[Row]) -> list[tuple[str, bool]]:
        """Return what both ways tell of links, comparable."""
        return [(str(row.get(self.column)), row.get("IS_PRIMARY") == "Y") for row in rows]

    def _rows(self, item: Mapping[str, Any]) -> list[Row]:
        linked = item.get(self.ids)
        if linked is False or linked is None:
            linked = []
        if not isinstance(linked, list):
            raise ValueError(f"{self.ids} is no list")
        primary = item.get(self.primary)
        return [
            {self.column: _number(number), "IS_PRIMARY": "Y" if str(number) == str(primary) else "N"}
            for number in linked
        ]


class BulkLinks(BulkSets["_Request"]):
    """Finds the links of owners in bulk, where the portal's answers prove it right.

    `needs_more`: columns are needed that the list lacks.
    """

    def __init__(
        self,
        context: ScanContext,
        method: str,
        links: LinkList,
        is_allowed: Callable[[], bool],
        odd: Oddities | None = None,
        *,
        needs_more: bool = False,
    ) -> None:
        super().__init__(method, is_allowed, odd)
        self.is_used: bool | None = None  # None before the comparison
        self._context = context
        self._links = links
        self._needs_more = needs_more
        self._compared = 0
        self._batch_size = BatchSize()
        self._prefetch = context.prefetch(lambda request: context.client.batch(request.commands))

    @property
    def _is_undecided(self) -> bool:
        return self.is_used is None

    def _turn_off(self) -> None:
        self.is_used = False

    def _probe(self, owners: Sequence[Row]) -> Iterator[KnownSet]:
        commands = dict(owner_command(self._method, owner) for owner in owners)
        commands[_LIST] = self._links.command(owners)
        answers = fetch_all(self._context.client, commands, BatchSize(first=MOST_COMMANDS))
        alone = {int(owner["ID"]): self._alone(owner, answers) for owner in owners}
        known = {owner: rows for owner, rows in alone.items() if rows is not None}
        try:
            listed = self._links.sets(answers[_LIST])
        except (PortalError, ValueError) as problem:
            self._give_up(problem)
        else:
            if any(self._differ(rows, listed.get(owner)) for owner, rows in known.items()):
                self._give_up("it shows other links than records have alone")
            self._compared += sum(map(bool, known.values()))
            if self.is_used is None and self._compared >= _MIN_COMPARED:
                log.info("%s in bulk by %s", self._method, METHOD)
                self.is_used = True
        yield from ((owner, alone[int(owner["ID"])]) for owner in owners)

    def _differ(self, alone: Sequence[Row], listed: Sequence[Row] | None) -> bool:
        return listed is None or self._links.in_common(alone) != self._links.in_common(listed)

    def _bulk(self, owners: Iterator[Row]) -> Iterator[KnownSet]:
        while True:
            while self.is_used and self._prefetch.has_room and (request := self._next_request(owners)):
                self._prefetch.add(request)
            if not self._prefetch:
                return
            request, wait = self._prefetch.take()
            found = self._take(request, wait)
            for owner in chain.from_iterable(request.groups):
                rows = found.get(int(owner["ID"]))
                yield owner, None if rows and self._needs_more else rows

    def _next_request(self, owners: Iterator[Row]) -> "_Request | None":
        groups: list[list[Row]] = []
        while len(groups) < max(1, self._batch_size.commands - 1) and (group := list(islice(owners, PAGE))):
            groups.append(group)
        if not groups:
            return None
        alone = groups[-1][-1]
        commands = {f"{_LIST}{place}": self._links.command(group) for place, group in enumerate(groups)}
        return _Request(groups, alone, commands | dict([owner_command(self._method, alone)]))

    def _take(self, request: "_Request", wait: Callable[[], Answers]) -> Mapping[int, list[Row]]:
        """Return the links that a request proved; none if it failed or contradicts what one owner has alone."""
        if not self.is_used:
            return {}
        try:
            answers = fetch_all(self._context.client, request.commands, self._batch_size, wait)
            sets: dict[int, list[Row]] = {}
            for place in range(len(request.groups)):
                sets |= self._links.sets(answers[f"{_LIST}{place}"])
            alone = self._alone(request.alone, answers)
        except ValueError as problem:
            self._give_up(problem)
            return {}
        except (Refused, Unexpected) as error:
            self._give_up(error)
            return {}
        if alone is not None and self._differ(alone, sets.get(int(request.alone["ID"]))):
            self._give_up("it shows other links than a record has alone")
            return {}
        return sets

    def _give_up(self, problem: object) -> None:
        log.warning("%s: links are asked record by record from here on: %s", self._method, problem)
        self._turn_off()


@dataclass(frozen=True, slots=True)
class _Request:
    """Groups of owners whose links are asked for, and one owner alone as the proof."""

    groups: Sequence[Sequence[Row]]
    alone: Row
    commands: Mapping[str, Command]


def _items(answer: Answer) -> list[Mapping[str, Any]]:
    if answer.error:
        raise answer.error
    result = answer.result
    items = result.get("items") if isinstance(result, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("the answer is no list of records")
    return items


def _number(value: object) -> int:
    text = str(value)
    if not (text.isdecimal() and text.isascii()) or isinstance(value, bool):
        raise ValueError("an ID is no number")
    return int(text)
