from typing import Any

import pytest

from emulator.app import App
from emulator.methods.items import OBJECT_OF
from emulator.reference import sample_pipeline
from emulator.store import Portal
from emulator.userfields import OBJECTS
from unit_tests.emulator.asking import ask, refusal

PLAIN: dict[str, Any] = {
    "isRequired": False,
    "isReadOnly": False,
    "isImmutable": False,
    "isMultiple": False,
    "isDynamic": False,
}


def fields(app: App, name: str = "deal") -> dict[str, Any]:
    told: dict[str, Any] = ask(app, f"crm.{name}.fields")["result"]
    return told


@pytest.mark.parametrize("name", [*OBJECTS, "activity", "product", "catalog"])
def test_every_column_is_described_with_real_booleans(app: App, portal: Portal, name: str) -> None:
    told = fields(app, name)
    assert list(told) == list(portal.tables[name].fields)  # P10.2
    for column in told.values():
        assert {type(column[key]) for key in PLAIN} == {bool}
        assert set(column) >= {"type", "title", *PLAIN}


@pytest.mark.parametrize(
    ("name", "column", "told"),
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
def test_a_standard_column(app: App, name: str, column: str, told: dict[str, Any]) -> None:
    assert fields(app, name)[column] == told  # P10.2


def test_the_title_of_a_custom_field_is_its_code_and_its_labels_are_in_the_portals_language(app: App) -> None:
    labels = dict.fromkeys(["listLabel", "formLabel", "filterLabel"], "Количество мест (список)")
    shape = PLAIN | {"type": "integer", "isMultiple": True, "isDynamic": True, "title": "UF_CRM_INTEGER_LIST"}
    assert fields(app)["UF_CRM_INTEGER_LIST"] == shape | labels  # P10.2


def test_the_options_of_an_enumeration_come_with_it(app: App, portal: Portal) -> None:
    texts = ["Low", "Средний", 'High "now"', "<b>Critical</b>"]
    (one,) = [one for one in portal.user_fields["deal"] if one.name == "UF_CRM_ENUMERATION"]
    items = [{"ID": str(one.id * 10 + rank), "VALUE": text} for rank, text in enumerate(texts)]
    assert fields(app)["UF_CRM_ENUMERATION"]["items"] == items  # P10.2
    assert "items" not in fields(app)["UF_CRM_INTEGER"]


@pytest.mark.parametrize(("number", "name"), OBJECT_OF.items())
def test_item_fields_have_camel_case_names_and_tell_the_old_ones(app: App, number: int, name: str) -> None:
    told = ask(app, "crm.item.fields", entityTypeId=number)["result"]["fields"]
    old = fields(app, name)
    assert {"id", "createdTime", "updatedTime", "ufCrm_integerList"} <= set(told)  # P3.3
    for column in told.values():
        assert column == old[column["upperName"]] | {"upperName": column["upperName"]}  # P10.3
    original = ask(app, "crm.item.fields", entityTypeId=number, useOriginalUfNames="Y")["result"]["fields"]
    assert original["UF_CRM_INTEGER_LIST"] == told["ufCrm_integerList"]
    assert [one for one in told if not one.startswith("uf")] == [one for one in original if not one.startswith("UF")]


def test_fields_of_an_unknown_type_are_refused(app: App) -> None:
    told = {"error": "NOT_FOUND", "error_description": "Smart process not found"}
    assert refusal(app, "crm.item.fields", entityTypeId=999) == (400, told)


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("start", [0, 50, -1])
def test_custom_fields_come_all_at_once_whatever_start_says(app: App, portal: Portal, name: str, start: int) -> None:
    for number in range(30):
        portal.add_user_field(name, f"UF_CRM_NEW_{number}", "string")
    told = ask(app, f"crm.{name}.userfield.list", start=start)
    assert len(told["result"]) == told["total"] == 65  # P10.1
    assert {row["FIELD_NAME"] for row in told["result"]} == {one.name for one in portal.user_fields[name]}
    assert "next" not in told


@pytest.mark.parametrize(
    ("asked", "labels"),
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
def test_labels_come_only_in_the_language_that_is_asked_for(
    app: App, asked: dict[str, str], labels: dict[str, Any]
) -> None:
    rows = ask(app, "crm.deal.userfield.list", filter={"FIELD_NAME": "UF_CRM_INTEGER", **asked})["result"]
    assert [{key: value for key, value in row.items() if key.endswith("_LABEL")} for row in rows] == [labels]  # P10.1


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"USER_TYPE_ID": "money"}, ["UF_CRM_MONEY", "UF_CRM_MONEY_LIST"]),
        ({"USER_TYPE_ID": "money", "MULTIPLE": "Y"}, ["UF_CRM_MONEY_LIST"]),
        ({"FIELD_NAME": "nope"}, []),
    ],
)
def test_custom_fields_can_be_filtered(app: App, asked: dict[str, str], names: list[str]) -> None:
    rows = ask(app, "crm.deal.userfield.list", filter=asked)["result"]
    assert [row["FIELD_NAME"] for row in rows] == names


def test_custom_fields_come_by_their_place_and_then_by_their_id(app: App, portal: Portal) -> None:
    before = [one.name for one in portal.user_fields["deal"]]
    portal.add_user_field("deal", "UF_CRM_NEW", "string")
    names = [row["FIELD_NAME"] for row in ask(app, "crm.deal.userfield.list")["result"]]
    assert names == [before[0], "UF_CRM_NEW", *before[1:]]


def test_a_filter_that_knows_no_such_key_is_dropped(app: App) -> None:
    assert len(ask(app, "crm.deal.userfield.list", filter={"NOPE": 1})["result"]) == 35
    assert len(ask(app, "crm.deal.userfield.list", filter=["x"])["result"]) == 35


def test_pipelines_come_in_one_answer_and_the_default_one_lacks_two_keys(app: App, portal: Portal) -> None:
    portal.pipelines[:] = [sample_pipeline(number, f"Pipeline {number}") for number in range(60)]
    told = ask(app, "crm.category.list", entityTypeId=2)
    first = {"id": 0, "name": "Pipeline 0", "sort": 100, "entityTypeId": 2, "isDefault": "Y"}
    others = [
        {"id": number, "name": f"Pipeline {number}", "sort": 100 * number + 100, "entityTypeId": 2, "isDefault": "N"}
        for number in range(1, 60)
    ]
    rows = [first, *(row | {"originId": "", "originatorId": ""} for row in others)]
    assert told == {"result": {"categories": rows}, "total": 60}  # P12


def test_only_deals_have_pipelines_here(app: App) -> None:
    told = {"error": "ENTITY_TYPE_NOT_SUPPORTED", "error_description": "Entity type is not supported"}
    assert refusal(app, "crm.category.list", entityTypeId=1) == (400, told)


def test_all_directories_come_in_one_answer(app: App, portal: Portal) -> None:
    portal.pipelines += [sample_pipeline(number, "More") for number in range(10, 20)]
    told = ask(app, "crm.status.list", start=50)
    assert (len(told["result"]), set(told)) == (91, {"result", "total"})  # P12
    assert len({row["ID"] for row in told["result"]}) == told["total"] == 91


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"ENTITY_ID": "DEAL_TYPE"}, ["SALE", "SERVICE"]),
        ({"ENTITY_ID": "DEAL_STAGE_1", "SEMANTICS": "S"}, ["C1:WON"]),
        ({"ENTITY_ID": "DEAL_TYPE", "NOPE": 1}, ["SALE", "SERVICE"]),
        ({"ENTITY_ID": "NOPE"}, []),
    ],
)
def test_directories_can_be_filtered(app: App, asked: dict[str, Any], codes: list[str]) -> None:
    assert [row["STATUS_ID"] for row in ask(app, "crm.status.list", filter=asked)["result"]] == codes
