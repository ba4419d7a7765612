"""The four kinds of tables: how a table comes out of a portal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..portal.dialect import CLASSIC, Dialect
from ..portal.keyset import Listing


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, the REST method that returns its rows, the cursor column. `key`: the primary key."""

    name: str
    method: str
    cursor: str | None = None
    key: tuple[str, ...] = field(default=("ID",), kw_only=True)


@dataclass(frozen=True, slots=True)
class Scanned(Table):
    """A list of any size, read by keyset pagination.

    `fields_of`: the portal object whose custom fields it has, as methods spell it (`deal`). `select`: masks and names; what
    is not sent unless asked for must be named (P2.16).
    """

    fields_of: str | None = field(default=None, kw_only=True)
    select: tuple[str, ...] = field(default=(), kw_only=True)
    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    dialect: Dialect = field(default=CLASSIC, kw_only=True)

    @property
    def listing(self) -> Listing:
        """The list of its rows."""
        return Listing(self.method, self.select, params=self.params, dialect=self.dialect)


@dataclass(frozen=True, slots=True)
class CustomFieldValues(Table):
    """The custom fields of a list, one row per record and field. `fields_of` as for Scanned."""

    cursor: str
    fields_of: str = field(kw_only=True)
    key: tuple[str, ...] = field(default=("ID", "FIELD_NAME"), kw_only=True)

    @property
    def listing(self) -> Listing:
        """The list of the records that have the fields."""
        return Listing(self.method, ("ID", CLASSIC.created, self.cursor, "UF_*"))


@dataclass(frozen=True, slots=True)
class PerParent(Table):
    """Rows that hang on parents: one call returns the whole set of one parent.

    `parent_list`: the method that lists the parents, whose modification date is the cursor. `parent_key`: the column for the
    parent's ID. `owner_type`: the letter for the parents in the list of product rows (P4.1).
    """

    cursor: str
    parent_list: str = field(kw_only=True)
    parent_key: str = field(kw_only=True)
    owner_type: str | None = field(default=None, kw_only=True)

    @property
    def parents(self) -> Listing:
        """The list of the parents."""
        return Listing(self.parent_list, ("ID", CLASSIC.created, self.cursor))


@dataclass(frozen=True, slots=True)
class Whole(Table):
    """A small table that comes in one answer; an answer that says there is more is an error.

    `rows_in`: the key under `result` that holds the rows. `only`: a column and the pattern that its value must match.
    `labelled`: labels are requested in the language of the settings.
    """

    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    rows_in: str = field(default="", kw_only=True)
    only: tuple[str, str] | None = field(default=None, kw_only=True)
    labelled: bool = field(default=False, kw_only=True)
