from source_bitrix24.catalog.portal_column import COLUMN_TYPES, portal_column
from source_bitrix24.catalog.types import TYPES


def test_a_type_of_the_portal_becomes_a_type_of_column_and_any_other_is_text() -> None:
    assert portal_column("UF_A", "double", False, "Size").type == "number"
    assert portal_column("UF_A", "rest_1_any", True, "Any").type == "text"
    assert set(COLUMN_TYPES.values()) <= set(TYPES)


def test_a_file_has_typed_parts_and_options_are_kept() -> None:
    assert [part.name for part in portal_column("UF_A", "file", False, "Scan").parts] == [
        "id",
        "showUrl",
        "downloadUrl",
    ]
    column = portal_column("UF_A", "enumeration", False, "Priority", {"7": "Low"})
    assert (column.type, column.label, column.options, column.portal_type) == (
        "integer",
        "Priority",
        {"7": "Low"},
        "enumeration",
    )
