"""What the doctor knows of a portal when it asks for facts: the survey's results, and a list to try things on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..catalog.table import PerParent, Table
from ..portal.batch import Command
from ..portal.dialect import Dialect
from ..portal.errors import PortalError
from ..portal.keyset import Listing, Row

# lists to try things on, by preference: method, entityTypeId (P3), custom fields of
CANDIDATES = (
    ("crm.deal.list", 2),
    ("crm.lead.list", 1),
    ("crm.contact.list", 3),
    ("crm.company.list", 4),
    ("crm.quote.list", 7),
)


@dataclass(slots=True)
class KnownList:
    """A list of the catalog as the survey found it.

    `tables`: the names of the tables that are made of it. `rows`: its newest page, with all columns. `count`: None if it was
    not counted. `page_seconds`: the server's time for a full page; `page_bytes`: its size; `count_seconds`: for a count.
    """

    listing: Listing
    tables: tuple[str, ...]
    cursor: str | None
    error: PortalError | None = None
    rows: list[Row] = field(default_factory=list)
    count: int | None = None
    max_id: int = 0
    page_seconds: float | None = None
    page_bytes: int = 0
    count_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest rows of a list that facts are tried on: their IDs, descending, and their dates of modification.

    `short_pages`: how many pages of less than 50 rows had others below them.
    """

    method: str
    entity_type: int
    cursor: str
    ids: tuple[int, ...]
    dates: Mapping[int, datetime]
    short_pages: int = 0

    def window(self, first: int, last: int) -> dict[str, Any]:
        """Return the filter that exactly the rows from the `first` to before the `last` meet."""
        return {">ID": self.ids[last - 1] - 1, "<=ID": self.ids[first]}

    def command(self, filter_: Mapping[str, Any], **params: Any) -> Command:
        """Return the command for the IDs of the rows that meet a filter, the newest first."""
        usual = {"select": ["ID"], "order": {"ID": "DESC"}, "filter": dict(filter_), "start": -1}
        return Command(self.method, {**usual, **params})

    def items(self, filter_: Mapping[str, Any], **params: Any) -> Command:
        """Return the same command for crm.item.list."""
        usual = {"select": ["id"], "order": {"id": "DESC"}, "filter": dict(filter_), "start": -1}
        return Command("crm.item.list", {"entityTypeId": self.entity_type, **usual, **params})

    def item_window(self, first: int, last: int) -> dict[str, Any]:
        """Return the window's filter for crm.item.list."""
        return {">id": self.ids[last - 1] - 1, "<=id": self.ids[first]}


@dataclass(slots=True)
class Sets:
    """The rows of some owners, each asked alone by one method. `seconds`: the server's, for each owner."""

    by_owner: dict[int, list[Row]] = field(default_factory=dict)
    seconds: float = 0.0
    error: PortalError | None = None

    @property
    def rows_each(self) -> float:
        """The mean number of rows of an owner."""
        return sum(map(len, self.by_owner.values())) / max(1, len(self.by_owner))

    @property
    def filled(self) -> float:
        """The share of owners that have rows."""
        return sum(map(bool, self.by_owner.values())) / max(1, len(self.by_owner))


@dataclass(slots=True)
class KnownWhole:
    """The answer of a small table: its rows, and whether the portal says that there are more. `seconds`: the server's."""

    rows: int
    total: int | None
    more: bool
    seconds: float = 0.0


@dataclass(slots=True)
class Known:
    """A portal as far as it is known. `now`: its clock; `user`: what `profile` says.

    `tables`: those that the portal has and the webhook's scopes allow; `lacking`: those that they do not. `types`: the
    numbers of the smart processes that can be read, and of the invoices, each with its columns by the method's names.
    `parts`: what tables of all types are made of, by name. `sets`: by the method that reads them; `whole`: by table.
    """

    tables: Sequence[Table]
    lacking: Sequence[Table] = ()
    types: dict[int, Mapping[str, str]] = field(default_factory=dict)
    parts: dict[str, Sequence[Table]] = field(default_factory=dict)
    lists: list[KnownList] = field(default_factory=list)
    user: Any = None
    scopes: frozenset[str] = frozenset()
    now: datetime | None = None
    sample: Sample | None = None
    sets: dict[str, Sets] = field(default_factory=dict)
    whole: dict[str, KnownWhole | PortalError] = field(default_factory=dict)
    language: str = "en"

    @property
    def is_administrator(self) -> bool:
        """Whether the webhook's user may read everything."""
        return isinstance(self.user, dict) and self.user.get("ADMIN") is True

    def list_of(self, method: str) -> KnownList | None:
        """Return a list by its method; None if the catalog has none, or it cannot be read."""
        return next((one for one in self.lists if one.listing.method == method and not one.error), None)

    def owners_of(self, table: PerParent) -> KnownList | None:
        """Return the list of a table's parents; None if it cannot be read."""
        if table.items is None:
            return self.list_of(table.parent_list)
        lists = (one for one in self.lists if one.listing.method == table.parent_list and not one.error)
        return next((one for one in lists if one.listing.params.get("entityTypeId") == table.items), None)

    def filled_sets(self, method: str) -> dict[int, list[Row]]:
        """Return the rows of each owner that has some, by a method of the catalog."""
        known = self.sets.get(method, Sets())
        return {owner: rows for owner, rows in known.by_owner.items() if rows}

    @property
    def of_sample(self) -> Sample:
        """The list to try things on; a fact that needs rows is only asked if there is one."""
        assert self.sample
        return self.sample


def key_of(dialect: Dialect) -> str:
    """Return the name of the ID in the rows of a list."""
    return dialect.id.lower() if dialect.is_camel else dialect.id
