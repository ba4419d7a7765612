"""The tables of one portal and their columns. Tables that are known only at run time come in here."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..portal.errors import PortalError
from .column import UNTYPED_VALUES, Column, standard_columns
from .metadata import Metadata
from .table import CustomFieldValues, Scanned, Table
from .tables import TABLES

log = logging.getLogger("airbyte.bitrix24")

ConfiguredSchemas = Mapping[str, Mapping[str, Any]]


def portal_tables() -> Sequence[Table]:
    """Return all tables of a portal, for `discover` and for a read."""
    return TABLES


class PortalCatalog:
    """Knows which tables a portal has, and which columns each table has there.

    `schemas`: the JSON schemas of a configured catalog, by table. They decide the types of custom columns in a read, so that
    a field list which changes or is refused meanwhile does not change the type of a column.
    """

    def __init__(self, metadata: Metadata, schemas: ConfiguredSchemas | None = None) -> None:
        self.metadata = metadata
        self._schemas = schemas or {}

    def discovered_columns(self, table: Table) -> list[Column]:
        """Return a table's columns, as far as the portal tells them. Raises PortalError if it answers nothing."""
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
        columns = list(standard_columns(table.name))
        configured = self._configured_properties(table)
        if not configured:
            return columns + self._portal_columns(table)
        standard = {UNTYPED_VALUES.name, *(column.name for column in columns)}
        return columns + [
            Column.from_json_schema(name, schema)
            for name, schema in configured.items()
            if name not in standard and isinstance(schema, dict)
        ]

    def selected_columns(self, table: Table) -> set[str]:
        """Return the names of a table's standard columns that the user has selected."""
        names = {column.name for column in standard_columns(table.name)}
        return names & self._configured_properties(table).keys() or names

    def needs_metadata(self, table: Table) -> bool:
        """Whether the columns of a table have to be requested from the portal."""
        if isinstance(table, CustomFieldValues):
            return True
        return isinstance(table, Scanned) and bool(table.fields_of) and not self._configured_properties(table)

    def _configured_properties(self, table: Table) -> Mapping[str, Any]:
        properties = self._schemas.get(table.name, {}).get("properties")
        return properties if isinstance(properties, dict) else {}

    def _portal_columns(self, table: Table) -> list[Column]:
        if not isinstance(table, Scanned) or not table.fields_of:
            return []
        return [*self.metadata.other_columns(table.fields_of), *self.metadata.custom_columns(table.fields_of)]
