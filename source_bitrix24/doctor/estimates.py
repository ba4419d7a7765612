"""How long a sync of this portal takes, and how many requests: the reader's way of asking, played with measured times.

    a list          a first request of some pages │ the rest in requests of up to 50 pages, several in flight
    owners          the same for the list of owners, and 50 owners in a request
    small tables    one request for all

What bounds the time is the narrowest of three: the requests in flight, the request rate, and the operating time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from math import ceil

from ..catalog.table import (
    ByType,
    CustomFieldValues,
    FieldOptions,
    Grouped,
    PerParent,
    PerType,
    Scanned,
    Table,
    Whole,
)
from ..portal.batch import MOST_COMMANDS
from ..portal.errors import PortalError
from ..portal.keyset import PAGE
from ..portal.limits import OPERATING_LIMIT, OPERATING_WINDOW, STANDARD, RequestRate
from .known import Known, KnownList
from .loads import FIRST_PAGES, TINY, Load, list_load, owners_load

MOST_LANES = 12  # by default
_JOBS_AT_ONCE = 3
_FIRST_LANES = 4
_OPERATING_SHARE = 0.97
_START = 1.0  # seconds of the program itself
_IDLE_COMMANDS = 5  # of a list without news among many: two parts of a page, its number, and the proof of the filter
_COUNTED_AT_ONCE = 4500  # rows whose number one command tells, to see whether all are there
_LISTS_IN_A_REQUEST = MOST_COMMANDS // _IDLE_COMMANDS  # of lists without news


@dataclass(frozen=True, slots=True)
class Speed:
    """What requests take, in seconds: `overhead` outside the portal's time, `request` and `empty_command` inside."""

    overhead: float
    request: float
    empty_command: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds and requests; `by` names what bounds the time."""

    seconds: float
    requests: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """How the portal limits: its request rate, and whether all batches share one account of operating time (P7.14)."""

    rate: RequestRate = STANDARD
    batches_share: bool = False
    is_kept: bool = True


def played(loads: Sequence[Load], account: Account, speed: Speed) -> Estimate:
    """Return what a sync with these loads takes."""
    requests = sum(load.requests for load in loads)
    if not requests:
        return Estimate(0.0, 0)
    in_flight = _in_flight(loads, speed)
    by_rate = max(0.0, (requests - account.rate.burst) / account.rate.per_second)
    methods: dict[str, float] = {}
    for load in loads:
        for method, seconds in load.methods.items():
            name = "batch" if account.batches_share else method
            methods[name] = methods.get(name, 0.0) + seconds
    by_operating = max(map(_windows, methods.values()), default=0.0) if account.is_kept else 0.0
    seconds, by = max((in_flight, "requests in flight"), (by_rate, "request rate"), (by_operating, "operating time"))
    return Estimate(_START + seconds, requests, by)


def _windows(seconds: float) -> float:
    """Return the time that so much operating time is spread over; the last part of it is as fast as requests in flight."""
    limit = OPERATING_LIMIT * _OPERATING_SHARE
    return int(seconds // limit) * OPERATING_WINDOW + seconds % limit / MOST_LANES


def _in_flight(loads: Sequence[Load], speed: Speed) -> float:
    """Play the requests: a lane more for each answer; what follows a first request waits for it, and it for older jobs."""
    lanes = [0.0] * _FIRST_LANES
    heapify(lanes)
    end = 0.0

    def send(seconds: float, not_before: float) -> float:
        free = heappop(lanes)
        done = max(free, not_before) + seconds + speed.request + speed.overhead
        heappush(lanes, done)
        if len(lanes) < MOST_LANES:
            heappush(lanes, done)
        return done

    ends: list[float] = []
    for load in loads:
        if not load.first:
            continue
        older = 1 if load.is_behind else _JOBS_AT_ONCE
        done = first = send(load.first, ends[-older] if len(ends) >= older else 0.0)
        turn = max(first, ends[-1]) if ends and (load.proof or load.is_behind) else first
        if load.proof:
            done = turn = send(load.proof, turn)
        for seconds in load.rest:
            done = max(done, send(seconds, turn))
        end = max(end, done)
        ends.append(end)
    return end


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """What one table costs by itself. None where it cannot be read or is not known.

    `hourly`: a later sync with little news; `deletions`: to find what is gone, None also where every sync reads all rows.
    """

    first: Estimate | None
    hourly: Estimate | None
    deletions: Estimate | None


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of each table by itself, and of all together, where tables share requests."""

    tables: Mapping[str, TableEstimate]
    first: Estimate
    hourly: Estimate


class Estimator:
    """Estimates syncs of a portal. `in_bulk`: product rows and links of many owners can be read at once (P4.2, P6.2)."""

    def __init__(self, known: Known, account: Account, speed: Speed, narrow_seconds: float, *, in_bulk: bool) -> None:
        self._known = known
        self._account = account
        self._speed = speed
        self._narrow = narrow_seconds
        self._in_bulk = in_bulk

    def estimates(self) -> Estimates:
        """Return all estimates."""
        tables: dict[str, TableEstimate] = {}
        first: list[Load] = []
        later: list[Load] = []
        seen: set[str] = set()
        small: list[Load] = []
        in_short: list[Load] = []  # what lists share in a later sync
        counts: list[Load] = []  # the numbers of their rows, in the same requests
        for table in self._known.tables:
            loads, news, deletions = self._first(table), self._later(table), self._deletions(table)
            tables[table.name] = TableEstimate(*map(self._alone, (loads, news, deletions)))
            one = self._list(table)
            if isinstance(table, (Whole, FieldOptions)):
                small += loads
            elif one is None or one.tables[0] not in seen:
                first += loads
                (in_short if table.cursor or isinstance(table, Scanned) else later).extend(news)
                counts += deletions if table.cursor else []
            if one:
                seen.add(one.tables[0])
        settings = [_together(small), *([Load(2 * len(self._known.types) * self._narrow)] if self._known.types else [])]
        return Estimates(
            tables,
            played([*settings, *first], self._account, self._speed),
            played([*settings, *_shared(in_short, counts), *later], self._account, self._speed),
        )

    def _alone(self, loads: Sequence[Load]) -> Estimate | None:
        return played(loads, self._account, self._speed) if loads else None

    def _list(self, table: Table) -> KnownList | None:
        if not isinstance(table, (Scanned, CustomFieldValues)):
            return None
        return next((one for one in self._known.lists if table.name in one.tables), None)

    def _parts(self, table: Table) -> Sequence[Table]:
        return self._known.parts.get(table.name, ()) if isinstance(table, ByType) else (table,)

    def _lists_read(self, table: Table) -> list[KnownList]:
        """Return the lists that a table's rows, or the owners of its rows, come from."""
        if isinstance(table, PerParent):
            owners = self._known.owners_of(table)
            return [owners] if owners else []
        if isinstance(table, ByType):
            parts = [part for part in self._parts(table) if isinstance(part, PerParent)]
            owned = [one for part in parts for one in self._lists_read(part)]
            return owned or [one for one in self._known.lists if table.name in one.tables and not one.error]
        one = self._list(table)
        return [one] if one and not one.error else []

    def _first(self, table: Table) -> list[Load]:
        """Return the loads of a table's first sync; none where it cannot be read."""
        if isinstance(table, (Whole, FieldOptions, PerType, Grouped)):
            return self._small(table)
        if isinstance(table, ByType):
            parts = self._parts(table)
            if any(isinstance(part, PerParent) for part in parts):
                return _one_by_one([load for part in parts for load in self._first(part)])
        if isinstance(table, PerParent):
            sets = self._known.sets.get(table.method)
            if not self._known.owners_of(table) or (sets and sets.error and not sets.by_owner):
                return []
            return [owners_load(self._known, table, self._narrow, in_bulk=self._in_bulk)]
        return _one_by_one([list_load(one, is_first=one is self._known.lists[0]) for one in self._lists_read(table)])

    def _later(self, table: Table) -> list[Load]:
        """Return the loads of a sync an hour later, with few changes; a table without a cursor is read again."""
        first = self._first(table)
        if not table.cursor:
            return first
        loads = []
        for _ in self._lists_read(table) if first else ():
            load = Load(_IDLE_COMMANDS * self._speed.empty_command or TINY)
            load.charge(table.method, load.first)
            loads.append(load)
        return loads

    def _deletions(self, table: Table) -> list[Load]:
        """Return the loads of counting a table's rows, span by span; none where the whole table is read again."""
        loads = []
        for one in self._lists_read(table) if table.cursor and self._first(table) else ():
            seconds = one.count_seconds or self._speed.empty_command
            load = Load(ceil((one.count or 1) / _COUNTED_AT_ONCE) * seconds or TINY)
            load.charge(one.listing.method, load.first)
            loads.append(load)
        return loads

    def _small(self, table: Table) -> list[Load]:
        answer = self._known.whole.get(table.name)
        if answer is None or isinstance(answer, PortalError):
            return []
        if isinstance(table, Grouped):
            pages = ceil(answer.rows / PAGE)
            rest = ceil(max(0, pages - FIRST_PAGES) / MOST_COMMANDS)
            each = answer.seconds / (1 + rest)
            return [Load(each or TINY, rest=[each] * rest)]
        return [Load(max(TINY, answer.seconds or ceil(answer.rows / PAGE) * self._narrow))]


def _one_by_one(loads: list[Load]) -> list[Load]:
    """Return loads that are read one after the other."""
    return [replace(load, is_behind=place > 0) for place, load in enumerate(loads)]


def _together(loads: Iterable[Load]) -> Load:
    """Return the load of small tables, which share one request."""
    return Load(sum(load.first for load in loads) or TINY)


def _shared(loads: Sequence[Load], counts: Sequence[Load]) -> list[Load]:
    """Return the loads of requests that lists share, the numbers of their rows among them."""
    shared = [Load() for _ in range(ceil(len(loads) / _LISTS_IN_A_REQUEST))]
    for place, one in enumerate([*loads, *counts]):
        load = shared[place % len(shared)]
        load.first += one.first
        load.rest += one.rest
        for method, seconds in one.methods.items():
            load.charge(method, seconds)
    return shared
