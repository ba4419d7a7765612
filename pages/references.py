"""Which column refers to which table: the schemas say so in `x-references`."""

from dataclasses import dataclass

from source_bitrix24.schema import standard_schema
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `column` of `table` holds a value of `to_column` of `to_table`."""

    table: str
    column: str
    to_table: str
    to_column: str


def references() -> list[Reference]:
    """All foreign keys, table by table."""
    found = []
    for table in TABLES:
        for name, column in standard_schema(table.name)["properties"].items():
            if "x-references" in column:
                found.append(Reference(table.name, name, *column["x-references"].split(".")))
    return found


def key_columns(table: Table) -> list[str]:
    """The columns by which a table hangs together with others: primary key, what others refer to, foreign keys."""
    known = references()
    names = [
        *table.key,
        *(one.to_column for one in known if one.to_table == table.name),
        *(one.column for one in known if one.table == table.name),
    ]
    return list(dict.fromkeys(names))
