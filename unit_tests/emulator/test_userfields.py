import random
from datetime import date
from typing import Any

import pytest

from emulator.fields import Field
from emulator.userfields import OBJECTS, SETTINGS, UserField, sample_user_fields, sample_values

FIELD = UserField(7, "deal", "UF_CRM_7", "enumeration", True, {"en": "Priority"}, {70: "Low", 71: "High"}, sort=200)
TOLD: dict[str, Any] = {
    "ID": "7",
    "ENTITY_ID": "CRM_DEAL",
    "FIELD_NAME": "UF_CRM_7",
    "USER_TYPE_ID": "enumeration",
    "XML_ID": None,
    "SORT": "200",
    "MULTIPLE": "Y",
    "MANDATORY": "N",
    "SHOW_FILTER": "E",
    "SHOW_IN_LIST": "Y",
    "EDIT_IN_LIST": "Y",
    "IS_SEARCHABLE": "N",
    "SETTINGS": SETTINGS["enumeration"],
    "LIST": [
        {"ID": "70", "SORT": "10", "VALUE": "Low", "DEF": "N", "XML_ID": "x70"},
        {"ID": "71", "SORT": "20", "VALUE": "High", "DEF": "N", "XML_ID": "x71"},
    ],
}


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        (None, {}),
        ("en", dict.fromkeys(["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"], "Priority")),
        ("ru", dict.fromkeys(["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"])),
    ],
)
def test_a_definition_has_labels_only_if_a_language_is_given(language: str | None, labels: dict[str, Any]) -> None:
    messages = {"ERROR_MESSAGE": None, "HELP_MESSAGE": None} if language else {}
    assert FIELD.as_row(language) == TOLD | labels | messages  # P10.1


def test_only_an_enumeration_has_options_and_an_unknown_type_has_no_settings() -> None:
    row = UserField(8, "lead", "UF_CRM_8", "rest_12_colour").as_row(None)
    assert (row["SETTINGS"], row["MULTIPLE"], row["ENTITY_ID"], "LIST" in row) == ([], "N", "CRM_LEAD", False)


def test_a_field_is_a_column_of_its_object() -> None:
    assert FIELD.column == Field("UF_CRM_7", "enumeration", multiple=True, title="Priority")


def test_the_sample_has_every_type_single_and_multiple() -> None:
    fields = sample_user_fields("deal", 1)
    kinds = {(field.type, field.multiple) for field in fields}
    assert (
        len(fields) == len(kinds) == len({field.name for field in fields}) == len({field.id for field in fields}) == 35
    )
    assert {kind for kind, _ in kinds if (kind, False) in kinds} == {kind for kind, _ in kinds}
    assert {kind for kind, multiple in kinds if not multiple and (kind, True) not in kinds} == {"boolean"}
    assert set(SETTINGS) < {kind for kind, _ in kinds}
    assert {bool(field.options) for field in fields if field.type == "enumeration"} == {True}
    assert all(set(field.labels) == {"en", "ru"} for field in fields)


def test_fields_of_different_objects_have_different_ids() -> None:
    ids = [field.id for place, name in enumerate(OBJECTS) for field in sample_user_fields(name, 1 + 100 * place)]
    assert len(set(ids)) == len(ids)


def test_values_fit_their_fields_and_about_half_are_empty() -> None:
    fields = sample_user_fields("deal", 1)
    drawn = [sample_values(fields, random.Random(seed), date(2026, 1, 1)) for seed in range(40)]
    for field in fields:
        values = [row[field.name] for row in drawn]
        filled = [value for value in values if value not in (None, [])]
        assert 5 < len(filled) < 35
        assert {type(value) is list for value in filled} == {field.multiple}
        if field.options:
            flat = [item for value in filled for item in (value if field.multiple else [value])]
            assert set(flat) <= set(field.options)
