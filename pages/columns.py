"""The columns of every table: the only module here that reads them from the connector."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from source_bitrix24.schema import UNTYPED_VALUES, PortalField, column_of, standard_schema
from source_bitrix24.table import CustomFieldValues, Table
from source_bitrix24.tables import TABLES

_NAMES = {"date": "date", "date-time": "timestamp with time zone", "string": "text"}
_AIRBYTE_NAMES = {"date-time": "timestamp_with_timezone"}


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as the pages show it. `references`: `table.column` if it is a foreign key, else empty."""

    name: str
    type: str
    description: str
    references: str


def columns_of(table: Table) -> list[ShownColumn]:
    """The columns that a table has in every portal."""
    properties = standard_schema(table.name)["properties"]
    return [
        ShownColumn(name, type_of(schema), schema["description"], schema.get("x-references", ""))
        for name, schema in properties.items()
        if name != UNTYPED_VALUES
    ]


def types_of_field(kind: str, *, multiple: bool = False) -> tuple[str, str]:
    """The column type in words, and the Airbyte type, of a custom field of a Bitrix24 type."""
    schema = column_of(PortalField("UF", kind, multiple, ""))
    json_type = _json_type(schema)
    return type_of(schema), _AIRBYTE_NAMES.get(json_type, json_type)


def type_of(schema: Mapping[str, Any]) -> str:
    """A JSON schema's type in words."""
    kind = _json_type(schema)
    return f"array of {type_of(schema['items'])}" if kind == "array" else _NAMES.get(kind, kind)


def markdown() -> str:
    """For each table a Markdown table of its columns, collapsed."""
    return "\n\n".join(_section(table) for table in sorted(TABLES, key=lambda table: table.name))


def _json_type(schema: Mapping[str, Any]) -> str:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return str(schema.get("format") or next(name for name in types if name != "null"))


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
    if not table.fields_of or isinstance(table, CustomFieldValues):
        return ""
    return " and the properties of this portal" if table.fields_of == "product" else " and the portal's custom fields"


def _meaning(table: Table, column: ShownColumn) -> str:
    meaning = [column.description.replace("|", "\\|")]
    meaning += ["primary key"] if column.name in table.key else []
    meaning += ["cursor"] if column.name == table.cursor else []
    meaning += [f"refers to {column.references}"] if column.references else []
    return "; ".join(meaning)
