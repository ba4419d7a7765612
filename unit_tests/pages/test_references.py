import pytest

from pages.references import Reference, keyed_tables, references
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.catalog.tables import TABLES

KEYED = {table.name: table for table in keyed_tables()}
REFERENCES = references(keyed_tables())


def _type(table: str, name: str) -> str:
    (found,) = [column.type for column in KEYED[table].columns if column.name == name]
    return found


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: f"{reference.table}.{reference.column}")
def test_a_reference_leads_to_a_column_of_its_type(reference: Reference) -> None:
    assert _type(reference.table, reference.column) == _type(reference.to_table, reference.to_column)
    assert _type(reference.table, reference.column) in ("integer", "text")


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda reference: f"{reference.table}.{reference.column}")
def test_a_reference_leads_to_one_row(reference: Reference) -> None:
    # the code of a stage and the code of a field are unique too, but not the primary key
    is_code = reference.to_table == "deal_pipeline_stages" and reference.to_column == "STATUS_ID"
    is_name = reference.to_table.endswith("_custom_field_definitions") and reference.to_column == "FIELD_NAME"
    assert is_code or is_name or KEYED[reference.to_table].primary_key == (reference.to_column,)


def test_rows_that_are_read_per_parent_refer_to_the_parent() -> None:
    children = {(table.name, table.parent_key) for table in TABLES if isinstance(table, PerParent)}
    assert children <= {(reference.table, reference.column) for reference in REFERENCES}


def test_key_columns_begin_with_the_primary_key_and_have_no_duplicates() -> None:
    assert list(KEYED) == [table.name for table in TABLES]
    for table in keyed_tables():
        names = [column.name for column in table.columns]
        assert tuple(names[: len(table.primary_key)]) == table.primary_key
        assert len(names) == len(set(names))
