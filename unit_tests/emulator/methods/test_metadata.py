from typing import Any

import pytest

from emulator.app import App
from emulator.methods.items import OBJECT_OF
from emulator.reference import sample_pipeline
from emulator.store import Portal
from emulator.userfields import OBJECTS
from unit_tests.emulator.client import call, status_and_body

PLAIN: dict[str, Any] = {
    "isRequired": False,
    "isReadOnly": False,
    "isImmutable": False,
    "isMultiple": False,
    "isDynamic": False,
}


def fields(app: App, name: str = "deal") -> dict[str, Any]:
    described: dict[str, Any] = call(app, f"crm.{name}.fields")["result"]
    return described


@pytest.mark.parametrize("name", [*OBJECTS, "activity", "product", "catalog"])
def test_every_column_is_described_with_real_booleans(app: App, portal: Portal, name: str) -> None:
    described = fields(app, name)
    assert list(described) == list(portal.tables[name].fields)  # P10.2
    for column in described.values():
        assert {type(column[key]) for key in PLAIN} == {bool}
        assert set(column) >= {"type", "title", *PLAIN}


@pytest.mark.parametrize(
    ("name", "column", "described"),
    [
        ("deal", "ID", PLAIN | {"type": "integer", "isReadOnly": True, "title": "ID"}),
        ("deal", "DATE_MODIFY", PLAIN | {"type": "datetime", "isReadOnly": True, "title": "DATE_MODIFY"}),
        ("deal", "STAGE_ID", PLAIN | {"type": "crm_status", "statusType": "DEAL_STAGE", "title": "STAGE_ID"}),
        ("deal", "CONTACT_IDS", PLAIN | {"type": "crm_contact", "isMultiple": True, "title": "CONTACT_IDS"}),
        ("contact", "PHONE", PLAIN | {"type": "crm_multifield", "isMultiple": True, "title": "PHONE"}),
        (
            "product",
            "PROPERTY_101",
            PLAIN | {"type": "product_property", "propertyType": "S", "userType": "", "title": "Property 101"},
        ),
    ],
)
def test_a_standard_column(app: App, name: str, column: str, described: dict[str, Any]) -> None:
    assert fields(app, name)[column] == described  # P10.2


def test_the_title_of_a_custom_field_is_its_code_and_its_labels_are_in_the_portals_language(app: App) -> None:
    labels = dict.fromkeys(["listLabel", "formLabel", "filterLabel"], "Количество мест (список)")
    shape = PLAIN | {"type": "integer", "isMultiple": True, "isDynamic": True, "title": "UF_CRM_INTEGER_LIST"}
    settings = {"DEFAULT_VALUE": None, "MAX_VALUE": 0, "MIN_VALUE": 0, "SIZE": 20}
    assert fields(app)["UF_CRM_INTEGER_LIST"] == shape | labels | {"settings": settings}  # P10.2


def test_an_enumeration_has_its_options(app: App, portal: Portal) -> None:
    texts = ["Low", "Средний", 'High "now"', "<b>Critical</b>"]
    (field,) = [field for field in portal.user_fields["deal"] if field.name == "UF_CRM_ENUMERATION"]
    items = [{"ID": str(field.id * 10 + rank), "VALUE": text} for rank, text in enumerate(texts)]
    assert fields(app)["UF_CRM_ENUMERATION"]["items"] == items  # P10.2
    assert "items" not in fields(app)["UF_CRM_INTEGER"]


@pytest.mark.parametrize(("number", "name"), OBJECT_OF.items())
def test_item_fields_have_camel_case_names_and_their_upper_case_names(app: App, number: int, name: str) -> None:
    described = call(app, "crm.item.fields", entityTypeId=number)["result"]["fields"]
    old = fields(app, name)
    assert {"id", "createdTime", "updatedTime", "ufCrm_integerList"} <= set(described)  # P3.3
    for column in described.values():
        assert column == old[column["upperName"]] | {"upperName": column["upperName"]}  # P10.3
    original = call(app, "crm.item.fields", entityTypeId=number, useOriginalUfNames="Y")["result"]["fields"]
    assert original["UF_CRM_INTEGER_LIST"] == described["ufCrm_integerList"]
    assert [name for name in described if not name.startswith("uf")] == [
        name for name in original if not name.startswith("UF")
    ]


def test_fields_of_an_unknown_type_are_refused(app: App) -> None:
    described = {"error": "NOT_FOUND", "error_description": "Smart process not found"}
    assert status_and_body(app, "crm.item.fields", entityTypeId=999) == (400, described)


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("start", [0, 50, -1])
def test_custom_fields_are_not_paged(app: App, portal: Portal, name: str, start: int) -> None:
    for number in range(30):
        portal.add_user_field(name, f"UF_CRM_NEW_{number}", "string")
    described = call(app, f"crm.{name}.userfield.list", start=start)
    assert len(described["result"]) == described["total"] == 65  # P10.1
    assert {row["FIELD_NAME"] for row in described["result"]} == {field.name for field in portal.user_fields[name]}
    assert "next" not in described


@pytest.mark.parametrize(
    ("filter_", "labels"),
    [
        ({}, {}),
        ({"LANG": "en"}, dict.fromkeys(["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"], "Seats")),
        (
            {"LANG": "ru"},
            dict.fromkeys(["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"], "Количество мест"),
        ),
        ({"LANG": "de"}, dict.fromkeys(["EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"])),
    ],
)
def test_labels_are_in_the_language_that_the_filter_names(
    app: App, filter_: dict[str, str], labels: dict[str, Any]
) -> None:
    rows = call(app, "crm.deal.userfield.list", filter={"FIELD_NAME": "UF_CRM_INTEGER", **filter_})["result"]
    assert [{key: value for key, value in row.items() if key.endswith("_LABEL")} for row in rows] == [labels]  # P10.1


@pytest.mark.parametrize(
    ("filter_", "names"),
    [
        ({"USER_TYPE_ID": "money"}, ["UF_CRM_MONEY", "UF_CRM_MONEY_LIST"]),
        ({"USER_TYPE_ID": "money", "MULTIPLE": "Y"}, ["UF_CRM_MONEY_LIST"]),
        ({"FIELD_NAME": "nope"}, []),
    ],
)
def test_custom_fields_can_be_filtered(app: App, filter_: dict[str, str], names: list[str]) -> None:
    rows = call(app, "crm.deal.userfield.list", filter=filter_)["result"]
    assert [row["FIELD_NAME"] for row in rows] == names


def test_custom_fields_are_sorted_by_sort_and_id(app: App, portal: Portal) -> None:
    before = [field.name for field in portal.user_fields["deal"]]
    portal.add_user_field("deal", "UF_CRM_NEW", "string")
    names = [row["FIELD_NAME"] for row in call(app, "crm.deal.userfield.list")["result"]]
    assert names == [before[0], "UF_CRM_NEW", *before[1:]]


def test_an_unknown_filter_key_is_ignored(app: App) -> None:
    assert len(call(app, "crm.deal.userfield.list", filter={"NOPE": 1})["result"]) == 35
    assert len(call(app, "crm.deal.userfield.list", filter=["x"])["result"]) == 35


def test_pipelines_are_not_paged_and_the_default_one_lacks_two_keys(app: App, portal: Portal) -> None:
    portal.pipelines[:] = [sample_pipeline(number, f"Pipeline {number}") for number in range(60)]
    described = call(app, "crm.category.list", entityTypeId=2)
    first = {"id": 0, "name": "Pipeline 0", "sort": 100, "entityTypeId": 2, "isDefault": "Y"}
    others = [
        {"id": number, "name": f"Pipeline {number}", "sort": 100 * number + 100, "entityTypeId": 2, "isDefault": "N"}
        for number in range(1, 60)
    ]
    rows = [first, *(row | {"originId": "", "originatorId": ""} for row in others)]
    assert described == {"result": {"categories": rows}, "total": 60}  # P12


def test_only_deals_have_pipelines(app: App) -> None:
    described = {"error": "ENTITY_TYPE_NOT_SUPPORTED", "error_description": "Entity type is not supported"}
    assert status_and_body(app, "crm.category.list", entityTypeId=1) == (400, described)


def test_directories_are_not_paged(app: App, portal: Portal) -> None:
    portal.pipelines += [sample_pipeline(number, "More") for number in range(10, 20)]
    described = call(app, "crm.status.list", start=50)
    assert (len(described["result"]), set(described)) == (107, {"result", "total"})  # P12
    assert len({row["ID"] for row in described["result"]}) == described["total"] == 107


@pytest.mark.parametrize(
    ("filter_", "codes"),
    [
        ({"ENTITY_ID": "DEAL_TYPE"}, ["SALE", "SERVICE"]),
        ({"ENTITY_ID": "DEAL_STAGE_1", "SEMANTICS": "S"}, ["C1:WON"]),
        ({"ENTITY_ID": "DEAL_TYPE", "NOPE": 1}, ["SALE", "SERVICE"]),
        ({"ENTITY_ID": "NOPE"}, []),
    ],
)
def test_directories_can_be_filtered(app: App, filter_: dict[str, Any], codes: list[str]) -> None:
    assert [row["STATUS_ID"] for row in call(app, "crm.status.list", filter=filter_)["result"]] == codes
