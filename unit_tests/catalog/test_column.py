from typing import Any

import pytest

from source_bitrix24.schema import UNTYPED_VALUES, PortalField, Schema, column_of, standard_schema, with_columns
from source_bitrix24.catalog.tables import TABLES

TEXT = {"type": ["null", "string"]}
INTEGER = {"type": ["null", "integer"]}
OBJECT = {"type": ["null", "object"], "additionalProperties": True}
MOMENT = {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"}

# P10.4
COLUMNS: dict[str, Schema] = {
    "string": TEXT,
    "integer": INTEGER,
    "double": {"type": ["null", "number"]},
    "boolean": {"type": ["null", "boolean"]},
    "date": {"type": ["null", "string"], "format": "date"},
    "datetime": MOMENT,
    "money": TEXT,
    "url": TEXT,
    "address": TEXT,
    "enumeration": INTEGER,
    "file": {**OBJECT, "properties": {"id": INTEGER, "showUrl": TEXT, "downloadUrl": TEXT}},
    "employee": INTEGER,
    "crm": TEXT,
    "crm_status": TEXT,
    "crm_entity": {**INTEGER, "minimum": 1},
    "iblock_section": INTEGER,
    "iblock_element": INTEGER,
    "resourcebooking": TEXT,
    "product_property": OBJECT,
    "rest_12_colour": TEXT,
    "": TEXT,
}


def field(type_: str = "string", *, multiple: bool = False, **texts: str) -> PortalField:
    return PortalField(
        "UF_CRM_1", type_, multiple, "Contract № 1", {key.strip("_"): text for key, text in texts.items()}
    )


@pytest.mark.parametrize(("type_", "column"), COLUMNS.items())
def test_a_custom_field_becomes_a_column_of_its_type_under_the_name_people_see(type_: str, column: Schema) -> None:
    assert column_of(field(type_)) == {**column, "title": "Contract № 1"}


@pytest.mark.parametrize(("type_", "column"), COLUMNS.items())
def test_a_multiple_field_becomes_a_list_of_its_type(type_: str, column: Schema) -> None:
    assert column_of(field(type_, multiple=True)) == {
        "type": ["null", "array"],
        "items": column,
        "title": "Contract № 1",
    }


def test_what_options_stand_for_is_in_the_description() -> None:
    assert column_of(field("enumeration", _45="Low", _47="Средний", _49='High "now"')) == {
        **INTEGER,
        "title": "Contract № 1",
        "description": '45 = Low; 47 = Средний; 49 = High "now"',
    }


@pytest.mark.parametrize(
    ("options", "ending"), [(50, "; 50 = option 50"), (51, "; 50 = option 50; and 1 more"), (900, "; and 850 more")]
)
def test_a_description_names_fifty_options_and_counts_the_rest(options: int, ending: str) -> None:
    texts = {str(number): f"option {number}" for number in range(1, options + 1)}
    told = column_of(PortalField("UF_CRM_1", "enumeration", multiple=False, label="L", texts=texts))["description"]
    assert told.startswith("1 = option 1; 2 = option 2; ")
    assert told.endswith(ending)
    assert told.count(" = ") == 50


def test_a_tables_own_columns_come_after_the_standard_ones_in_the_portals_order() -> None:
    schema = standard_schema("deals")
    fields = [PortalField(name, "string", multiple=False, label=name) for name in ("UF_CRM_B", "UF_CRM_A")]
    extended = with_columns(schema, fields)
    assert [*extended["properties"]] == [*schema["properties"], "UF_CRM_B", "UF_CRM_A"]
    assert {**extended, "properties": {}} == {**schema, "properties": {}}
    assert "UF_CRM_A" not in schema["properties"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_a_column_for_what_does_not_fit(table: Any) -> None:
    """A value that does not fit its column's type is kept there, so nothing is lost."""
    column = standard_schema(table.name)["properties"][UNTYPED_VALUES]
    assert column["type"] == ["null", "object"]
    assert column["additionalProperties"] is True
    assert UNTYPED_VALUES == "UNTYPED_VALUES"


def test_what_is_done_to_one_schema_does_not_show_in_the_next() -> None:
    standard_schema("deals")["properties"].clear()
    column_of(field("integer"))["type"] = "spoilt"
    assert "TITLE" in standard_schema("deals")["properties"]
    assert column_of(field("integer")) == {**INTEGER, "title": "Contract № 1"}
