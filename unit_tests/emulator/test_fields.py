import pytest

from emulator.fields import CREATED, MODIFIED, STANDARD, Field

# P10.4
PLAIN = {"integer", "double", "string", "char", "date", "datetime", "user", "location", "file", "object", "array"}
LINKS = {"crm_category", "crm_company", "crm_contact", "crm_lead", "crm_quote", "crm_deal", "crm_entity"}
OTHERS = {
    "boolean",
    "text",
    "crm_status",
    "crm_currency",
    "crm_multifield",
    "crm_activity_communication",
    "crm_activity_binding",
}
OF_OTHER_MODULES = {"flag", "never", "number", "integers", "strings", "users"}  # P15
TYPES = PLAIN | LINKS | OTHERS | {"diskfile", "product_file", "product_property"}


@pytest.mark.parametrize("name", STANDARD)
def test_every_column_has_a_type_that_portals_have(name: str) -> None:
    assert {field.type for field in STANDARD[name].values()} <= TYPES | OF_OTHER_MODULES  # P10.4
    assert all(key == field.name for key, field in STANDARD[name].items())
    assert "ID" in STANDARD[name]


@pytest.mark.parametrize("name", STANDARD)
def test_the_columns_for_creation_and_modification_exist(name: str) -> None:
    for column in filter(None, (CREATED[name], MODIFIED[name])):
        assert STANDARD[name][column].type == "datetime"


@pytest.mark.parametrize(
    ("name", "column", "field"),
    [
        ("deal", "STAGE_ID", Field("STAGE_ID", "crm_status", "DEAL_STAGE")),
        ("deal", "COMMENTS", Field("COMMENTS", "string", empty_text=True)),
        ("deal", "CONTACT_IDS", Field("CONTACT_IDS", "crm_contact", multiple=True, sent=False)),
        ("contact", "COMPANY_IDS", Field("COMPANY_IDS", "crm_company", multiple=True, sent=False)),
        ("contact", "PHONE", Field("PHONE", "crm_multifield", multiple=True, in_default_select=False)),
        (
            "activity",
            "COMMUNICATIONS",
            Field("COMMUNICATIONS", "crm_activity_communication", multiple=True, in_default_select=False),
        ),
        ("product", "PROPERTY_103", Field("PROPERTY_103", "product_property", multiple=True, in_default_select=False)),
        ("stage_history", "CATEGORY_ID", Field("CATEGORY_ID", "crm_category")),
    ],
)
def test_how_a_column_is_sent(name: str, column: str, field: Field) -> None:
    assert STANDARD[name][column] == field  # P2.16, P2.17


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (Field("ID", "integer"), (True, False)),
        (Field("COMPANY_ID", "crm_company"), (True, False)),
        (Field("UF_CRM_1", "enumeration"), (True, True)),
        (Field("UF_CRM_2", "string"), (False, True)),
        (Field("OPPORTUNITY", "double"), (False, False)),
    ],
)
def test_which_columns_are_integers_in_the_database(field: Field, expected: tuple[bool, bool]) -> None:
    assert (field.is_whole_number, field.is_user_field) == expected
