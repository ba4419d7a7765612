"""How long a sync of this portal takes, and how many requests: the reader's way of asking, played with measured times.

    a list          a first request of some pages │ the rest in requests of up to 50 pages, several in flight
    owners          the same for the list of owners, and 50 owners in a request
    small tables    one request for all

What bounds the time is the narrowest of three: the requests in flight, the request rate, and the operating time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import ceil

from ..catalog.table import CustomFieldValues, PerParent, Scanned, Table, Whole
from ..portal.batch import MOST_COMMANDS
from ..portal.errors import PortalError
from ..portal.keyset import PAGE
from ..portal.limits import OPERATING_LIMIT, OPERATING_WINDOW, STANDARD, RequestRate
from .known import Known, KnownList

MOST_LANES = 12  # by default
_JOBS_AT_ONCE = 3
_FIRST_LANES = 4
_FIRST_PAGES = 10  # of a list
_TARGET_SECONDS, _TARGET_BYTES = 10.0, 12_000_000  # of a request
_FIRST_SECONDS = 2.0  # of the first request, once the portal's speed is known
_GAPS = 1.1  # requests for each request that IDs without gaps would take
_OPERATING_SHARE = 0.97
_START = 1.0  # seconds of the program itself
_IDLE_COMMANDS = 22  # of the request of a list without news: two parts of ten pages, and the proof of the filter
_ROWS_OF_LIST = 1.2  # commands for each page of product rows in bulk


@dataclass(frozen=True, slots=True)
class Speed:
    """What requests take, in seconds: `overhead` outside the portal's time, `request` and `empty_command` inside."""

    overhead: float
    request: float
    empty_command: float


@dataclass(slots=True)
class Load:
    """The requests of one table: the portal's seconds of the first one, and of those that follow it, in parallel.

    `methods`: the operating time by method.
    """

    first: float = 0.0
    rest: list[float] = field(default_factory=list)
    methods: dict[str, float] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many requests these are."""
        return bool(self.first) + len(self.rest)

    def charge(self, method: str, seconds: float) -> None:
        """Add operating time of a method."""
        self.methods[method] = self.methods.get(method, 0.0) + seconds


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
        done = first = send(load.first, ends[-_JOBS_AT_ONCE] if len(ends) >= _JOBS_AT_ONCE else 0.0)
        for seconds in load.rest:
            done = max(done, send(seconds, first))
        end = max(end, done)
        ends.append(end)
    return end


def list_load(one: KnownList, page_seconds: float | None = None, *, is_first: bool = False) -> Load:
    """Return the load of reading a whole list. `is_first`: the portal's speed is not known yet."""
    seconds = page_seconds if page_seconds is not None else one.page_seconds or 0.0
    load = Load()
    pages = max(1, ceil((one.count or 0) / PAGE))
    room = _FIRST_PAGES if is_first or not seconds else int(_FIRST_SECONDS / seconds)
    first = min(pages, max(_FIRST_PAGES, min(MOST_COMMANDS, room)) - 1)
    load.first = first * seconds or _TINY
    left = max(0, pages - first)
    share = max(seconds / _TARGET_SECONDS, one.page_bytes / _TARGET_BYTES if page_seconds is None else 0.0)
    size = max(2, min(MOST_COMMANDS, int(1 / share) if share else MOST_COMMANDS)) - 1
    requests = ceil(left / size * _GAPS) if left > 0 else 0
    load.rest = [left * seconds / requests] * requests if requests else []
    load.charge(one.listing.method, pages * seconds)
    return load


_TINY = 0.001


def owners_load(known: Known, table: PerParent, narrow_seconds: float, *, in_bulk: bool) -> Load:
    """Return the load of reading the sets of all owners of a list."""
    parents, sets = known.list_of(table.parent_list), known.sets.get(table.method)
    if not parents or not sets or not parents.count:
        return Load(_TINY)
    load = list_load(parents, narrow_seconds)
    alone = float(parents.count)
    if in_bulk and table.owner_type:
        pages = parents.count * sets.rows_each / PAGE * _ROWS_OF_LIST
        requests = ceil(pages / (MOST_COMMANDS - 1))
        load.rest += [pages / requests * narrow_seconds] * requests if requests else []
        load.charge("crm.productrow.list", pages * narrow_seconds)
        filled = sum(bool(rows) for rows in sets.by_owner.values())
        alone *= filled / max(1, len(sets.by_owner))
    requests = ceil(alone / MOST_COMMANDS)
    load.rest += [alone / requests * sets.seconds] * requests if requests else []
    load.charge(table.method, alone * sets.seconds)
    return load


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """What one table costs by itself. None where it cannot be read or is not known."""

    first: Estimate | None
    hourly: Estimate | None


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of each table by itself, and of all together, where tables share requests."""

    tables: Mapping[str, TableEstimate]
    first: Estimate
    hourly: Estimate


class Estimator:
    """Estimates syncs of a portal. `in_bulk`: product rows of many owners can be read at once (P4.2)."""

    def __init__(self, known: Known, account: Account, speed: Speed, narrow_seconds: float, *, in_bulk: bool) -> None:
        self._known = known
        self._account = account
        self._speed = speed
        self._narrow = narrow_seconds
        self._in_bulk = in_bulk

    def estimates(self) -> Estimates:
        """Return all estimates."""
        tables, first, hourly = {}, [], []
        seen: set[str] = set()
        small: list[Load] = []
        for table in self._known.tables:
            load, news = self._first(table), self._hourly(table)
            tables[table.name] = TableEstimate(self._alone(load), self._alone(news))
            one = self._list(table)
            if isinstance(table, Whole):
                small += [load] if load else []
            elif one is None or one.tables[0] not in seen:
                first += [load] if load else []
                hourly += [news] if news else []
            if one:
                seen.add(one.tables[0])
        together = [_together(small)] if small else []
        return Estimates(
            tables,
            played([*first, *together], self._account, self._speed),
            played([*hourly, *together], self._account, self._speed),
        )

    def _alone(self, load: Load | None) -> Estimate | None:
        return played([load], self._account, self._speed) if load else None

    def _list(self, table: Table) -> KnownList | None:
        if not isinstance(table, (Scanned, CustomFieldValues)):
            return None
        return next((one for one in self._known.lists if table.name in one.tables), None)

    def _first(self, table: Table) -> Load | None:
        """Return the load of a table's first sync; None where it cannot be read."""
        if isinstance(table, Whole):
            return self._small(table)
        if isinstance(table, PerParent):
            sets = self._known.sets.get(table.method)
            if not sets or (sets.error and not sets.by_owner):
                return None
            return owners_load(self._known, table, self._narrow, in_bulk=self._in_bulk)
        one = self._list(table)
        return list_load(one, is_first=one is self._known.lists[0]) if one and not one.error else None

    def _hourly(self, table: Table) -> Load | None:
        """Return the load of a sync an hour later, with few changes; a table without a cursor is read again."""
        first = self._first(table)
        if first is None or not table.cursor:
            return first
        load = Load(_IDLE_COMMANDS * self._speed.empty_command or _TINY)
        load.charge(table.method, load.first)
        return load

    def _small(self, table: Whole) -> Load | None:
        answer = self._known.whole.get(table.name)
        if answer is None or isinstance(answer, PortalError):
            return None
        return Load(max(_TINY, ceil(answer.rows / PAGE) * self._narrow))


def _together(loads: Iterable[Load]) -> Load:
    """Return the load of small tables, which share one request."""
    return Load(sum(load.first for load in loads))
