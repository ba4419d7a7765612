"""The columns of every stream, from the schemas."""

from collections.abc import Mapping
from typing import Any

from source_bitrix24.schema import UNTYPED_VALUES, standard_schema
from source_bitrix24.catalog.table import CustomFieldValues, Table
from source_bitrix24.catalog.tables import TABLES

_NAMES = {"date": "date", "date-time": "timestamp with time zone", "string": "text"}


def markdown() -> str:
    """A table of columns for each stream, folded up."""
    return "\n\n".join(_stream(table) for table in sorted(TABLES, key=lambda one: one.name))


def type_of(column: Mapping[str, Any]) -> str:
    """A column's type in words."""
    kinds = column["type"] if isinstance(column["type"], list) else [column["type"]]
    kind = str(column.get("format") or next(one for one in kinds if one != "null"))
    if kind == "array":
        return f"array of {type_of(column['items'])}"
    return _NAMES.get(kind, kind)


def _stream(table: Table) -> str:
    columns = {name: one for name, one in standard_schema(table.name)["properties"].items() if name != UNTYPED_VALUES}
    lines = [
        f"<details>\n<summary><b>{table.name}</b>, {len(columns)} columns{_more(table)}</summary>\n",
        "| column | type | meaning |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {name} | {type_of(one)} | {_meaning(table, name, one)} |" for name, one in columns.items()]
    return "\n".join([*lines, "\n</details>"])


def _more(table: Table) -> str:
    if not table.fields_of or isinstance(table, CustomFieldValues):
        return ""
    return " and the properties of this portal" if table.fields_of == "product" else " and the portal's custom fields"


def _meaning(table: Table, name: str, column: Mapping[str, Any]) -> str:
    told = [column["description"].replace("|", "\\|")]
    told += ["primary key"] if name in table.key else []
    told += ["cursor"] if name == table.cursor else []
    told += [f"refers to {column['x-references']}"] if "x-references" in column else []
    return "; ".join(told)
