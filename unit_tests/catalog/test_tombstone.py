import jsonschema

from source_bitrix24.catalog.column import standard_columns, table_schema
from source_bitrix24.catalog.tombstone import DELETED_AT, tombstone

NOW, BEFORE = "2026-11-30T03:53:20+03:00", "2026-11-30T03:00:00+03:00"
SCHEMA = table_schema(standard_columns("deals"), ["ID"], DELETED_AT)


def test_a_tombstone_has_the_key_the_cursor_and_the_time_of_its_finding() -> None:
    found = tombstone({"ID": 5}, "DATE_MODIFY", NOW)
    assert found == {"ID": 5, "DATE_MODIFY": NOW, "_ab_cdc_deleted_at": NOW}
    jsonschema.validate(found, SCHEMA)


def test_a_tombstone_can_have_the_date_of_a_parent() -> None:
    found = tombstone({"OWNER_ID": 5, "POSITION": 2}, "DATE_MODIFY", NOW, BEFORE)
    assert found == {"OWNER_ID": 5, "POSITION": 2, "DATE_MODIFY": BEFORE, "_ab_cdc_deleted_at": NOW}


def test_the_column_is_a_time_and_null_in_a_living_row() -> None:
    declared = SCHEMA["properties"]["_ab_cdc_deleted_at"]
    assert (declared["type"], declared["format"]) == (["null", "string"], "date-time")
