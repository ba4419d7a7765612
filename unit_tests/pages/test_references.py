import pytest

from pages.references import Reference, key_columns, references
from source_bitrix24.schema import standard_schema
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.catalog.tables import TABLES

COLUMNS = {table.name: standard_schema(table.name)["properties"] for table in TABLES}


@pytest.mark.parametrize("one", references(), ids=lambda one: f"{one.table}.{one.column}")
def test_a_reference_leads_from_a_column_to_a_column_of_a_kind(one: Reference) -> None:
    kinds = [COLUMNS[one.table][one.column]["type"], COLUMNS[one.to_table][one.to_column]["type"]]
    assert {str(kind) for told in kinds for kind in (told if isinstance(told, list) else [told]) if kind != "null"} in (
        {"integer"},
        {"string"},
    )


@pytest.mark.parametrize("one", references(), ids=lambda one: f"{one.table}.{one.column}")
def test_what_is_referred_to_names_one_row(one: Reference) -> None:
    (key,) = [table.key for table in TABLES if table.name == one.to_table]
    # a stage's code and a field's code name one row too, though they are not the primary key
    codes = {"deal_pipeline_stages": "STATUS_ID", "deal_custom_field_definitions": "FIELD_NAME"}
    assert key == (one.to_column,) or codes.get(one.to_table) == one.to_column


def test_tables_that_hang_on_others_refer_to_them() -> None:
    hanging = {(table.name, table.parent_key) for table in TABLES if isinstance(table, PerParent)}
    assert hanging <= {(one.table, one.column) for one in references()}


def test_key_columns_begin_with_the_primary_key_and_name_nothing_twice() -> None:
    for table in TABLES:
        names = key_columns(table)
        assert tuple(names[: len(table.key)]) == table.key
        assert len(names) == len(set(names))
