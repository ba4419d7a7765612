from datetime import datetime
from typing import Any

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.client import ORDER, call, status_and_body

METHOD = "crm.stagehistory.list"
WRONG = {"error": "WRONG_DATETIME_FORMAT", "error_description": "Wrong datetime format"}


def entries(app: App, **params: Any) -> list[Any]:
    rows: list[Any] = call(app, METHOD, entityTypeId=2, start=-1, **{"order": ORDER, **params})["result"]["items"]
    return rows


def ids(app: App, **params: Any) -> list[int]:
    return [row["ID"] for row in entries(app, select=["ID"], **params)]


@pytest.fixture
def moved(app: App, portal: Portal) -> App:
    """Entry 1 is the recurring deal's; deal 2 has entries 2 to 5, a minute apart."""
    portal.create("deal")
    for values in ({"STAGE_ID": "EXECUTING"}, {"STAGE_ID": "WON"}, {"STAGE_ID": "C1:NEW", "CATEGORY_ID": 1}):
        portal.clock.sleep(60)
        portal.update("deal", 2, **values)
    return app


def test_an_entry_is_added_when_a_deal_is_created_moved_closed_or_changes_its_pipeline(moved: App) -> None:
    usual: dict[str, Any] = {"OWNER_ID": 2, "CATEGORY_ID": 0, "STAGE_SEMANTIC_ID": "P"}
    expected: list[dict[str, Any]] = [
        {"ID": 2, "TYPE_ID": 1, "STAGE_ID": "NEW", "CREATED_TIME": "2026-11-30T03:53:20+03:00"},
        {"ID": 3, "TYPE_ID": 2, "STAGE_ID": "EXECUTING", "CREATED_TIME": "2026-11-30T03:54:20+03:00"},
        {"ID": 4, "TYPE_ID": 3, "STAGE_ID": "WON", "STAGE_SEMANTIC_ID": "S"},
        {"ID": 5, "TYPE_ID": 5, "STAGE_ID": "C1:NEW", "CATEGORY_ID": 1},
    ]
    expected[2]["CREATED_TIME"], expected[3]["CREATED_TIME"] = "2026-11-30T03:55:20+03:00", "2026-11-30T03:56:20+03:00"
    assert entries(moved, filter={">ID": 1}) == [usual | row for row in expected]  # P5.3, P5.4, P5.5


def test_a_move_to_the_same_stage_is_not_recorded(moved: App, portal: Portal) -> None:
    portal.update("deal", 2, STAGE_ID="C1:NEW", TITLE="renamed")
    assert ids(moved) == [1, 2, 3, 4, 5]  # P5.5


def test_only_the_history_of_a_deleted_deal_is_deleted(moved: App, portal: Portal) -> None:
    portal.create("deal")
    portal.delete("deal", 2)
    assert entries(moved, select=["OWNER_ID"]) == [{"ID": 1, "OWNER_ID": 1}, {"ID": 6, "OWNER_ID": 3}]  # P5.5
    portal.delete("deal", 1)
    assert entries(moved, select=["OWNER_ID"]) == [{"ID": 6, "OWNER_ID": 3}]


@pytest.mark.parametrize(
    ("start", "offset", "total", "following"),
    [(0, 0, 361, 50), (99, 50, 361, 100), (350, 350, 361, None), (400, 400, 361, None), (-1, 0, None, None)],
)
def test_a_page_of_entries(company: App, start: int, offset: int, total: int | None, following: int | None) -> None:
    del company.portal.tables["stage_history"].ids[361:]
    numbers = company.portal.tables["stage_history"].ids[offset : offset + 50]
    answer = call(company, METHOD, entityTypeId=2, select=["ID"], order=ORDER, start=start)
    expected: dict[str, Any] = {"result": {"items": [{"ID": number} for number in numbers]}}
    assert answer == expected | {
        key: value for key, value in (("total", total), ("next", following)) if value is not None
    }  # P5.3


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({">ID": 3}, [4, 5]),
        ({"<=ID": 2}, [1, 2]),
        ({"OWNER_ID": 1}, [1]),
        ({"@OWNER_ID": [1, 2]}, [1, 2, 3, 4, 5]),
        ({"=TYPE_ID": 5}, [5]),
        ({"STAGE_ID": "WON"}, [4]),
        ({"!=STAGE_SEMANTIC_ID": "P"}, [4]),
        ({">CREATED_TIME": "2026-11-30T03:54:20+03:00"}, [4, 5]),
        ({">=CREATED_TIME": "2026-11-30T00:54:20Z"}, [3, 4, 5]),
        ({">=CREATED_TIME": "2026-11-30 03:54:20"}, [3, 4, 5]),
        ({">=CREATED_TIME": "2026-11-30T03:54:20", ">ID": 4}, [5]),
        ({">ID": ""}, [1, 2, 3, 4, 5]),
    ],
)
def test_the_filter_of_entries(moved: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert ids(moved, filter=filter_) == found  # P5.2, P5.3, P5.4


@pytest.mark.parametrize("key", ["id", "ownerId", "STATUS_ID", "NOPE", "~ID", "*ID"])
def test_an_unknown_filter_field_is_an_error(moved: App, key: str) -> None:
    text = f"Invalid filter: field '{key}' is not allowed in filter"
    refused = {"error": "INVALID_ARG_VALUE", "error_description": text}
    assert status_and_body(moved, METHOD, entityTypeId=2, filter={key: 1}) == (400, refused)  # P5.2


@pytest.mark.parametrize("value", [[5], []])
def test_an_array_in_place_of_an_id_is_an_error(moved: App, value: list[int]) -> None:
    refused = {"error": "INVALID_ARG_VALUE", "error_description": "Invalid filter: field '>ID' has invalid value"}
    assert status_and_body(moved, METHOD, entityTypeId=2, filter={">ID": value}) == (400, refused)  # P1.8


@pytest.mark.parametrize("value", ["soon", "", "2026-11-30T03:54:20 03:00", None])
def test_a_time_that_cannot_be_parsed_is_an_error(moved: App, value: Any) -> None:
    assert status_and_body(moved, METHOD, entityTypeId=2, filter={">CREATED_TIME": value}) == (400, WRONG)  # P5.4


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ({"ID": "DESC"}, [5, 4, 3, 2, 1]),
        ({"NOPE": "ASC", "ID": "DESC"}, [5, 4, 3, 2, 1]),
        ({"TYPE_ID": "ASC", "ID": "ASC"}, [1, 2, 3, 4, 5]),
        ({"CREATED_TIME": "DESC", "ID": "DESC"}, [5, 4, 3, 2, 1]),
    ],
)
def test_unknown_order_fields_are_ignored(moved: App, order: dict[str, str], found: list[int]) -> None:
    assert ids(moved, order=order) == found  # P5.2


@pytest.mark.parametrize(
    ("select", "columns"),
    [
        (["STAGE_ID", "NOPE"], ["ID", "STAGE_ID"]),
        (["id"], ["ID"]),
        ([], ["ID", "TYPE_ID", "OWNER_ID", "CATEGORY_ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "CREATED_TIME"]),
        (["*"], ["ID", "TYPE_ID", "OWNER_ID", "CATEGORY_ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "CREATED_TIME"]),
    ],
)
def test_the_id_is_always_selected(moved: App, select: list[str], columns: list[str]) -> None:
    assert list(entries(moved, select=select)[0]) == columns  # P5.2


@pytest.mark.parametrize("number", [None, 3, 5, "x"])
def test_only_deals_and_leads_have_a_history(app: App, number: Any) -> None:
    refused = {"error": "ENTITY_TYPE_NOT_SUPPORTED", "error_description": "Entity type is not supported"}
    assert status_and_body(app, METHOD, entityTypeId=number) == (400, refused)  # P5.1


def test_an_entry_of_a_sample_deal_is_never_newer_than_the_deal(sample: Portal) -> None:
    deals = {deal["ID"]: deal for deal in sample.tables["deal"]}
    for entry in sample.tables["stage_history"]:
        deal = deals[entry["OWNER_ID"]]
        assert deal["DATE_CREATE"] <= entry["CREATED_TIME"] <= deal["DATE_MODIFY"]
        assert isinstance(entry["CREATED_TIME"], datetime)
