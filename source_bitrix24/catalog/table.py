"""The kinds of tables: how a table comes out of a portal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ..portal.dialect import CLASSIC, SMART_ITEMS, Dialect
from ..portal.grouped import GroupedList
from ..portal.keyset import Listing
from ..portal.links_bulk import LinkList
from ..portal.names import camel_name
from ..portal.owners import BY_ID, SetQuestion

ENTITY_TYPES = {"lead": 1, "deal": 2, "contact": 3, "company": 4, "quote": 7}  # P3: numbers of objects that have fields
POSITION = "POSITION"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, the REST method that returns its rows, the cursor column.

    `key`: the primary key. `scopes`: the permissions of a webhook of which any one is enough (P13.2).
    """

    name: str
    method: str
    cursor: str | None = None
    key: tuple[str, ...] = field(default=("ID",), kw_only=True)
    scopes: tuple[str, ...] = field(default=("crm",), kw_only=True)


@dataclass(frozen=True, slots=True)
class Scanned(Table):
    """A list of any size, read by keyset pagination.

    `fields_of`: the portal object whose custom fields it has, as methods spell it (`deal`). `select`: masks and names; what
    is not sent unless asked for must be named (P2.16). `constants`: columns that the method does not send. `edited_for`: how
    long a row may be edited without a new date; so far back every sync reads again. `has_undated_rows`: some rows have no
    date, so a start date must not leave out any.
    """

    fields_of: str | None = field(default=None, kw_only=True)
    select: tuple[str, ...] = field(default=(), kw_only=True)
    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    dialect: Dialect = field(default=CLASSIC, kw_only=True)
    constants: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    edited_for: timedelta = field(default=timedelta(), kw_only=True)
    has_undated_rows: bool = field(default=False, kw_only=True)

    @property
    def entity_type(self) -> int | None:
        """The number by which crm.item.get knows the rows, None if it does not."""
        return ENTITY_TYPES.get(self.fields_of or "")

    @property
    def listing(self) -> Listing:
        """The list of its rows."""
        return Listing(self.method, self.select, params=self.params, dialect=self.dialect)


LEADS, DEALS, INVOICES = 1, 2, 31  # the portal's numbers of types (P3, P14.2)


@dataclass(frozen=True, slots=True)
class Items(Scanned):
    """The items of a smart process, or the invoices: a list whose columns only the portal knows (P14.5).

    `number`: the entityTypeId; `title`: what people call it.
    """

    number: int = field(kw_only=True)
    title: str = field(default="", kw_only=True)

    @property
    def entity_type(self) -> int | None:
        """The number by which crm.item.get knows the items."""
        return self.number

    @property
    def listing(self) -> Listing:
        """The list of its items, with the columns by which they are recognised."""
        columns = ("ID", SMART_ITEMS.created, str(self.cursor))
        names = {column: camel_name(column) for column in columns}
        return Listing(self.method, columns, params={"entityTypeId": self.number}, dialect=SMART_ITEMS, names=names)


@dataclass(frozen=True, slots=True)
class CustomFieldValues(Table):
    """The custom fields of a list, one row per record and field. `fields_of` as for Scanned."""

    cursor: str
    fields_of: str = field(kw_only=True)
    key: tuple[str, ...] = field(default=("ID", "FIELD_NAME"), kw_only=True)

    @property
    def entity_type(self) -> int | None:
        """The number by which crm.item.get knows the records."""
        return ENTITY_TYPES.get(self.fields_of)

    @property
    def listing(self) -> Listing:
        """The list of the records that have the fields."""
        return Listing(self.method, ("ID", CLASSIC.created, self.cursor, "UF_*"))


@dataclass(frozen=True, slots=True)
class PerParent(Table):
    """Rows that hang on parents: one call returns the whole set of one parent.

    The key is the parent's ID and POSITION, the place in the set: a row's own ID can change with every save (P4.6).
    `parent_list`: the method that lists the parents, whose modification date is the cursor. `parent_key`: the column for the
    parent's ID. `owner_type`: the letter for the parents in the list of product rows (P4.1). `links`: where many links
    come at once (P6.2). `items`: the entityTypeId of parents that are items. `question`: how the method is asked.
    `constants`: columns of the key that are the same in all rows.
    """

    cursor: str
    parent_list: str = field(kw_only=True)
    parent_key: str = field(kw_only=True)
    owner_type: str | None = field(default=None, kw_only=True)
    parent_dialect: Dialect = field(default=CLASSIC, kw_only=True)
    items: int | None = field(default=None, kw_only=True)
    question: SetQuestion = field(default=BY_ID, kw_only=True)
    constants: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    links: LinkList | None = field(default=None, kw_only=True)
    key: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Make the key, unless the table names its own."""
        if not self.key:
            object.__setattr__(self, "key", (self.parent_key, POSITION))

    @property
    def entity_type(self) -> int | None:
        """The number by which crm.item.get knows the parents."""
        return self.items or ENTITY_TYPES.get(self.parent_list.split(".")[1])

    @property
    def parents(self) -> Listing:
        """The list of the parents."""
        if self.items is not None:
            return Items(self.name, self.parent_list, self.cursor, number=self.items).listing
        dialect = self.parent_dialect
        return Listing(self.parent_list, ("ID", dialect.created, self.cursor), dialect=dialect)


@dataclass(frozen=True, slots=True)
class Whole(Table):
    """A small table that comes in one answer; an answer that says there is more is an error.

    `rows_in`: the key under `result` that holds the rows. `is_camel`: rows have their names in camel case. `only`: a column
    and the pattern that its value must match. `labelled`: labels are requested in the language of the settings.
    """

    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    rows_in: str = field(default="", kw_only=True)
    is_camel: bool = field(default=False, kw_only=True)
    only: tuple[str, str] | None = field(default=None, kw_only=True)
    labelled: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class FieldOptions(Table):
    """The options of all enumerations among custom fields: the `LIST` in the rows of `definitions`, one table an object."""

    definitions: tuple[Whole, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Grouped(Table):
    """A list without IDs, read in full by `group`: a column of which few rows have the same value (P15.6)."""

    group: str = field(kw_only=True)

    @property
    def list(self) -> GroupedList:
        """The list of its rows."""
        return GroupedList(self.method, self.group, self.key)


@dataclass(frozen=True, slots=True)
class PerType(Table):
    """A small table of which each smart process has some rows, by one command for each. `rows_in` as for Whole.

    `with_invoices`: the invoices have rows too.
    """

    rows_in: str = field(kw_only=True)
    with_invoices: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ByType(Table):
    """A table made of one table for each readable smart process and the invoices, all in one stream with one state.

    `of`: the table for an entityTypeId, with the same name and columns. `has_field`: only types with this field have rows.
    """

    cursor: str
    of: Callable[[int], Scanned | PerParent] = field(kw_only=True)
    has_field: str = field(kw_only=True)
