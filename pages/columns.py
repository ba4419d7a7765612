"""The columns of every table: the only module here that reads them from the connector."""

from dataclasses import dataclass

from source_bitrix24.catalog.column import Column, standard_columns
from source_bitrix24.catalog.portal_column import COLUMN_TYPES
from source_bitrix24.catalog.table import Scanned, Table
from source_bitrix24.catalog.tables import TABLES

_NAMES = {
    "datetime": "timestamp with time zone",
    "deadline": "timestamp with time zone",
    "reference": "integer",
    "pipeline": "integer",
}
_AIRBYTE_NAMES = {"text": "string", "datetime": "timestamp_with_timezone", "reference": "integer"}


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as the pages show it. `references`: `table.column` if it is a foreign key, else empty."""

    name: str
    type: str
    description: str
    references: str


def columns_of(table: Table) -> list[ShownColumn]:
    """The columns that a table has in every portal."""
    return [
        ShownColumn(column.name, type_of(column), column.description, column.references)
        for column in standard_columns(table.name)
    ]


def types_of_field(kind: str, *, multiple: bool = False) -> tuple[str, str]:
    """The column type in words, and the Airbyte type, of a custom field of a Bitrix24 type."""
    column = Column("UF", COLUMN_TYPES.get(kind, "text"), multiple)
    return type_of(column), "array" if multiple else _AIRBYTE_NAMES.get(column.type, column.type)


def type_of(column: Column) -> str:
    """A column's type in words."""
    name = _NAMES.get(column.type, column.type)
    return f"array of {name}" if column.multiple else name


def markdown() -> str:
    """For each table a Markdown table of its columns, collapsed."""
    return "\n\n".join(_section(table) for table in sorted(TABLES, key=lambda table: table.name))


def _section(table: Table) -> str:
    columns = columns_of(table)
    lines = [
        f"<details>\n<summary><b>{table.name}</b>, {len(columns)} columns{_own_columns(table)}</summary>\n",
        "| column | type | meaning |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {column.name} | {column.type} | {_meaning(table, column)} |" for column in columns]
    return "\n".join([*lines, "\n</details>"])


def _own_columns(table: Table) -> str:
    if not isinstance(table, Scanned) or not table.fields_of:
        return ""
    return " and the properties of this portal" if table.fields_of == "product" else " and the portal's custom fields"


def _meaning(table: Table, column: ShownColumn) -> str:
    meaning = [column.description.replace("|", "\\|")]
    meaning += ["primary key"] if column.name in table.key else []
    meaning += ["cursor"] if column.name == table.cursor else []
    meaning += [f"refers to {column.references}"] if column.references else []
    return "; ".join(meaning)
