from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.app import App
from emulator.methods.items import item_names
from emulator.store import Portal
from unit_tests.emulator.client import batch, call, page, status_and_body

TYPES = {"lead": 1, "deal": 2, "contact": 3, "company": 4, "quote": 7}
PHOTO = {"id": 5, "showUrl": "/s", "downloadUrl": "/d"}


def items(app: App, name: str = "deal", **params: Any) -> list[Any]:
    rows: list[Any] = call(app, "crm.item.list", entityTypeId=TYPES[name], start=-1, **params)["result"]["items"]
    return rows


def ids(app: App, name: str = "lead", **filter_: Any) -> list[int]:
    return [row["id"] for row in items(app, name, select=["id"], order={"id": "ASC"}, filter=filter_)]


def refused(text: str) -> tuple[int, dict[str, str]]:
    return 400, {"error": "INVALID_ARG_VALUE", "error_description": text}


@pytest.fixture
def leads(app: App, portal: Portal) -> App:
    rows: list[dict[str, Any]] = [{"TITLE": "Alpha", "COMPANY_ID": 5}, {"TITLE": "Beta"}, {"TITLE": "alphabet"}]
    for day, row in enumerate(rows, 1):
        portal.import_row("lead", DATE_CREATE=datetime(2024, 5, day, 12), DATE_MODIFY=datetime(2024, 5, day, 12), **row)
    return app


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize(
    ("start", "offset", "total", "following"),
    [
        (0, 0, 120, 50),
        (75, 50, 120, 100),
        (100, 100, 120, None),
        (150, 150, 120, None),  # past the end: nothing
        (9999, 9999, 120, None),
        (-1, 0, None, None),  # neither total nor next
    ],
)
def test_a_page_of_items(
    company: App, name: str, start: int, offset: int, total: int | None, following: int | None
) -> None:
    numbers = [row["ID"] for row in company.portal.visible(name)][offset : offset + 50]
    params = {"entityTypeId": TYPES[name], "select": ["id"], "order": {"id": "ASC"}, "start": start}
    assert call(company, "crm.item.list", **params) == page(numbers, total, following, items=True)  # P3.1, P3.2


def test_a_reference_can_point_into_items(leads: App) -> None:
    command = "crm.item.list?entityTypeId=1&select[]=id&order[id]=ASC&start=-1"
    answered = batch(leads, {"a": command, "b": f"{command}&filter[>id]=$result[a][items][0][id]"})
    assert answered["result"]["b"] == {"items": [{"id": 2}, {"id": 3}]}  # P3.2


def test_values_have_json_types_and_names_are_in_camel_case(app: App, portal: Portal) -> None:
    contact = portal.create("contact")
    now = datetime(2024, 5, 10, 13, 4, 5)
    portal.import_row(
        "deal",
        TITLE="one",
        OPPORTUNITY=Decimal("9.50"),
        TAX_VALUE=Decimal(3),
        OPENED=True,
        CLOSED=False,
        BEGINDATE=date(2024, 5, 10),
        DATE_CREATE=now,
        DATE_MODIFY=now,
        CREATED_BY_ID=7,
        CONTACT_ID=contact,
        UF_CRM_INTEGER_LIST=[1, 2],
        UF_CRM_FILE=PHOTO,
    )
    columns = ["TITLE", "opportunity", "taxValue", "opened", "closed", "begindate", "closedate", "createdTime"]
    columns += ["updatedTime", "createdBy", "stageId", "categoryId", "companyId", "contactId", "quoteId"]
    columns += ["ufCrm_IntegerList", "ufCrm_integerList", "ufCrm_file", "UF_CRM_STRING_LIST"]
    assert items(app, select=columns) == [
        {
            "title": "one",
            "opportunity": 9.5,
            "taxValue": 3,
            "opened": "Y",
            "closed": "N",
            "begindate": "2024-05-10T03:00:00+03:00",
            "closedate": None,
            "createdTime": "2024-05-10T13:04:05+03:00",
            "updatedTime": "2024-05-10T13:04:05+03:00",
            "createdBy": 7,
            "stageId": "NEW",
            "categoryId": 0,
            "companyId": 0,
            "contactId": contact,
            "quoteId": None,
            "ufCrm_integerList": [1, 2],
            "ufCrm_file": {"id": 5, "url": "/d", "urlMachine": "/d"},
        }
    ]  # P3.3, P3.7


@pytest.mark.parametrize("select", [None, [], ["*"]])
def test_without_a_selection_all_columns_are_sent(app: App, portal: Portal, select: Any) -> None:
    portal.create("deal")
    (row,) = items(app, select=select)
    assert list(row) == list(item_names(portal.tables["deal"]))
    assert {"id", "updatedTime", "ufCrm_integer"} < set(row)
    assert "UF_CRM_INTEGER" not in row


def test_custom_fields_keep_their_names_with_an_asterisk_or_alone(app: App, portal: Portal) -> None:
    portal.create("deal", UF_CRM_INTEGER=4)
    (row,) = items(app, select=["*"], useOriginalUfNames="Y")
    assert (row["id"], row["UF_CRM_INTEGER"]) == (2, 4)
    assert "ufCrm_integer" not in row
    assert items(app, select=["id", "UF_CRM_INTEGER"], useOriginalUfNames="Y") == [{"UF_CRM_INTEGER": 4}]
    assert items(app, select=["id", "title"], useOriginalUfNames="Y") == [[]]  # P3.4


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"id": 2}, [2]),
        ({"=ID": 2}, [2]),
        ({">id": 1, "<=id": 2}, [2]),
        ({">=id": 2}, [2, 3]),
        ({"<id": "2"}, [1]),
        ({"@id": [1, 3]}, [1, 3]),
        ({"id": [1, 3]}, [1, 3]),
        ({"=id": [1, 3]}, [1, 3]),
        ({"!id": 2}, [1, 3]),
        ({"!=id": [1, 2]}, [3]),
        ({"!@id": [1, 2]}, [3]),
        ({"%title": "alpha"}, [1, 3]),
        ({"!%title": "alpha"}, [2]),
        ({"=%title": "alpha%"}, [1, 3]),
        ({"%=title": "%a"}, [1, 2]),
        ({"!=%title": "alpha%"}, [2]),
        ({"companyId": 5}, [1]),
        ({">updatedTime": "2024-05-01T09:00:00Z"}, [2, 3]),
        ({">=updatedTime": "2024-05-02T11:00:00+02:00"}, [2, 3]),
        ({">=updatedTime": "2024-05-02T12:00:00.900"}, [2, 3]),
        ({">updatedTime": "soon"}, []),  # no error, no rows
        ({">id": ""}, [1, 2, 3]),
        ({">id": "$result[a][items][49][id]"}, [1, 2, 3]),
    ],
)
def test_the_operators_of_a_filter_of_items(leads: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert ids(leads, **filter_) == found  # P1.8, P3.5, P3.6


@pytest.mark.parametrize("key", ["dateModify", "nope", ">NOPE", "~id", "?title", "*title", "Id", ""])
def test_an_unknown_field_or_operator_is_an_error(leads: App, key: str) -> None:
    text = f"Invalid filter: field '{key}' is not allowed in filter"
    assert status_and_body(leads, "crm.item.list", entityTypeId=1, filter={key: 1}) == refused(text)  # P3.5


@pytest.mark.parametrize("operator", [">", "<", ">=", "<=", "%", "=%", "%=", "!%", "><"])
@pytest.mark.parametrize("value", [[5], [], {"a": 1}])
def test_a_list_is_accepted_for_equality_only(leads: App, operator: str, value: Any) -> None:
    text = f"Invalid filter: field '{operator}id' has invalid value"
    assert status_and_body(leads, "crm.item.list", entityTypeId=1, filter={f"{operator}id": value}) == refused(
        text
    )  # P3.5


@pytest.mark.parametrize("order", [{"nope": "ASC"}, {"dateModify": "ASC"}, {"id": "up"}, {"id": ""}])
def test_an_order_is_checked(leads: App, order: dict[str, str]) -> None:
    text = f"Invalid order: field '{next(iter(order))}' is not allowed in order"
    assert status_and_body(leads, "crm.item.list", entityTypeId=1, order=order) == refused(text)  # P3.5


@pytest.mark.parametrize(
    ("order", "found"),
    [({"ID": "desc"}, [3, 2, 1]), ({"title": "ASC"}, [1, 3, 2]), ({"updatedTime": "DESC"}, [3, 2, 1])],
)
def test_items_are_ordered(leads: App, order: dict[str, str], found: list[int]) -> None:
    assert [row["id"] for row in items(leads, "lead", select=["id"], order=order)] == found


@pytest.mark.parametrize("filter_", ["id=1", 5, None])
def test_a_filter_that_is_no_array_is_an_error(leads: App, filter_: Any) -> None:
    assert status_and_body(leads, "crm.item.list", entityTypeId=1, filter=filter_) == refused("Invalid filter")


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (5, "ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported"),
        (999, "NOT_FOUND", "Smart process not found"),
        (None, "NOT_FOUND", "Smart process not found"),
    ],
)
def test_unknown_types_are_refused(app: App, number: int | None, code: str, text: str) -> None:
    assert status_and_body(app, "crm.item.list", entityTypeId=number) == (
        400,
        {"error": code, "error_description": text},
    )


def test_contacts_have_their_companies_if_selected(app: App, portal: Portal) -> None:
    contact, other = portal.create("contact", COMPANY_ID=8), portal.create("contact")
    portal.link_company(contact, 6)
    columns = ["id", "companyId", "companyIds"]
    assert items(app, "contact", select=columns, order={"id": "ASC"}, filter={"@id": [contact, other]}) == [
        {"id": contact, "companyId": 8, "companyIds": [8, 6]},
        {"id": other, "companyId": 0, "companyIds": []},
    ]  # P3.10, P6.2
    assert items(app, "contact", select=["id"], order={"id": "ASC"}) == [{"id": contact}, {"id": other}]


@pytest.mark.parametrize(("name", "column"), [("deal", "IS_RECURRING"), ("contact", "CATEGORY_ID")])
def test_rows_that_classic_lists_leave_out_are_left_out_here_too(
    app: App, portal: Portal, name: str, column: str
) -> None:
    portal.create(name, **{column: 1})
    assert ids(app, name) == []
