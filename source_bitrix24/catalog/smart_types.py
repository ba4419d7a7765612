"""The smart processes of a portal, which are known only at run time: their types, fields and small tables (P14)."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

from ..portal.batch import Command
from ..portal.errors import NoAccess, NotFound, PortalError
from ..portal.keyset import Row
from ..portal.names import upper_name
from .column import Column, standard_columns
from .metadata import Metadata
from .portal_column import COLUMN_TYPES, portal_column
from .table import INVOICES, Items, PerType
from .user_field import as_map, text_of

log = logging.getLogger("airbyte.bitrix24")

OWNER_TYPES = Command("crm.enum.ownertype")
_CODE = "DYNAMIC_"  # of a smart process, before its number (P14.2)
_TYPES: Mapping[str, str] = {
    **COLUMN_TYPES,
    "user": "reference",
    "crm_category": "integer",
    "crm_company": "reference",
    "crm_contact": "reference",
    "crm_deal": "reference",
    "crm_lead": "reference",
    "crm_quote": "reference",
    "crm_entity": "reference",
    "char": "boolean",
}
_FILE = (Column("id", "integer"), Column("url"), Column("urlMachine"))
_DESCRIBED = "smart_invoices"  # the table whose file describes the fields of all types


@dataclass(frozen=True, slots=True)
class SmartType:
    """A smart process: its entityTypeId and its title, which is no name (P14.1)."""

    number: int
    title: str


class SmartTypes:
    """Asks for the types of a portal and their fields, all types in a request."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    @cached_property
    def all(self) -> list[SmartType]:
        """All smart processes, readable or not. Raises PortalError."""
        found = []
        for row in self._metadata.list_of(OWNER_TYPES):
            code, number = str(row.get("SYMBOL_CODE", "")), str(row.get("ID", ""))
            if code == _CODE + number and number.isdecimal():
                found.append(SmartType(int(number), text_of(row.get("NAME"), "") or code))
        return found

    @cached_property
    def readable(self) -> list[SmartType]:
        """Those that the webhook's user may read, and that are not just being made or deleted. Logs the others."""
        types = self.all
        self._metadata.ask(chain.from_iterable(type_commands(one.number) for one in types))
        refused, found = [], []
        for one in types:
            try:
                self.fields(one.number)
                is_ready = as_map(self._type_row(one.number)).get("isInitialized") != "N"
            except PortalError as error:
                refused.append((one, error))
                continue
            if is_ready:
                found.append(one)
        if refused:
            names = ", ".join(f"{one.number} ({one.title})" for one, _ in refused)
            log.warning(
                "Smart processes that the webhook's user may not read are left out: %s: %s", names, refused[0][1]
            )
        return found

    def tables(self) -> list[Items]:
        """Return a table for each readable smart process. Logs why there are none, if the portal does not tell its types."""
        try:
            return [items_table(one.number, one.title) for one in self.readable]
        except PortalError as error:
            log.warning("The smart processes of the portal are not known: %s", error)
            return []

    def fields(self, number: int) -> Mapping[str, Mapping[str, Any]]:
        """Return what the portal says about each field of a type, by the method's name. Raises PortalError."""
        fields = as_map(self._metadata.answer(_fields_of(number)).result).get("fields")
        return {name: as_map(info) for name, info in as_map(fields).items()}

    def names(self, number: int) -> dict[str, str]:
        """Return the method's names of a type's columns, by column. Raises PortalError."""
        return {_column_name(name, info): name for name, info in self.fields(number).items()}

    def columns(self, number: int) -> list[Column]:
        """Return the columns of a type. Raises PortalError."""
        described = {column.name: column for column in standard_columns(_DESCRIBED)}
        return [self._column(_column_name(name, info), info, described) for name, info in self.fields(number).items()]

    def rows(self, table: PerType) -> list[Row]:
        """Return the rows of a table of which each type has some. Raises PortalError if no type could be asked."""
        numbers = [*([INVOICES] if table.with_invoices else []), *(one.number for one in self.all)]
        commands = [Command(table.method, {"entityTypeId": number}) for number in numbers]
        self._metadata.ask(commands)
        rows: list[Row] = []
        for command in commands:
            try:
                result = as_map(self._metadata.answer(command).result).get(table.rows_in)
            except (NoAccess, NotFound) as error:  # P14.3
                log.warning("%s: %s is left out: %s", table.name, command.params["entityTypeId"], error)
                continue
            sent = result if isinstance(result, list) else [result]
            rows += [{upper_name(name): value for name, value in row.items()} for row in sent if isinstance(row, dict)]
        return rows

    def _type_row(self, number: int) -> object:
        return as_map(self._metadata.answer(_type_of(number)).result).get("type")

    def _column(self, name: str, info: Mapping[str, Any], described: Mapping[str, Column]) -> Column:
        label = text_of(info.get("title"), "")
        if name in described:
            return replace(described[name], label=label if label != name else "")
        kind = str(info.get("type", ""))
        options = {
            str(one["ID"]): text_of(one.get("VALUE"), "")
            for one in map(as_map, info.get("items") or ())
            if one.get("ID") is not None
        }
        words = (text_of(info.get(key), "") for key in ("formLabel", "listLabel"))
        directory = (
            info.get("statusType") or as_map(info.get("settings")).get("ENTITY_TYPE") if kind == "crm_status" else ""
        )
        column = portal_column(name, kind, bool(info.get("isMultiple")), next(filter(None, words), label), options)
        return replace(
            column, type=_TYPES.get(kind, "text"), parts=_FILE if kind == "file" else (), words=str(directory or "")
        )


def type_commands(number: int) -> list[Command]:
    """Return the commands that bring what is asked of a type. Invoices have no row among the types."""
    return [_fields_of(number)] if number == INVOICES else [_fields_of(number), _type_of(number)]


def items_table(number: int, title: str = "") -> Items:
    """Return the table of a smart process. Its name is made of the number, which never changes (P14.1)."""
    return Items(f"smart_process_{number}", "crm.item.list", "UPDATED_TIME", number=number, title=title)


def without_scalars(rows: Iterable[Row], multiple: Iterable[str]) -> list[Row]:
    """Return rows in which what is no list is null in the columns of several values: their way to be empty (P14.6)."""
    names = list(multiple)
    cleaned = []
    for row in rows:
        odd = {name: None for name in names if name in row and not isinstance(row[name], list | dict | None)}
        cleaned.append(row | odd if odd else row)
    return cleaned


def _column_name(name: str, info: Mapping[str, Any]) -> str:
    upper = info.get("upperName")
    return upper if isinstance(upper, str) and upper else upper_name(name)


def _fields_of(number: int) -> Command:
    return Command("crm.item.fields", {"entityTypeId": number})


def _type_of(number: int) -> Command:
    return Command("crm.type.getbyentitytypeid", {"entityTypeId": number})
