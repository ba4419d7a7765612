"""The diagram of tables and references as Mermaid."""

from source_bitrix24.schema import standard_schema
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES

from .columns import type_of
from .references import key_columns, references


def markdown() -> str:
    """A fenced `erDiagram`: a box a table with its key columns, a line a reference."""
    lines = ["```mermaid", "erDiagram"]
    for table in TABLES:
        lines += [f"    {table.name} {{", *_columns(table), "    }"]
    lines += [f'    {one.to_table} |o--o{{ {one.table} : "{one.column}"' for one in references()]
    return "\n".join([*lines, "```"])


def _columns(table: Table) -> list[str]:
    properties = standard_schema(table.name)["properties"]
    foreign = {one.column for one in references() if one.table == table.name}
    targets = {one.to_column for one in references() if one.to_table == table.name}
    lines = []
    for name in key_columns(table):
        marks = ["PK"] * (name in table.key) + ["FK"] * (name in foreign)
        marks += ["UK"] * (name in targets and name not in table.key)
        lines.append(f"        {type_of(properties[name])} {name} {', '.join(marks)}")
    return lines
