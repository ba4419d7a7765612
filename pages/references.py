"""How tables hang together: their key columns and foreign keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES

from .columns import ShownColumn, columns_of


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `column` of `table` holds a value of `to_column` of `to_table`."""

    table: str
    column: str
    to_table: str
    to_column: str


@dataclass(frozen=True, slots=True)
class KeyedTable:
    """A table with the columns that connect it to others. `primary_key`: names among `columns`."""

    name: str
    primary_key: tuple[str, ...]
    columns: tuple[ShownColumn, ...]


def keyed_tables() -> list[KeyedTable]:
    """All tables of the connector: primary key first, then the columns that others refer to, then foreign keys."""
    columns = {table.name: columns_of(table) for table in TABLES}
    targets = {column.references for table in columns.values() for column in table if column.references}
    return [_keyed(table, columns[table.name], targets) for table in TABLES]


def references(tables: Sequence[KeyedTable]) -> list[Reference]:
    """All foreign keys of the tables, in their order."""
    return [
        Reference(table.name, column.name, *column.references.split("."))
        for table in tables
        for column in table.columns
        if column.references
    ]


def _keyed(table: Table, columns: Sequence[ShownColumn], targets: set[str]) -> KeyedTable:
    by_name = {column.name: column for column in columns}
    names = [
        *table.key,
        *(name for name in by_name if f"{table.name}.{name}" in targets),
        *(column.name for column in columns if column.references),
    ]
    return KeyedTable(table.name, table.key, tuple(by_name[name] for name in dict.fromkeys(names)))
