from decimal import Decimal
from typing import Any

import pytest

from emulator.app import App
from emulator.store import OwnerLists, Portal
from unit_tests.emulator.client import ORDER, call, status_and_body

ROW: dict[str, Any] = {
    "PRODUCT_ID": 0,
    "PRODUCT_NAME": "Free text",
    "ORIGINAL_PRODUCT_NAME": None,
    "PRODUCT_DESCRIPTION": "<p>",
    **dict.fromkeys(["PRICE", "PRICE_EXCLUSIVE", "PRICE_NETTO", "PRICE_BRUTTO", "PRICE_ACCOUNT"], Decimal("9.50")),
    "QUANTITY": Decimal(2),
    "TAX_RATE": None,
    "TAX_INCLUDED": False,
    "CUSTOMIZED": True,
    "XML_ID": "x",
    "TYPE": 4,
    "STORE_ID": 1,
    "RESERVE_ID": None,
    "RESERVE_QUANTITY": None,
}
FIRST_ID = 900_000_001
GET, OLD, NEW = "crm.deal.productrows.get", "crm.productrow.list", "crm.item.productrow.list"
DENIED = {"error": "", "error_description": "Access denied."}


@pytest.fixture
def deals(app: App, portal: Portal) -> App:
    """Deal 2 with 60 rows, deal 3 with two, deal 4 with none."""
    for count in (60, 2, 0):
        portal.set_product_rows("deal", portal.create("deal"), [ROW] * count)
    return app


def old(app: App, **params: Any) -> dict[str, Any]:
    params["filter"] = {"OWNER_TYPE": "D", **params["filter"]}
    rows = call(app, OLD, **params)
    return rows | {"result": [int(row["ID"]) - FIRST_ID for row in rows["result"]]}


def new(app: App, **params: Any) -> dict[str, Any]:
    params["filter"] = {"=ownerType": "D", **params["filter"]}
    rows = call(app, NEW, **params)
    return rows | {"result": [row["id"] - FIRST_ID for row in rows["result"]["productRows"]]}


def test_get_returns_all_rows_of_an_owner(deals: App) -> None:
    rows = call(deals, GET, id=2, start=50)
    assert [int(row["ID"]) - FIRST_ID for row in rows["result"]] == list(range(60))  # P4.3
    assert set(rows) == {"result"}
    assert call(deals, GET, id=4) == {"result": []}


def test_get_returns_numbers_as_numbers_and_ids_as_text(deals: App) -> None:
    rows = call(deals, GET, id=3)["result"][1]
    prices = dict.fromkeys(["PRICE", "PRICE_EXCLUSIVE", "PRICE_NETTO", "PRICE_BRUTTO"], 9.5)
    assert rows == {
        "ID": str(FIRST_ID + 61),
        "OWNER_ID": "3",
        "OWNER_TYPE": "D",
        "PRODUCT_ID": 0,
        "PRODUCT_NAME": "Free text",
        "ORIGINAL_PRODUCT_NAME": None,
        "PRODUCT_DESCRIPTION": "<p>",
        **prices,
        "PRICE_ACCOUNT": "9.50000000",
        "QUANTITY": 2,
        "DISCOUNT_TYPE_ID": 2,
        "DISCOUNT_RATE": 0,
        "DISCOUNT_SUM": 0,
        "TAX_RATE": None,
        "TAX_INCLUDED": "N",
        "CUSTOMIZED": "Y",
        "MEASURE_CODE": 796,
        "MEASURE_NAME": "шт",
        "SORT": 20,
        "XML_ID": "x",
        "TYPE": 4,
        "STORE_ID": 1,
        "RESERVE_ID": None,
        "DATE_RESERVE_END": None,
        "RESERVE_QUANTITY": None,
    }  # P4, P4.7


def test_the_old_list_returns_text_and_lacks_the_columns_of_get(deals: App) -> None:
    rows = call(deals, OLD, filter={"OWNER_TYPE": "D", "OWNER_ID": 3}, order=ORDER)["result"][0]
    prices = ["PRICE", "PRICE_EXCLUSIVE", "PRICE_NETTO", "PRICE_BRUTTO", "PRICE_ACCOUNT"]
    assert rows == {
        "ID": str(FIRST_ID + 60),
        "OWNER_ID": "3",
        "OWNER_TYPE": "D",
        "PRODUCT_ID": "0",
        "PRODUCT_NAME": "Free text",
        **dict.fromkeys(prices, "9.50"),
        "QUANTITY": "2",
        "DISCOUNT_TYPE_ID": "2",
        "DISCOUNT_RATE": "0",
        "DISCOUNT_SUM": "0",
        "TAX_RATE": None,
        "TAX_INCLUDED": "N",
        "CUSTOMIZED": "Y",
        "MEASURE_CODE": "796",
        "MEASURE_NAME": "шт",
        "SORT": "10",
        "XML_ID": "x",
        "TYPE": "4",
        "STORE_ID": "1",
    }  # P4, P4.7


def test_the_new_list_is_in_camel_case_with_typed_values(deals: App) -> None:
    rows = call(deals, NEW, filter={"=ownerType": "D", "=ownerId": 3}, order={"id": "ASC"})["result"]["productRows"][0]
    prices = ["price", "priceExclusive", "priceNetto", "priceBrutto", "priceAccount"]
    assert rows == {
        "id": FIRST_ID + 60,
        "ownerId": 3,
        "ownerType": "D",
        "productId": 0,
        "productName": "Free text",
        **dict.fromkeys(prices, 9.5),
        "quantity": 2,
        "discountTypeId": 2,
        "discountRate": 0,
        "discountSum": 0,
        "taxRate": None,
        "taxIncluded": "N",
        "customized": "Y",
        "measureCode": 796,
        "measureName": "шт",
        "sort": 10,
        "xmlId": "x",
        "type": 4,
        "storeId": 1,
    }  # P4


@pytest.mark.parametrize(("name", "letter"), [("deal", "D"), ("lead", "L"), ("quote", "Q")])
def test_the_type_of_an_owner_is_a_letter(app: App, portal: Portal, name: str, letter: str) -> None:
    owner = portal.create(name)
    (number,) = portal.set_product_rows(name, owner, [ROW])
    (row,) = call(app, f"crm.{name}.productrows.get", id=owner)["result"]
    assert (row["ID"], row["OWNER_TYPE"]) == (str(number), letter)  # P4.1
    (row,) = call(app, OLD, filter={"OWNER_TYPE": letter, "OWNER_ID": owner})["result"]
    assert (row["ID"], row["OWNER_TYPE"]) == (str(number), letter)


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({}, {"result": list(range(50)), "total": 60, "next": 50}),
        ({"start": 75}, {"result": list(range(50, 60)), "total": 60}),
        ({"filter": {">ID": FIRST_ID + 55}}, {"result": [56, 57, 58, 59], "total": 4}),
        ({"filter": {"<=ID": FIRST_ID + 1}}, {"result": [0, 1], "total": 2}),
        ({"order": {"ID": "DESC"}, "start": 50}, {"result": list(range(9, -1, -1)), "total": 60}),
    ],
)
def test_both_lists_page_order_and_filter(deals: App, params: dict[str, Any], answer: dict[str, Any]) -> None:
    request = {"order": ORDER, **params}
    rest = params.get("filter", {})
    assert old(deals, **request | {"filter": {"OWNER_ID": 2, **rest}}) == answer  # P4, P4.4
    camel = {key.replace("ID", "id"): value for key, value in rest.items()}
    order = {"id": request["order"]["ID"]}
    assert new(deals, **request | {"filter": {"=ownerId": 2, **camel}, "order": order}) == answer


def test_a_negative_start_gives_no_total(deals: App) -> None:
    after = FIRST_ID + 49
    first = old(deals, filter={"OWNER_ID": 2}, order=ORDER, start=-1)
    rest = old(deals, filter={"OWNER_ID": 2, ">ID": after}, order=ORDER, start=-1)
    assert (first, rest) == ({"result": list(range(50)), "total": 0}, {"result": list(range(50, 60)), "total": 0})
    assert new(deals, filter={"=ownerId": 2, ">id": after}, start=-1) == {"result": list(range(50, 60))}  # P4.4


@pytest.mark.parametrize(
    "filter_", [None, {}, {"OWNER_TYPE": "D"}, {"OWNER_ID": 2}, {"=OWNER_TYPE": "D", "=OWNER_ID": 2}, []]
)
def test_the_old_list_requires_an_owner_under_exactly_these_keys(deals: App, filter_: Any) -> None:
    required = {"error": "", "error_description": "The parameters OWNER_TYPE and OWNER_ID are required."}
    assert status_and_body(deals, OLD, filter=filter_) == (400, required)  # P4, P4.2


@pytest.mark.parametrize(
    "filter_", [None, {}, {"=ownerType": "D"}, {"=ownerId": 2}, {"ownerType": "D", "ownerId": 2}, []]
)
def test_the_new_list_requires_an_owner_under_exactly_these_keys(deals: App, filter_: Any) -> None:
    required = {"error": "INVALID_ARG_VALUE", "error_description": "Required filter keys are missing"}
    assert status_and_body(deals, NEW, filter=filter_) == (400, required)  # P4, P4.2


def test_an_administrator_can_name_a_list_of_owners(deals: App, portal: Portal) -> None:
    both = {"result": [58, 59, 60, 61], "total": 4}
    for owners in ([2, 3, 4, 999], {"a": "3", "b": 2}):
        assert old(deals, filter={"OWNER_ID": owners, ">ID": FIRST_ID + 57}, order=ORDER) == both
        assert new(deals, filter={"=ownerId": owners, ">id": FIRST_ID + 57}, order={"id": "ASC"}) == both  # P4.2


@pytest.mark.parametrize("change", [{"user_is_admin": False}, {"lists_of_owners": OwnerLists.REFUSE}])
def test_a_list_of_owners_can_be_refused(deals: App, portal: Portal, change: dict[str, object]) -> None:
    for name, value in change.items():
        setattr(portal, name, value)
    assert status_and_body(deals, OLD, filter={"OWNER_TYPE": "D", "OWNER_ID": [2, 3]}) == (400, DENIED)
    assert status_and_body(deals, NEW, filter={"=ownerType": "D", "=ownerId": [2, 3]}) == (400, DENIED)
    assert old(deals, filter={"OWNER_ID": 3}) == {"result": [60, 61], "total": 2}  # P4.2


def test_a_list_of_owners_can_be_read_incompletely_without_an_error(deals: App, portal: Portal) -> None:
    while (seventh := portal.create("deal")) != 7:
        pass
    portal.set_product_rows("deal", seventh, [ROW])
    owners = {}
    for portal.lists_of_owners in (OwnerLists.ACCEPT, OwnerLists.FIRST, OwnerLists.SOME):
        rows = call(deals, OLD, filter={"OWNER_TYPE": "D", "OWNER_ID": [3, 7]})["result"]
        owners[portal.lists_of_owners] = {row["OWNER_ID"] for row in rows}
    assert owners == {OwnerLists.ACCEPT: {"3", "7"}, OwnerLists.FIRST: {"3"}, OwnerLists.SOME: {"3"}}


@pytest.mark.parametrize("owner", [0, -1, [], "", None])
def test_the_id_of_an_owner_must_be_positive(deals: App, owner: Any) -> None:
    assert status_and_body(deals, OLD, filter={"OWNER_TYPE": "D", "OWNER_ID": owner}) == (400, DENIED)  # P4.2
    missing = {"error": "", "error_description": "The parameter id is invalid or not defined."}
    assert status_and_body(deals, GET, id=owner) == (400, missing)


def test_an_unknown_type_of_owner_is_refused(deals: App) -> None:
    assert status_and_body(deals, OLD, filter={"OWNER_TYPE": "T80", "OWNER_ID": 1}) == (400, DENIED)
    denied = {"error": "ACCESS_DENIED", "error_description": "Access denied"}
    assert status_and_body(deals, NEW, filter={"=ownerType": "T80", "=ownerId": 1}) == (400, denied)


def test_a_deleted_owner_is_not_found(deals: App, portal: Portal) -> None:
    portal.delete("deal", 3)
    assert status_and_body(deals, GET, id=3) == (400, {"error": "", "error_description": "Not found."})  # P4.5
    assert old(deals, filter={"OWNER_ID": 3}) == {"result": [], "total": 0}
