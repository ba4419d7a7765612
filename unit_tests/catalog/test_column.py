from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.catalog.column import UNTYPED_VALUES, Column, standard_columns, table_schema
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.catalog.types import TYPES, Schema
from unit_tests.portal_values import TEXTS

TEXT = {"type": ["null", "string"]}
INTEGER = {"type": ["null", "integer"]}
OBJECT = {"type": ["null", "object"], "additionalProperties": True}
MOMENT = {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"}
FILE = (Column("id", "integer"), Column("showUrl"), Column("downloadUrl"))

SCHEMAS: dict[str, Schema] = {
    "text": TEXT,
    "integer": INTEGER,
    "reference": {**INTEGER, "x-zero-is-null": True},
    "pipeline": {**INTEGER, "x-null-is-zero": True},
    "number": {"type": ["null", "number"]},
    "boolean": {"type": ["null", "boolean"]},
    "date": {"type": ["null", "string"], "format": "date"},
    "datetime": MOMENT,
    "deadline": {**MOMENT, "x-never-is-null": True},
    "object": OBJECT,
}


def test_every_type_has_a_schema() -> None:
    assert SCHEMAS.keys() == TYPES.keys()


@pytest.mark.parametrize(("type_", "schema"), SCHEMAS.items())
def test_a_column_has_the_schema_of_its_type_and_its_label(type_: str, schema: Schema) -> None:
    assert Column("UF_CRM_1", type_, label="Contract № 1").json_schema() == {**schema, "title": "Contract № 1"}


@pytest.mark.parametrize(("type_", "schema"), SCHEMAS.items())
def test_a_multiple_column_is_a_list_of_its_type(type_: str, schema: Schema) -> None:
    assert Column("UF_CRM_1", type_, multiple=True, label="Contract № 1").json_schema() == {
        "type": ["null", "array"],
        "items": schema,
        "title": "Contract № 1",
    }


@pytest.mark.parametrize(("type_", "schema"), SCHEMAS.items())
def test_a_required_column_is_not_nullable(type_: str, schema: Schema) -> None:
    assert Column("ID", type_).json_schema(required=True) == {**schema, "type": schema["type"][1]}


def test_an_object_names_its_typed_parts() -> None:
    assert Column("UF_CRM_FILE", "object", parts=FILE).json_schema() == {
        **OBJECT,
        "properties": {"id": INTEGER, "showUrl": TEXT, "downloadUrl": TEXT},
    }


def test_a_reference_to_another_table_is_in_the_schema() -> None:
    column = Column("CATEGORY_ID", "integer", description="Pipeline", references="deal_pipelines.id")
    assert column.json_schema() == {**INTEGER, "description": "Pipeline", "x-references": "deal_pipelines.id"}


def test_the_words_behind_codes_are_in_the_description() -> None:
    options = {"45": "Low", "47": "Средний", "49": 'High "now"'}
    schema = Column("UF_CRM_1", "integer", description="How urgent", options=options).json_schema()
    assert schema["description"] == 'How urgent. 45 = Low; 47 = Средний; 49 = High "now"'


@pytest.mark.parametrize(
    ("options", "ending"), [(50, "; 50 = option 50"), (51, "; 50 = option 50; and 1 more"), (900, "; and 850 more")]
)
def test_a_description_names_fifty_options_and_counts_the_rest(options: int, ending: str) -> None:
    texts = {str(number): f"option {number}" for number in range(1, options + 1)}
    description = Column("UF_CRM_1", "integer", options=texts).json_schema()["description"]
    assert description.startswith("1 = option 1; 2 = option 2; ")
    assert description.endswith(ending)
    assert description.count(" = ") == 50


COLUMNS = st.builds(
    Column,
    name=TEXTS,
    type=st.sampled_from(list(TYPES)),
    multiple=st.booleans(),
    label=TEXTS,
    description=TEXTS,
    options=st.dictionaries(TEXTS, TEXTS, max_size=2),
) | st.builds(Column, name=TEXTS, type=st.just("object"), multiple=st.booleans(), parts=st.just(FILE))


@given(column=COLUMNS, required=st.booleans())
def test_a_schema_gives_back_the_column_with_its_type_and_parts(column: Column, required: bool) -> None:
    found = Column.from_json_schema(column.name, column.json_schema(required=required))
    assert found == Column(column.name, column.type, column.multiple, column.parts)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_standard_columns_come_back_from_the_schema_of_their_table(table: Any) -> None:
    for column in standard_columns(table.name):
        found = Column.from_json_schema(column.name, column.json_schema())
        assert (found.type, found.multiple, found.parts) == (column.type, column.multiple, column.parts)


@pytest.mark.parametrize(
    ("schema", "type_", "multiple"),
    [
        ({}, "text", False),
        ({"type": "string"}, "text", False),
        ({"type": ["null", "string"], "format": "time"}, "text", False),
        ({"type": "null"}, "text", False),
        ({"type": ["null"]}, "text", False),
        ({"type": "array"}, "text", True),
        ({"type": ["null", "array"], "items": True}, "text", True),
        ({"type": ["null", "array"], "items": {"type": "integer"}}, "integer", True),
        ({"type": ["integer", "null"]}, "integer", False),
        ({"type": "object", "properties": True}, "object", False),
        ({"type": "object", "properties": {"a": True}}, "object", False),
        ({"type": "something of tomorrow"}, "text", False),
    ],
)
def test_any_schema_of_a_configured_catalog_becomes_a_column(schema: Schema, type_: str, multiple: bool) -> None:
    column = Column.from_json_schema("UF_CRM_1", schema)
    assert (column.type, column.multiple) == (type_, multiple)


def test_the_schema_of_a_table_has_its_columns_in_order_then_the_untyped_values() -> None:
    columns = [*standard_columns("deals"), Column("UF_CRM_B"), Column("UF_CRM_A")]
    schema = table_schema(columns, key=["ID"])
    assert [*schema["properties"]] == [*(column.name for column in columns), "UNTYPED_VALUES"]
    assert schema["properties"]["ID"]["type"] == "integer"
    assert schema["properties"][UNTYPED_VALUES.name] == UNTYPED_VALUES.json_schema()
    assert (schema["type"], schema["additionalProperties"]) == ("object", True)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_schema_of_a_table_is_a_valid_json_schema(table: Any) -> None:
    jsonschema.Draft7Validator.check_schema(table_schema(standard_columns(table.name), table.key))


def test_two_schemas_share_no_object() -> None:
    columns = standard_columns("deals")
    table_schema(columns, key=["ID"])["properties"].clear()
    Column("UF_CRM_1", "integer").json_schema()["type"] = "spoilt"
    assert "TITLE" in table_schema(columns, key=["ID"])["properties"]
    assert Column("UF_CRM_1", "integer").json_schema() == INTEGER
