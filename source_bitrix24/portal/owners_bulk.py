"""Product rows of many owners at once: `crm.productrow.list` with a list of owners (P4.2).

    one request:   one owner alone │ group 0, page 0 │ page 1, below page 0 │ … │ group 1, page 0 │ …

Use it only for an administrator's webhook, who may read all rows anyway. The list of owners is undocumented, so every result
is verified: some owners are asked alone first and compared, then one owner in every request. The list lacks columns, and
shows some values as they are in the database, where `productrows.get` mends them (product_rows.py); owners with such rows
are asked alone.

A set that changes between two pages of a group can come incomplete. Its owner's date moves then, and the next sync reads
it again.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import islice
from math import ceil, sqrt

from .batch import MOST_COMMANDS, Answer, Command
from .batch_all import fetch_all
from .batch_size import BatchSize
from .bulk import BulkSets
from .client import Answers
from .errors import BrokenPromise, Passing, PortalError
from .keyset import PAGE, Listing, Row, Span, chain_pages, read_all_pages
from .oddities import Oddities
from .owners import KnownSet, owner_command, rows_of
from .product_rows import FROM_LIST, has_numbers, is_proved, keys_of
from .scan_context import ScanContext

log = logging.getLogger("bitrix24")

METHOD = "crm.productrow.list"
_LIST = "list"
_MAX_OWNERS = 900  # in one command: PHP reads 1,000 variables by default (P1.4)
_GROUP_PAGES = 8  # every page repeats the group's owners, so long chains make large requests
_SPARE = 1.1  # pages per expected page: what does not fit costs a further request
_UNCERTAINTY = 1.5  # over the root of n: how far the mean of n owners, most with 0 to 3 rows, may be off
_ENOUGH_OWNERS = 500
_MIN_COMPARED = 3  # owners with rows: detects a list that honours only its first or last owner


class Mode(Enum):
    """What the comparison has shown the list to be good for."""

    PROBING = "not compared yet"
    ROWS = "used for the rows"
    OWNERS_ONLY = "used to find the owners that have rows"
    OFF = "not usable on this portal"


class BulkRows(BulkSets["_BulkRequest"]):
    """Finds the sets of owners in bulk, where the portal's answers prove it right.

    `columns`: the columns that the rows must have. `typed`: makes the rows of both methods comparable.
    """

    def __init__(
        self,
        context: ScanContext,
        method: str,
        owner_type: str,
        columns: Collection[str],
        typed: Callable[[Row], Row],
        is_allowed: Callable[[], bool],
        odd: Oddities | None = None,
    ) -> None:
        super().__init__(method, is_allowed, odd)
        self.mode = Mode.PROBING
        self._context = context
        self._owner_type = owner_type
        self._columns = columns
        self._typed = typed
        self._batch_size = BatchSize(first=MOST_COMMANDS)
        self._owners_seen = self._rows_seen = self._compared = 0
        self._prefetch = context.prefetch(lambda request: context.client.batch(request.commands()))

    @property
    def _is_undecided(self) -> bool:
        return self.mode is Mode.PROBING

    def _turn_off(self) -> None:
        self.mode = Mode.OFF

    def _probe(self, owners: Sequence[Row]) -> Iterator[KnownSet]:
        commands = dict(owner_command(self._method, owner) for owner in owners)
        listing = _listing(self._owner_type, [owner["ID"] for owner in owners])
        commands[_LIST] = chain_pages(listing, Span(), 1)["p0"]
        answers = fetch_all(self._context.client, commands, self._batch_size)
        sets = [(owner, self._alone(owner, answers)) for owner in owners]
        known = [rows for _, rows in sets if rows is not None]
        self._observe(known)
        self.mode = self._compare([row for rows in known for row in rows], answers[_LIST])
        if self.mode is not Mode.PROBING:
            log.info("%s in bulk by %s: %s", self._method, METHOD, self.mode.value)
        yield from sets

    def _compare(self, rows: list[Row], page: Answer) -> Mode:
        if page.error or not all(map(has_numbers, rows)):
            return Mode.OFF
        newest = sorted(rows, key=lambda row: -int(row["ID"]))[:PAGE]
        listed = page.result
        if not isinstance(listed, list) or not all(map(has_numbers, listed)) or keys_of(listed) != keys_of(newest):
            return Mode.OFF
        pairs = [pair for pair in zip(newest, listed, strict=True) if self._is_proved(pair[1])]
        if not self._has_columns(listed) or not all(self._are_equal(*pair) for pair in pairs):
            return Mode.OWNERS_ONLY
        self._compared += len({alone["OWNER_ID"] for alone, _ in pairs})
        return Mode.ROWS if self._compared >= _MIN_COMPARED else Mode.PROBING

    def _has_columns(self, listed: Sequence[Row]) -> bool:
        """Whether the list holds all columns, and may be believed in each."""
        return FROM_LIST.keys() >= set(self._columns) and all(set(self._columns) <= row.keys() for row in listed)

    def _is_proved(self, row: Row) -> bool:
        return is_proved(row, self._columns)

    def _are_equal(self, alone: Row, listed: Row) -> bool:
        left, right = self._typed(dict(alone)), self._typed(dict(listed))
        return all(left.get(name) == right.get(name) for name in self._columns)

    def _bulk(self, owners: Iterator[Row]) -> Iterator[KnownSet]:
        while True:
            while self._may_send and (request := self._next_request(owners)):
                self._prefetch.add(request)
            if not self._prefetch:
                return
            request, first = self._prefetch.take()
            found = self._take(request, first)
            for group in request.groups:
                for owner in group.owners:
                    rows = found.get(int(owner["ID"]))
                    yield owner, None if rows and self.mode is Mode.OWNERS_ONLY else rows

    @property
    def _may_send(self) -> bool:
        """Whether another request may be sent: only one until the mean number of rows is known well."""
        return self._prefetch.has_room and (not self._prefetch or self._owners_seen >= _ENOUGH_OWNERS)

    def _take(self, request: "_BulkRequest", first: Callable[[], Answers]) -> Mapping[int, list[Row]]:
        """Return the sets that a request proved; none if it failed. A contradiction ends the bulk mode."""
        client = self._context.client
        if self.mode is Mode.OFF:
            return {}
        pending: _BulkRequest | None = request
        try:
            while pending:
                commands = pending.commands()
                answers = first() if pending is request else client.batch(commands)
                pending.take(answers.by_key)
                self._batch_size.observe(len(commands), answers.seconds, answers.size)
                self._verify(pending, answers.by_key)
                pending = request.rest(self._batch_size.commands)
        except Passing:  # too heavy or transient: asking its owners alone helps in both cases, and retries
            self._batch_size.shrink(len(commands))
            return {}
        except PortalError as error:
            log.warning("%s: product rows are asked owner by owner from here on: %s", self._method, error)
            self.mode = Mode.OFF
            return {}
        sets = request.sets()
        self._observe(list(sets.values()))
        return {owner: rows for owner, rows in sets.items() if all(map(self._is_proved, rows))}

    def _verify(self, request: "_BulkRequest", answers: Mapping[str, Answer]) -> None:
        """Compare the rows of one owner. Raises BrokenPromise if they differ."""
        key, _ = owner_command(self._method, request.alone)
        alone = rows_of(self._method, answers[key], self._odd)
        if request.groups[0].left:
            return  # not all rows of that owner have come yet
        listed = request.sets()[int(request.alone["ID"])]
        equal = keys_of(alone) == keys_of(listed)
        if self.mode is Mode.ROWS:
            pairs = zip(alone, listed, strict=False)
            equal = equal and all(self._are_equal(*pair) for pair in pairs if self._is_proved(pair[1]))
        if not equal:
            raise BrokenPromise(METHOD, "an owner's rows differ from those it has alone")

    def _observe(self, sets: Sequence[Sequence[Row]]) -> None:
        self._owners_seen += len(sets)
        self._rows_seen += sum(map(len, sets))

    def _next_request(self, owners: Iterator[Row]) -> "_BulkRequest | None":
        """Return a request with as many groups as fit into a batch; None when no owners are left."""
        if self.mode is Mode.OFF:
            return None
        rows_each = max(1, self._rows_seen) / self._owners_seen
        spare = _SPARE + _UNCERTAINTY / sqrt(self._owners_seen)
        groups: list[_Group] = []
        room = self._batch_size.commands - 1
        while room > 1:
            size = max(1, int(min(_GROUP_PAGES, (room - 1) / spare) * PAGE / rows_each))
            group = list(islice(owners, min(_MAX_OWNERS, size)))
            if not group:
                break
            pages = min(room, ceil(spare * len(group) * rows_each / PAGE) + 1)
            groups.append(_Group(group, pages))
            room -= pages
        return _BulkRequest(self._method, self._owner_type, groups, self._odd) if groups else None


@dataclass(slots=True)
class _Group:
    """Owners that are read together: the pages to ask for, the rows so far, and what is left of the rows' IDs."""

    owners: Sequence[Row]
    pages: int
    rows: list[Row] = field(default_factory=list)
    left: Span = field(default_factory=Span)


@dataclass(frozen=True, slots=True)
class _BulkRequest:
    """Groups of owners, each with a chain of pages, and one owner alone as the proof."""

    method: str
    owner_type: str
    groups: Sequence[_Group]
    odd: Oddities

    @property
    def alone(self) -> Row:
        return self.groups[0].owners[-1]

    def commands(self) -> dict[str, Command]:
        commands = dict([owner_command(self.method, self.alone)])
        for number, group in enumerate(self.groups):
            commands |= chain_pages(self._listing(group), group.left, group.pages, f"group{number}_")
        return commands

    def take(self, answers: Mapping[str, Answer]) -> None:
        """Add what came to the groups. Raises the first error of a command, or BrokenPromise."""
        for number, group in enumerate(self.groups):
            listing = self._listing(group)
            page = read_all_pages(listing, group.left, answers, f"group{number}_")
            if page.error:
                raise page.error
            if listing.odd.rows or not all(map(has_numbers, page.rows)):
                raise BrokenPromise(METHOD, "it returns entries that are no rows")
            self.odd.texts += listing.odd.texts
            group.rows += page.rows
            group.left = page.left

    def rest(self, commands: int) -> "_BulkRequest | None":
        """Return the request for the groups that did not come complete; None if all did."""
        groups = [group for group in self.groups if group.left]
        for group in groups:
            group.pages = max(1, (commands - 1) // len(groups))
        return replace(self, groups=groups) if groups else None

    def sets(self) -> dict[int, list[Row]]:
        """Return the sets of all groups. Raises BrokenPromise for rows of other owners."""
        sets: dict[int, list[Row]] = {int(owner["ID"]): [] for group in self.groups for owner in group.owners}
        rows = [row for group in self.groups for row in group.rows]
        for row in sorted(rows, key=lambda row: (int(row.get("SORT") or 0), int(row["ID"]))):
            if int(row["OWNER_ID"]) not in sets:
                raise BrokenPromise(METHOD, "it returns rows of other owners")
            sets[int(row["OWNER_ID"])].append(row)
        return sets

    def _listing(self, group: _Group) -> Listing:
        return _listing(self.owner_type, [owner["ID"] for owner in group.owners])


def _listing(owner_type: str, owners: Sequence[object]) -> Listing:
    return Listing(METHOD, filter={"OWNER_TYPE": owner_type, "OWNER_ID": owners})
