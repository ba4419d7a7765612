"""The requests that reading a table in full takes: those of lists, and of the rows that hang on their records."""

from dataclasses import dataclass, field
from math import ceil

from ..catalog.column import standard_columns
from ..catalog.table import PerParent
from ..portal.batch import MOST_COMMANDS
from ..portal.keyset import PAGE
from .known import Known, KnownList

FIRST_PAGES = 10  # of a list
TINY = 0.001  # seconds
_TARGET_SECONDS, _TARGET_BYTES = 10.0, 12_000_000  # of a request
_FIRST_SECONDS = 2.0  # of the first request, once the portal's speed is known
_GAPS = 1.1  # requests for each request that IDs without gaps would take
_ROWS_OF_LIST = 1.2  # commands for each page of product rows in bulk


@dataclass(slots=True)
class Load:
    """The requests of one table: the portal's seconds of the first one, and of those that follow it, in parallel.

    `proof`: of a second one, which the rest waits for. `methods`: the operating time by method. `is_behind`: it waits for
    the end of the load before it.
    """

    first: float = 0.0
    proof: float = 0.0
    rest: list[float] = field(default_factory=list)
    methods: dict[str, float] = field(default_factory=dict)
    is_behind: bool = False

    @property
    def requests(self) -> int:
        """How many requests these are."""
        return bool(self.first) + bool(self.proof) + len(self.rest)

    def charge(self, method: str, seconds: float) -> None:
        """Add operating time of a method."""
        self.methods[method] = self.methods.get(method, 0.0) + seconds


def list_load(one: KnownList, page_seconds: float | None = None, *, is_first: bool = False) -> Load:
    """Return the load of reading a whole list. `is_first`: the portal's speed is not known yet."""
    seconds = page_seconds if page_seconds is not None else one.page_seconds or 0.0
    load = Load()
    pages = max(1, ceil((one.count or 0) / PAGE))
    limit = one.listing.dialect.first_pages
    room = FIRST_PAGES if is_first or limit or not seconds else int(_FIRST_SECONDS / seconds)
    first = min(pages, max(FIRST_PAGES, min(MOST_COMMANDS, room)) - 1)
    load.first = first * seconds or TINY
    left = max(0, pages - first)
    share = max(seconds / _TARGET_SECONDS, one.page_bytes / _TARGET_BYTES if page_seconds is None else 0.0)
    size = max(2, min(MOST_COMMANDS, int(1 / share) if share else MOST_COMMANDS)) - 1
    requests = ceil(left / size * _GAPS) if left > 0 else 0
    if requests:
        load.rest = [*[left * seconds / requests] * requests, TINY]  # the last one proves that the list has ended
    load.charge(one.listing.method, pages * seconds)
    return load


def owners_load(known: Known, table: PerParent, narrow_seconds: float, *, in_bulk: bool) -> Load:
    """Return the load of reading the sets of all owners of a list."""
    parents, sets = known.owners_of(table), known.sets.get(table.method)
    if not parents or not sets or not parents.count:
        return Load(TINY)
    load = list_load(parents, narrow_seconds)
    load.proof = min(parents.count, MOST_COMMANDS) * sets.seconds  # sets one by one, beside the same in bulk
    alone = float(parents.count)
    if in_bulk and table.owner_type:
        pages = parents.count * sets.rows_each / PAGE * _ROWS_OF_LIST
        requests = ceil(pages / (MOST_COMMANDS - 1))
        load.rest += [pages / requests * narrow_seconds] * requests if requests else []
        load.charge("crm.productrow.list", pages * narrow_seconds)
        alone *= sets.filled
    elif in_bulk and table.links and parents.count > MOST_COMMANDS:
        pages = parents.count / PAGE
        requests = 1 + ceil((pages - FIRST_PAGES) / (MOST_COMMANDS - 1)) if pages > FIRST_PAGES else 1
        load.rest += [pages / requests * narrow_seconds] * requests
        load.charge("crm.item.list", pages * narrow_seconds)
        has_more = {column.name for column in standard_columns(table.name)} - {
            *table.key,
            table.cursor,
            *table.links.columns,
        }
        alone = alone * sets.filled if has_more else float(MOST_COMMANDS)
    alone = max(0.0, alone - MOST_COMMANDS)
    requests = ceil(alone / MOST_COMMANDS)
    load.rest += [alone / requests * sets.seconds] * requests if requests else []
    load.charge(table.method, alone * sets.seconds + load.proof)
    return load
