import re

import pytest

from pages import columns, field_types
from source_bitrix24.catalog.column import Column
from source_bitrix24.catalog.portal_column import COLUMN_TYPES
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES


def _sections() -> dict[str, str]:
    return dict(re.findall(r"(?s)<summary><b>(\w+)</b>(.*?)</details>", columns.markdown()))


def test_every_stream_has_a_table_of_its_columns() -> None:
    assert list(_sections()) == sorted(table.name for table in TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_shown_with_type_and_meaning(table: Table) -> None:
    _, *rows = re.findall(r"(?m)^\| (\w+) \| ([a-z ]+) \| (.+) \|$", _sections()[table.name])
    assert [name for name, _, _ in rows] == [column.name for column in columns.columns_of(table)]
    assert {name for name, _, meaning in rows if "primary key" in meaning} == set(table.key)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (Column("A", "integer"), "integer"),
        (Column("A", "reference"), "integer"),
        (Column("A", "date"), "date"),
        (Column("A", "datetime"), "timestamp with time zone"),
        (Column("A", "text", multiple=True), "array of text"),
    ],
    ids=str,
)
def test_a_type_is_shown_in_words(column: Column, text: str) -> None:
    assert columns.type_of(column) == text


@pytest.mark.parametrize(
    ("kind", "multiple", "types"),
    [
        ("integer", False, ("integer", "integer")),
        ("datetime", False, ("timestamp with time zone", "timestamp_with_timezone")),
        ("date", False, ("date", "date")),
        ("string", False, ("text", "string")),
        ("boolean", True, ("array of boolean", "array")),
    ],
)
def test_a_custom_field_has_a_column_type_and_an_airbyte_type(
    kind: str, multiple: bool, types: tuple[str, str]
) -> None:
    assert columns.types_of_field(kind, multiple=multiple) == types


def test_every_type_of_field_with_a_column_type_of_its_own_is_shown() -> None:
    shown = field_types.markdown()
    assert [kind for kind in COLUMN_TYPES if f"| {kind} |" not in shown] == []
