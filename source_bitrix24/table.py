"""The words `tables.py` is written in: the four ways in which a table comes out of a portal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .portal.dialect import CLASSIC, Dialect


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, the REST method that brings its rows, the column that tells what is new.

    `key`: the primary key. `fields_of`: the portal object whose custom fields belong to it, as methods spell it (`deal`).
    """

    name: str
    method: str
    cursor: str | None = None
    fields_of: str | None = field(default=None, kw_only=True)
    key: tuple[str, ...] = field(default=("ID",), kw_only=True)


@dataclass(frozen=True, slots=True)
class Scanned(Table):
    """A list of any size, read by falling IDs. `select`: masks and names; what is not sent unasked must be named (P2.16)."""

    select: tuple[str, ...] = field(default=(), kw_only=True)
    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    dialect: Dialect = field(default=CLASSIC, kw_only=True)


@dataclass(frozen=True, slots=True)
class CustomFieldValues(Table):
    """The custom fields of a scanned list, one row per record and field."""

    key: tuple[str, ...] = field(default=("ID", "FIELD_NAME"), kw_only=True)


@dataclass(frozen=True, slots=True)
class PerParent(Table):
    """Rows that the portal gives only record by record of another list, as a whole set each.

    `parent_list` is the method that lists the parents, whose modification date is the cursor; `parent_key` the column
    that carries the parent's ID. `owner_type`: the letter by which the list of product rows knows the parents (P4.1).
    """

    parent_list: str = field(kw_only=True)
    parent_key: str = field(kw_only=True)
    owner_type: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Whole(Table):
    """A small table that comes in one answer. An answer that says there is more is an error.

    `rows_in`: the key under `result` that holds the rows; `only`: a column and the pattern its value must match;
    `labelled`: ask for labels in the language of the settings.
    """

    params: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    rows_in: str = field(default="", kw_only=True)
    only: tuple[str, str] | None = field(default=None, kw_only=True)
    labelled: bool = field(default=False, kw_only=True)
