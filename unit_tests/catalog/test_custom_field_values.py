import json
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.catalog.column import Column, standard_columns, table_schema
from source_bitrix24.catalog.custom_field_values import CustomFieldRecords
from unit_tests.portal_values import PORTAL_VALUES

EVERY_ID = 1 << 62
NOTE = Column("UF_CRM_NOTE", label="Note", portal_type="string")
NOTES = Column("UF_CRM_NOTES", multiple=True, label="Notes", portal_type="string")
PRIORITY = Column("UF_CRM_PRIORITY", "integer", label="Priority", portal_type="enumeration", options={"45": "Low"})
CHANNELS = Column(
    "UF_CRM_CHANNELS", multiple=True, portal_type="crm_status", options={"WEB": "Web site", "CALL": "Call"}
)
EMPTIED = Column("UF_CRM_EMPTIED", "integer", multiple=True, portal_type="enumeration")
DAY = Column("UF_CRM_DAY", "date", portal_type="date")
DAYS = Column("UF_CRM_DAYS", "date", multiple=True, portal_type="date")
SIGNED = Column("UF_CRM_SIGNED", "boolean", portal_type="boolean")
FILE = Column("UF_CRM_FILE", "object", portal_type="file", parts=(Column("id", "integer"),))
COLUMNS = (NOTE, NOTES, PRIORITY, CHANNELS, DAY, DAYS, FILE, SIGNED)


def record(column: Column, value: Any) -> dict[str, Any]:
    row = {"ID": "7", "DATE_MODIFY": "2026-11-23T10:00:00+03:00", column.name: value}
    return next(CustomFieldRecords([column], "DATE_MODIFY", EVERY_ID)([row]))


def test_of_rows_that_may_have_been_printed_there_is_a_record_for_each_field_in_their_order() -> None:
    rows = [{"ID": "9", "DATE_MODIFY": "2026-11-23T10:00:00+03:00", "UF_CRM_NOTE": "a"}, {"ID": "7"}]
    records = list(CustomFieldRecords([NOTE, PRIORITY], "DATE_MODIFY", EVERY_ID)(rows))
    assert [(one["ID"], one["FIELD_NAME"]) for one in records] == [
        *((9, "UF_CRM_NOTE"), (9, "UF_CRM_PRIORITY")),
        *((7, "UF_CRM_NOTE"), (7, "UF_CRM_PRIORITY")),
    ]
    assert records[0] == {
        "ID": 9,
        "FIELD_NAME": "UF_CRM_NOTE",
        "FIELD_LABEL": "Note",
        "USER_TYPE_ID": "string",
        "VALUE": "a",
        "VALUES": ["a"],
        "LABELS": [],
        "DATE_MODIFY": "2026-11-23T10:00:00+03:00",
    }


def test_of_new_rows_only_filled_fields_have_a_record() -> None:
    rows: list[dict[str, Any]] = [
        {"ID": "9", NOTE.name: "", NOTES.name: [""], DAY.name: "2024-05-10", SIGNED.name: "0", FILE.name: []},
        {"ID": "8", NOTE.name: "a", NOTES.name: False},
        {"ID": "7", NOTE.name: "", NOTES.name: ["b"]},
    ]
    records = CustomFieldRecords([NOTE, NOTES, DAY, SIGNED, FILE], "DATE_MODIFY", printed_up_to=7)(rows)
    assert [(one["ID"], one["FIELD_NAME"], one["VALUES"]) for one in records] == [
        (9, DAY.name, ["2024-05-10"]),
        (9, SIGNED.name, ["0"]),
        (8, NOTE.name, ["a"]),
        (7, NOTE.name, []),
        (7, NOTES.name, ["b"]),
        (7, DAY.name, []),
        (7, SIGNED.name, []),
        (7, FILE.name, []),
    ]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("value", [None, "", False, [], {}, [""], [None, False]])
def test_an_empty_field_has_no_value(column: Column, value: Any) -> None:
    if column is SIGNED and (value is False or value == [None, False]):
        return  # this is "no"
    found = record(column, value)
    assert (found.get("VALUE"), found["VALUES"], found["LABELS"]) == (None, [], [])


@pytest.mark.parametrize(
    ("column", "value", "values"),
    [
        (NOTE, "0", ["0"]),
        (NOTE, 5, ["5"]),
        (NOTES, ["a", "", "b"], ["a", "b"]),
        (NOTES, {"1": "a", "3": "b"}, ["a", "b"]),
        (NOTES, "a", ["a"]),
        (DAY, "2024-05-09T19:00:00-05:00", ["2024-05-10"]),
        (DAY, "2024-05-10T03:00:00+03:00", ["2024-05-10"]),
        (DAYS, ["2024-05-10T03:00:00+03:00", "soon"], ["2024-05-10", "soon"]),
        (SIGNED, False, ["0"]),
        (SIGNED, True, ["1"]),
        (SIGNED, "0", ["0"]),
        (SIGNED, "N", ["0"]),
        (SIGNED, "maybe", ["maybe"]),
        (FILE, {"id": 7, "showUrl": "/a"}, ['{"id":7,"showUrl":"/a"}']),
    ],
)
def test_values_are_texts_as_the_portal_sends_them_except_for_dates(
    column: Column, value: Any, values: list[str]
) -> None:
    found = record(column, value)
    assert found["VALUES"] == values
    assert found["VALUE"] == (json.dumps(values, separators=(",", ":")) if column.multiple else values[0])


@pytest.mark.parametrize(
    ("column", "value", "labels"),
    [
        (PRIORITY, "45", ["Low"]),
        (PRIORITY, 45, ["Low"]),
        (PRIORITY, "46", [None]),
        (CHANNELS, ["CALL", "gone", "WEB"], ["Call", None, "Web site"]),
        (CHANNELS, ["gone", "", None, "WEB", "WEB"], [None, "Web site", "Web site"]),
        (CHANNELS, {"1": "WEB", "4": "gone"}, ["Web site", None]),
        (EMPTIED, ["45", "46"], [None, None]),
        (NOTES, ["45", "46"], []),
    ],
)
def test_words_are_in_the_places_of_their_codes(column: Column, value: Any, labels: list[str | None]) -> None:
    assert record(column, value)["LABELS"] == labels


@pytest.mark.parametrize("date", ["soon", 5, "9999-12-31T23:59:59-12:00"])
def test_a_date_that_is_none_is_kept_beside_its_column(date: Any) -> None:
    (found,) = CustomFieldRecords([NOTE], "DATE_MODIFY", EVERY_ID)([{"ID": "7", "DATE_MODIFY": date, NOTE.name: "a"}])
    assert (found.get("DATE_MODIFY"), found["UNTYPED_VALUES"]) == (None, {"DATE_MODIFY": date})


def test_rows_are_not_changed() -> None:
    row = {"ID": "7", "UF_CRM_NOTES": {"1": "a"}}
    list(CustomFieldRecords([NOTES], "DATE_MODIFY", EVERY_ID)([row]))
    assert row == {"ID": "7", "UF_CRM_NOTES": {"1": "a"}}


@given(column=st.sampled_from(COLUMNS), value=PORTAL_VALUES)
def test_every_value_gives_a_record_that_is_valid_json_for_its_table(column: Column, value: Any) -> None:
    found = record(column, value)
    schema = table_schema(standard_columns("deal_custom_field_values"), ("ID", "FIELD_NAME"))
    jsonschema.validate(orjson.loads(orjson.dumps(found)), schema)
    assert found.keys() <= schema["properties"].keys()
