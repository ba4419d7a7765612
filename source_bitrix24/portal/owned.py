"""The sets of rows of many owners, in their order: each asked alone or, where that pays, many together (together.py)."""

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil

from .batch import MOST_COMMANDS, Answer, Command
from .client import Asked
from .each import ask_each
from .errors import BrokenPromise, NotFound, Passing, PortalError, PortalFailed
from .keyset import PAGE, Row, Span, chain
from .ordered import Ahead
from .pace import Pace
from .scan import WORTH_A_TURN, Reading
from .together import METHOD, MOST_OWNERS, Group, Pages, Verdict, compare, listing_of

log = logging.getLogger("airbyte.bitrix24")

_TOGETHER = "together"
_PAGES = 9  # of a group: longer chains repeat its owners more often, shorter ones leave more of their last page empty
_IN_A_ROW = 3  # comparisons that are waited for: until they decide, more requests could be for nothing
_NEARLY_ALL = 0.8  # of the owners have rows: to find these first does not pay

Sets = list[tuple[Row, list[Row]]]


@dataclass(frozen=True, slots=True)
class Owned:
    """How rows are asked for: `method` takes an owner's `id` and brings its whole set.

    `owner_type`: the letter by which the list of product rows knows these owners (P4.1), None if it does not. `wanted` and
    `typed`: see `together.compare`.
    """

    method: str
    owner_type: str | None = None
    wanted: Collection[str] = ()
    typed: Callable[[Row], Row] = dict


@dataclass(slots=True)
class _Owner:
    row: Row
    rows: list[Row] | None = None

    @property
    def id(self) -> int:
        return int(self.row["ID"])


@dataclass(frozen=True, slots=True)
class _Alone:
    """A request that asks each of some owners. `compares`: the list is asked for all of them too, to be judged."""

    owned: Owned
    owners: Sequence[_Owner]
    compares: bool

    def commands(self) -> dict[str, Command]:
        commands = {f"id{owner.id}": Command(self.owned.method, {"id": owner.id}) for owner in self.owners}
        if self.compares:
            assert self.owned.owner_type
            listing = listing_of(self.owned.owner_type, [owner.id for owner in self.owners])
            commands[_TOGETHER] = chain(listing, Span(), 1)["p0"]
        return commands


class OwnedRows:
    """Reads the sets of owners, several requests ahead of whoever takes them. An owner that was deleted has none (P4.5)."""

    def __init__(self, reading: Reading, owned: Owned, owners: Iterator[Row]) -> None:
        """Read the sets of `owners`, rows with an ID of their own each, taken as they are needed."""
        self._reading = reading
        self._client = reading.client
        self._owned = owned
        self._owners = owners
        self._pace = Pace(first=MOST_COMMANDS)
        self._verdict = Verdict.UNDECIDED if owned.owner_type else Verdict.USELESS
        self._judged = [0, 0, 0]  # owners, those with rows, rows
        self._next: deque[_Owner] = deque()
        self._to_ask_alone: deque[_Owner] = deque()
        self._groups: deque[Group] = deque()
        self._unfinished: deque[_Owner] = deque()
        self._in_groups: dict[int, _Owner] = {}
        self._changed: set[int] = set()
        self._undecided = 0
        self._ahead = Ahead[_Alone | Pages, Asked](lambda wanted: self._client.ask(wanted.commands()), reading.depth)

    def sets(self) -> Iterator[Sets]:
        """The owners and their rows, some at a time; none where it will take a while, since operating time is used up.

        Raises a PortalError if the portal stays unable to answer.
        """
        try:
            while True:
                self._ask_on()
                if not self._ahead:
                    return
                if self._operating_wait() > WORTH_A_TURN:
                    yield []
                wanted, asked = self._ahead.take()
                if isinstance(wanted, Pages):
                    self._take_together(wanted, asked)
                else:
                    self._take_alone(wanted, asked)
                if finished := self._finished():
                    yield finished
        finally:
            self._ahead.leave(self._client.forget)

    def _ask_on(self) -> None:
        while self._ahead.has_room:
            wanted = self._next_request()
            if wanted is None:
                if self._reading.others:
                    self._reading.others.begin(len(self._ahead))
                return
            self._ahead.add(wanted)

    def _next_request(self) -> _Alone | Pages | None:
        commands = self._pace.commands
        together = self._together_pays(commands)
        if together and len(self._to_ask_alone) < commands:
            if self._pages_under_way and not self._more_than(0):
                return None  # what is left of it fills a request, or is asked for at the end
            if groups := self._next_groups(commands):
                assert self._owned.owner_type
                return Pages(self._owned.owner_type, self._owned.method, groups)
        if self._undecided < _IN_A_ROW and self._comparison_under_way:
            return None
        compares = self._verdict is Verdict.UNDECIDED and self._more_than(commands)
        owners = self._take(self._to_ask_alone, commands - compares)
        if not together:
            self._reach(commands)
            owners += self._take(self._next, commands - compares - len(owners))
        return _Alone(self._owned, owners, compares) if owners else None

    def _together_pays(self, commands: int) -> bool:
        if self._verdict is Verdict.TELLS_OWNERS:
            owners, with_rows, _ = self._judged
            if with_rows > _NEARLY_ALL * owners:
                return False
        elif self._verdict is not Verdict.TELLS_ALL:
            return False
        return commands > _PAGES and (bool(self._groups) or self._pages_under_way or self._more_than(commands))

    def _next_groups(self, commands: int) -> list[tuple[Group, int]]:
        """Groups that fill a request, those that are not finished first."""
        groups: list[tuple[Group, int]] = []
        owners = pages = 0
        while True:
            group = self._groups[0] if self._groups else None
            room = commands - pages - Pages.proofs(owners + (len(group.owners) if group else MOST_OWNERS))
            if room <= 0:
                return groups
            if group:
                self._groups.popleft()
                wanted = min(room, 2**group.times)
            else:
                group, wanted = self._new_group(min(room, _PAGES))
                if not group.owners:
                    return groups
            groups.append((group, wanted))
            owners += len(group.owners)
            pages += wanted

    def _new_group(self, pages: int) -> tuple[Group, int]:
        """As many owners as have about so many pages of rows, and the pages they are expected to have."""
        owners, _, rows = self._judged
        rows_each = max(rows, 1) / max(owners, 1)
        size = min(MOST_OWNERS, max(1, int(pages * PAGE / rows_each)))
        self._reach(size)
        found = self._take(self._next, size)
        self._in_groups |= {owner.id: owner for owner in found}
        return Group([owner.id for owner in found]), min(pages, max(1, ceil(len(found) * rows_each / PAGE)))

    @property
    def _pages_under_way(self) -> bool:
        return any(isinstance(task, Pages) for task in self._ahead.tasks)

    @property
    def _comparison_under_way(self) -> bool:
        return any(isinstance(task, _Alone) and task.compares for task in self._ahead.tasks)

    def _more_than(self, count: int) -> bool:
        """Whether there are more owners than so many that nobody has been asked about."""
        self._reach(count + 1)
        return len(self._next) > count

    def _reach(self, count: int) -> None:
        """Have so many owners at hand that nobody has been asked about, if there are as many."""
        found = [_Owner(row) for row in islice(self._owners, max(0, count - len(self._next)))]
        self._next += found
        self._unfinished += found

    @staticmethod
    def _take(queue: deque[_Owner], count: int) -> list[_Owner]:
        return [queue.popleft() for _ in range(min(count, len(queue)))]

    def _take_alone(self, wanted: _Alone, asked: Asked) -> None:
        answers = ask_each(self._client, wanted.commands(), self._pace, asked)
        for owner in wanted.owners:
            owner.rows = self._rows_in(answers[f"id{owner.id}"])
        if wanted.compares and self._verdict is Verdict.UNDECIDED:
            sets = {owner.id: owner.rows or [] for owner in wanted.owners}
            self._count(list(sets.values()))
            self._verdict = compare(sets, answers[_TOGETHER], self._owned.wanted, self._owned.typed)
            self._undecided += self._verdict is Verdict.UNDECIDED
            log.info("%s, many at once: %s", self._owned.method, self._verdict.value)

    def _rows_in(self, answer: Answer) -> list[Row]:
        if isinstance(answer.error, NotFound):
            return []
        if answer.error:
            raise answer.error
        if not isinstance(answer.result, list):
            raise BrokenPromise(self._owned.method, "the answer is no list of rows")
        return answer.result

    def _take_together(self, wanted: Pages, asked: Asked) -> None:
        came = self._came_together(wanted, asked)
        for group, _ in wanted.groups:
            if not came:
                self._to_ask_alone += [self._in_groups.pop(owner) for owner in group.owners]
            elif group.left:
                group.times += 1
                self._groups.append(group)
            else:
                self._finish(group)

    def _came_together(self, wanted: Pages, asked: Asked | None) -> bool:
        """Whether the groups got what was asked for; if not, their owners are to be asked alone."""
        if self._verdict is Verdict.USELESS:
            if asked:
                self._client.forget(asked)
            return False

        def attempt() -> bool:
            nonlocal asked
            before, asked = asked, None
            commands = wanted.commands()
            try:
                answers = self._client.answers(commands, before or self._client.ask(commands))
                self._changed |= wanted.take(answers.by_key)
            except PortalFailed:  # too heavy, or passing: smaller questions do in both cases
                self._pace.failed(len(commands))
                return False
            self._pace.took(len(commands), answers.seconds, answers.size)
            return True

        try:
            return self._client.patiently(attempt)
        except PortalError as error:
            if isinstance(error, Passing):
                raise
            log.warning("Product rows are asked for one owner after the other from here on: %s", error)
            self._verdict = Verdict.USELESS
            return False

    def _finish(self, group: Group) -> None:
        sets = group.sets()
        self._count(list(sets.values()))
        for number, rows in sets.items():
            owner = self._in_groups.pop(number)
            if number in self._changed or (rows and self._verdict is Verdict.TELLS_OWNERS):
                self._changed.discard(number)
                self._to_ask_alone.append(owner)
            else:
                owner.rows = rows

    def _count(self, sets: Sequence[Sequence[Row]]) -> None:
        told = (len(sets), sum(map(bool, sets)), sum(map(len, sets)))
        self._judged = [before + more for before, more in zip(self._judged, told, strict=True)]

    def _operating_wait(self) -> float:
        together = (METHOD,) if self._pages_under_way else ()
        return max(
            self._client.operating_wait(method, self._pace.commands) for method in (self._owned.method, *together)
        )

    def _finished(self) -> Sets:
        finished: Sets = []
        while self._unfinished and (rows := self._unfinished[0].rows) is not None:
            finished.append((self._unfinished.popleft().row, rows))
        return finished
