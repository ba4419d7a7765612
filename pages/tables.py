"""The table of tables."""

from source_bitrix24.catalog.table import PerParent, Table
from source_bitrix24.catalog.tables import TABLES


def markdown() -> str:
    """A line for each table: method, primary key, cursor."""
    lines = ["| stream | method | primary key | cursor |", "| --- | --- | --- | --- |"]
    for table in sorted(TABLES, key=lambda table: table.name):
        lines.append(f"| {table.name} | {_method(table)} | {', '.join(table.key)} | {_cursor(table)} |")
    return "\n".join(lines)


def _method(table: Table) -> str:
    return f"{table.method}, by {table.parent_list}" if isinstance(table, PerParent) else table.method


def _cursor(table: Table) -> str:
    parent = f" of the {table.parent_list.split('.')[1]}" if isinstance(table, PerParent) else ""
    return f"{table.cursor}{parent}" if table.cursor else ""
