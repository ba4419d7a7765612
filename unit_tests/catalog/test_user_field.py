from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from source_bitrix24.catalog.user_field import UserField, text_of

ROW = {"FIELD_NAME": "UF_CRM_1", "USER_TYPE_ID": "enumeration", "MULTIPLE": "Y", "EDIT_FORM_LABEL": "Size"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ID", "VALUE", "en", "x"]), inner),
    max_leaves=8,
)


def parsed(**changes: Any) -> UserField:
    definition = UserField.parse(ROW | changes, "en")
    assert definition
    return definition


@pytest.mark.parametrize("name", [None, "", " ", 5, [], {"en": "UF_CRM_1"}])
def test_a_field_without_a_name_is_no_field(name: object) -> None:
    assert UserField.parse(ROW | {"FIELD_NAME": name}, "en") is None


def test_names_are_in_capitals_as_in_the_rows() -> None:
    assert parsed(FIELD_NAME="uf_crm_1").name == "UF_CRM_1"


@pytest.mark.parametrize(
    "listed",
    [
        [{"ID": "5", "VALUE": "big"}, {"ID": "6", "VALUE": "small"}],
        {"0": {"ID": "5", "VALUE": "big"}, "2": {"ID": 6, "VALUE": {"de": "klein", "en": "small"}}},
        [{"ID": "5", "VALUE": "big"}, {"ID": "7"}, None, {"VALUE": "lost"}, {"ID": "6", "VALUE": "small"}],
    ],
)
def test_options_come_from_a_list_or_a_map_with_holes_and_those_without_a_word_are_left_out(listed: object) -> None:
    assert parsed(LIST=listed).options == {"5": "big", "6": "small"}


@pytest.mark.parametrize("listed", [None, [], {}, False, "", 3])
def test_an_enumeration_may_have_no_options(listed: object) -> None:
    assert parsed(LIST=listed).options == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [({"ru": "Размер", "en": "Size"}, "Size"), ({"ru": "Размер"}, "Размер"), ({}, ""), ([], ""), (None, ""), (7, "7")],
)
def test_a_label_may_be_a_map_of_languages(value: object, text: str) -> None:
    assert text_of(value, "en") == text


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*ROW, "LIST", "SETTINGS", "LIST_COLUMN_LABEL"]), JSON))
def test_no_definition_is_too_odd(changes: dict[str, Any]) -> None:
    definition = UserField.parse(ROW | changes, "en")
    assert definition is None or definition.name == definition.name.upper()
