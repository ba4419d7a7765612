"""The tables of one portal and their columns. Tables that are known only at run time come in here."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from ..portal.batch import Command
from ..portal.errors import PortalError
from ..portal.keyset import Listing
from .column import UNTYPED_VALUES, Column, standard_columns
from .label import Label
from .metadata import Metadata
from .smart_types import SmartTypes, items_table, type_commands
from .table import DEALS, INVOICES, ByType, CustomFieldValues, Items, Scanned, Table
from .tables import TABLES
from .tombstone import DELETED_AT
from .words import Words, first_users, pipelines_of

log = logging.getLogger("airbyte.bitrix24")

_MADE = ("_LABEL", "_AMOUNT", "_CURRENCY")  # ends of the names of columns that are made of others
_USERS = next(table for table in TABLES if isinstance(table, Scanned) and table.name == "users")
ConfiguredSchemas = Mapping[str, Mapping[str, Any]]


def portal_tables(catalog: "PortalCatalog") -> Sequence[Table]:
    """Return the tables to offer: those that the webhook's scopes allow, and the smart processes. Logs what is left out.

    Raises PortalError if the portal answers nothing.
    """
    catalog.metadata.load()
    scopes = catalog.metadata.scopes()
    tables = allowed_tables(scopes)
    if missing := tables_without_permission(scopes):
        log.info("Not offered, since the webhook lacks the permission: %s", missing)
    return [*tables, *catalog.smart_types.tables()]


def allowed_tables(scopes: frozenset[str] | None) -> list[Table]:
    """Return the tables that every portal has, as far as the webhook may read them; all where its scopes are not known."""
    return [table for table in TABLES if scopes is None or scopes & set(table.scopes)]


def tables_without_permission(scopes: frozenset[str] | None) -> str:
    """Return the names of the other tables, each with the permissions of which one would be enough."""
    allowed = allowed_tables(scopes)
    return ", ".join(f"{table.name} ({' or '.join(table.scopes)})" for table in TABLES if table not in allowed)


def known_table(name: str) -> Table | None:
    """Return the table of a configured stream; of a smart process also if it is gone."""
    number = re.fullmatch(r"smart_process_(\d{1,9})", name)
    return items_table(int(number[1])) if number else next((table for table in TABLES if table.name == name), None)


class PortalCatalog:
    """Knows which tables a portal has, and which columns each table has there.

    `schemas`: the JSON schemas of a configured catalog, by table. They decide the types of custom columns in a read, so that
    a field list which changes or is refused meanwhile does not change the type of a column.
    """

    def __init__(
        self, metadata: Metadata, schemas: ConfiguredSchemas | None = None, *, has_labels: bool = False
    ) -> None:
        self.metadata = metadata
        self._words = Words(metadata, _USERS.listing) if has_labels else None
        self.smart_types = SmartTypes(metadata)
        self._schemas = schemas or {}

    def discovered_columns(self, table: Table) -> list[Column]:
        """Return a table's columns, as far as the portal tells them. Raises PortalError if it answers nothing."""
        columns = self._portal_and_standard_columns(table)
        if self._words is None or not isinstance(table, Scanned | ByType):
            return columns
        names = {column.name for column in columns}
        beside = self._words.columns_beside
        with_labels = [[column, *(one for one in beside(column) if one.name not in names)] for column in columns]
        return list(chain.from_iterable(with_labels))

    def labels(self, table: Scanned) -> list[Label]:
        """Return what is made of a table's columns, as far as the configured catalog asks for it.

        Where the portal refuses what that needs, labels are empty, or missing. Raises PortalError if it answers nothing.
        """
        configured = self._configured_properties(table)
        if self._words is None or (configured and not any(_is_made(name, configured) for name in configured)):
            return []
        self.metadata.load()
        try:
            custom = self._portal_and_standard_columns(table)
        except PortalError as error:
            log.warning("The custom columns of %s have no labels: %s", table.name, error)
            custom = []
        columns = {column.name: column for column in (*_described_columns(table), *custom)}
        number = table.number if isinstance(table, Items) else None
        found = chain.from_iterable(self._words.labels(column, number) for column in columns.values())
        return [
            one for one in found if one.column.name not in columns and (not configured or one.column.name in configured)
        ]

    def _portal_and_standard_columns(self, table: Table) -> list[Column]:
        if isinstance(table, Items):
            return self._item_columns(table)
        columns = list(standard_columns(table.name))
        if isinstance(table, Scanned) and table.fields_of:
            metadata = self.metadata
            metadata.load()
            columns += self._known(table, metadata.other_columns)
            try:
                columns += metadata.custom_columns(table.fields_of)
            except PortalError as error:
                log.warning("The words of the custom columns of %s are not known: %s", table.name, error)
                columns += self._known(table, metadata.undescribed_columns)
        return list({column.name: column for column in reversed(columns)}.values())[::-1]

    @staticmethod
    def _known(table: Scanned, columns_of: Callable[[str], list[Column]]) -> list[Column]:
        try:
            return columns_of(table.fields_of or "")
        except PortalError as error:
            log.warning("Some columns of %s are not known: %s", table.name, error)
            return []

    def columns(self, table: Table) -> list[Column]:
        """Return the columns to read a table with: typed by the configured catalog, or by the portal. Raises PortalError."""
        columns = _described_columns(table)
        configured = self._configured_properties(table)
        if not configured:
            return list({column.name: column for column in (*columns, *self._portal_columns(table))}.values())
        standard = {UNTYPED_VALUES.name, DELETED_AT.name, *(column.name for column in columns)}
        return columns + [
            Column.from_json_schema(name, schema)
            for name, schema in configured.items()
            if name not in standard and isinstance(schema, dict)
        ]

    def listing(self, table: Scanned | CustomFieldValues) -> Listing:
        """Return the list of a table's rows, with the columns that it has in this portal. Raises PortalError."""
        if not isinstance(table, Items):
            return table.listing
        names = self.smart_types.names(table.number)
        return replace(table.listing, select=tuple(names), names=names)

    def multiple_columns(self, table: Items) -> list[str]:
        """Return the names of an item's columns that hold several values. Raises PortalError."""
        return [column.name for column in self.smart_types.columns(table.number) if column.multiple]

    def _item_columns(self, table: Items) -> list[Column]:
        standard = {column.name: column for column in _described_columns(table)} if table.number == INVOICES else {}
        try:
            columns = {column.name: column for column in self.smart_types.columns(table.number)}
        except PortalError as error:
            log.warning("Some columns of %s are not known: %s", table.name, error)
            columns = {}
        return list((standard | columns).values())

    def selected_columns(self, table: Table) -> set[str]:
        """Return the names of a table's standard columns that the user has selected."""
        names = {column.name for column in standard_columns(table.name)}
        return names & self._configured_properties(table).keys() or names

    def needs_metadata(self, table: Table) -> bool:
        """Whether the columns of a table have to be requested from the portal."""
        if isinstance(table, CustomFieldValues | Items):
            return True
        if not isinstance(table, Scanned):
            return False
        configured = self._configured_properties(table)
        has_labels = self._words is not None and any(_is_made(name, configured) for name in configured)
        return has_labels or (bool(table.fields_of) and not configured)

    def _configured_properties(self, table: Table) -> Mapping[str, Any]:
        properties = self._schemas.get(table.name, {}).get("properties")
        return properties if isinstance(properties, dict) else {}

    def _portal_columns(self, table: Table) -> list[Column]:
        if isinstance(table, Items):
            return self.smart_types.columns(table.number)
        if not isinstance(table, Scanned) or not table.fields_of:
            return []
        return [*self.metadata.other_columns(table.fields_of), *self.metadata.custom_columns(table.fields_of)]


def further_commands(tables: Iterable[Table], *, has_labels: bool) -> list[Command]:
    """Return the commands that bring the types of these tables and the words of labels, beside what Metadata asks."""
    numbers = [table.number for table in tables if isinstance(table, Items)]
    commands = list(chain.from_iterable(map(type_commands, numbers)))
    return [*commands, first_users(_USERS.listing), *map(pipelines_of, [DEALS, *numbers])] if has_labels else commands


def _is_made(name: str, columns: Mapping[str, Any]) -> bool:
    end = next((end for end in _MADE if name.endswith(end)), None)
    return end is not None and name.removesuffix(end) in columns


def _described_columns(table: Table) -> list[Column]:
    """Return the columns that a file describes: for the items of all types it is that of invoices."""
    return list(standard_columns("smart_invoices" if isinstance(table, Items) else table.name))
