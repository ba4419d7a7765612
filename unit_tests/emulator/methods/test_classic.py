from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.methods.classic import LISTS, Renderer
from emulator.store import Portal, sample_portal
from unit_tests.emulator.client import ORDER, call, empty_portal, full_portal, listed, page, status_and_body

ROW: dict[str, Any] = {
    "TITLE": "Delivery <b>",
    "OPPORTUNITY": Decimal("1000.00"),
    "CLOSED": False,
    "OPENED": True,
    "BEGINDATE": date(2024, 5, 10),
    "DATE_CREATE": datetime(2024, 5, 10, 13, 4, 5),
    "DATE_MODIFY": datetime(2024, 5, 10, 13, 4, 5),
    "COMPANY_ID": 12,
    "UF_CRM_BOOLEAN": True,
    "UF_CRM_DATE_LIST": [date(2024, 5, 10)],
    "UF_CRM_FILE": {"id": 5, "showUrl": "/s", "downloadUrl": "/d"},
}
NOTHING: dict[str, Any] = dict.fromkeys([*ROW, "UF_CRM_INTEGER_LIST", "UF_CRM_STRING"])


def visible(portal: Portal, name: str) -> list[int]:
    return [row["ID"] for row in portal.visible(name)]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("start", "offset", "following"),
    [(0, 0, 50), (49, 0, 50), (50, 50, 100), (75, 50, 100), (119, 100, None), (149, 100, None)],
)
def test_a_page_holds_50_rows_and_start_is_rounded_down_to_a_page(
    company: App, name: str, start: int, offset: int, following: int | None
) -> None:
    numbers = visible(company.portal, name)
    answer = call(company, f"crm.{name}.list", select=["ID"], order=ORDER, start=start)
    assert answer == page(numbers[offset : offset + 50], 120, following)  # P2.1, P2.2, P2.6


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("start", [150, 151, 1_000_000])
def test_beyond_the_end_comes_the_first_page_again(company: App, name: str, start: int) -> None:
    answer = call(company, f"crm.{name}.list", select=["ID"], order=ORDER, start=start)
    assert answer == page(visible(company.portal, name)[:50], 120, 50)  # P2.3


@pytest.mark.parametrize("start", [50, 99])
def test_a_last_page_that_is_full_has_no_next(app: App, portal: Portal, start: int) -> None:
    for _ in range(100):
        portal.create("lead")
    params: dict[str, Any] = {"select": ["ID"], "order": ORDER, "start": start}
    assert call(app, "crm.lead.list", **params) == page(range(51, 101), 100)  # P2.6
    params |= {"entityTypeId": 1, "select": ["id"]}
    assert call(app, "crm.item.list", **params) == page(range(51, 101), 100, items=True)  # P3.1


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("start", [-1, "-1", -50])
def test_a_negative_start_gives_the_first_page_and_a_total_of_zero(company: App, name: str, start: Any) -> None:
    numbers = visible(company.portal, name)
    answer = call(company, f"crm.{name}.list", select=["ID"], order=ORDER, start=start)
    assert answer == page(numbers[:50], 0)  # P2.4, P2.5
    answer = call(company, f"crm.{name}.list", select=["ID"], order=ORDER, start=start, filter={">ID": numbers[49]})
    assert answer == page(numbers[50:100], 0)
    answer = call(company, f"crm.{name}.list", select=["ID"], order={"ID": "DESC"}, start=start)
    assert answer == page(reversed(numbers[-50:]), 0)


def test_no_parameter_changes_the_page_size(company: App) -> None:
    answer = call(company, "crm.deal.list", limit=500, page_size=500, count=500, start=-1)
    assert len(answer["result"]) == 50  # P2.1


def test_only_a_count_and_an_offset_cost_extra(portal: Portal, app: App) -> None:
    for _ in range(60):
        portal.create("lead")
    app.limits.latency.count, app.limits.latency.offset_1000, app.limits.latency.page = 2.0, 20.0, 0.5
    for start in (0, 50, -1):
        call(app, "crm.lead.list", start=start)
    assert [logged.seconds for logged in app.log] == [2.5, 2.0 + 1.0 + 0.1, 0.5]  # P2.4


@pytest.mark.parametrize("start", [0, -1])
def test_without_an_order_rows_are_in_an_arbitrary_order(company: App, start: int) -> None:
    numbers = visible(company.portal, "lead")
    found = [int(row["ID"]) for row in call(company, "crm.lead.list", start=start)["result"]]
    assert found != sorted(found)
    assert (len(found), set(found) - set(numbers)) == (50, set())  # P2.7


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ({"PROBABILITY": "ASC", "OPPORTUNITY": "asc"}, [5, 3, 4, 2]),
        ({"PROBABILITY": "DESC", "OPPORTUNITY": "ASC"}, [2, 3, 4, 5]),
        ({"OPPORTUNITY": "DESC"}, [2, 4, 3, 5]),
        ({"nope": "ASC", "PROBABILITY": "ASC", "probability": "DESC", "ID": "DESC"}, [5, 4, 3, 2]),
        ({"UF_CRM_INTEGER": "ASC"}, [3, 2, 4, 5]),
        ({"TITLE": "ASC"}, [2, 4, 3, 5]),
    ],
)
@pytest.mark.parametrize("start", [0, -1])
def test_rows_are_ordered_by_several_keys(
    app: App, portal: Portal, order: dict[str, str], found: list[int], start: int
) -> None:
    portal.create("deal", PROBABILITY=20, OPPORTUNITY=Decimal(30), UF_CRM_INTEGER=2, TITLE="alpha")
    portal.create("deal", PROBABILITY=10, OPPORTUNITY=Decimal(4), UF_CRM_INTEGER=1, TITLE="Gamma")
    portal.create("deal", PROBABILITY=10, OPPORTUNITY=Decimal(20), UF_CRM_INTEGER=3, TITLE="beta")
    portal.create("deal", PROBABILITY=None, OPPORTUNITY=None, UF_CRM_INTEGER=4, TITLE="zeta")
    answer = call(app, "crm.deal.list", order=order, select=["ID"], start=start)
    assert answer == page(found, 4 if start == 0 else 0)  # P2.7


@pytest.mark.parametrize(("name", "column"), [("activity", "START_TIME"), ("product", "SORT")])
def test_activities_and_products_have_a_default_order(app: App, portal: Portal, name: str, column: str) -> None:
    values: list[Any] = [datetime(2024, 5, day) for day in (3, 1, 2)] if column == "START_TIME" else [20, 30, 20]
    for value in values:
        portal.create(name, **{column: value})
    found = [2, 3, 1] if name == "activity" else [1, 3, 2]
    assert call(app, f"crm.{name}.list", select=["ID"]) == page(found, 3)  # P2.7


def test_an_order_other_than_asc_is_descending(company: App) -> None:
    numbers = visible(company.portal, "deal")
    for way in ("DESC", "desc", "rising"):
        found = [int(row["ID"]) for row in call(company, "crm.deal.list", order={"ID": way}, start=0)["result"]]
        assert found == numbers[::-1][:50]  # P2.7


def test_rows_shift_between_pages_when_others_are_deleted_and_created(app: App, portal: Portal) -> None:
    for _ in range(120):
        portal.create("lead")
    assert call(app, "crm.lead.list", select=["ID"], order=ORDER, start=0) == page(range(1, 51), 120, 50)
    portal.delete("lead", 10)
    assert call(app, "crm.lead.list", select=["ID"], order=ORDER, start=50) == page(range(52, 102), 119, 100)  # P2.8
    portal.create("lead")
    assert call(app, "crm.lead.list", select=["ID"], order={"ID": "DESC"}, start=100) == page(
        [*range(21, 10, -1), *range(9, 0, -1)], 120
    )


def test_scalars_are_text_and_the_empty_value_depends_on_the_type(app: App, portal: Portal) -> None:
    for values in (ROW, NOTHING | {"DATE_CREATE": portal.now(), "DATE_MODIFY": portal.now()}):
        portal.import_row("deal", **values)
    rows = call(app, "crm.deal.list", select=list(NOTHING), order=ORDER, start=-1)["result"]
    assert rows[0] == {
        "ID": "2",
        "TITLE": "Delivery <b>",
        "OPPORTUNITY": "1000.00",
        "CLOSED": "N",
        "OPENED": "Y",
        "BEGINDATE": "2024-05-10T03:00:00+03:00",
        "DATE_CREATE": "2024-05-10T13:04:05+03:00",
        "DATE_MODIFY": "2024-05-10T13:04:05+03:00",
        "COMPANY_ID": "12",
        "UF_CRM_BOOLEAN": "1",
        "UF_CRM_DATE_LIST": ["2024-05-10T03:00:00+03:00"],
        "UF_CRM_FILE": {"id": 5, "showUrl": "/s", "downloadUrl": "/d"},
        "UF_CRM_INTEGER_LIST": False,
    }  # P2.15, P2.17
    assert rows[1] == {
        "ID": "3",
        **dict.fromkeys(["TITLE", "OPPORTUNITY", "CLOSED", "OPENED", "COMPANY_ID", "UF_CRM_BOOLEAN"]),
        "BEGINDATE": "",
        "DATE_CREATE": "2026-11-30T03:53:20+03:00",
        "DATE_MODIFY": "2026-11-30T03:53:20+03:00",
        "UF_CRM_DATE_LIST": "",
        "UF_CRM_INTEGER_LIST": False,
    }  # P2.17: no file, no key


@pytest.mark.parametrize("name", LISTS)
def test_an_edited_row_is_rendered_like_a_sample_row(name: str) -> None:
    portal = full_portal(12)
    everything: dict[str, Any] = {"select": list(portal.tables[name].fields), "order": ORDER, "start": -1}
    before = call(App(portal), f"crm.{name}.list", **everything)
    for row in portal.tables[name]:
        portal.tables[name].put(row)
    assert call(App(portal), f"crm.{name}.list", **everything) == before


def test_a_new_custom_field_is_selected_by_the_mask_at_once(app: App, portal: Portal) -> None:
    portal.create("deal")
    before = call(app, "crm.deal.list", select=["UF_*"], start=-1)["result"][0]
    portal.add_user_field("deal", "UF_CRM_NEW", "string")
    portal.update("deal", 2, UF_CRM_NEW="text")
    assert call(app, "crm.deal.list", select=["UF_*"], start=-1)["result"][0] == {**before, "UF_CRM_NEW": "text"}


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Moscow", "2024-05-10T13:04:05+03:00", "2024-05-10T03:00:00+03:00"),
        ("America/New_York", "2024-05-10T13:04:05-04:00", "2024-05-09T20:00:00-04:00"),
    ],
)
def test_dates_are_in_the_portals_zone(zone: str, moment: str, day: str) -> None:
    portal = empty_portal(zone)
    portal.import_row("deal", **ROW)
    rows = call(App(portal), "crm.deal.list", select=["DATE_CREATE", "BEGINDATE"], start=-1)["result"]
    assert rows == [{"ID": "2", "BEGINDATE": day, "DATE_CREATE": moment}]  # P2.15


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({}, [2]),
        ({">ID": 0}, [2]),
        ({"!ID": 7}, [2]),
        ({"ID": 1}, [1]),
        ({"=ID": 1}, [1]),
        ({"@ID": [1, 2]}, [1, 2]),
        ({"IS_RECURRING": "Y"}, [1]),
        ({"IS_RECURRING": "N"}, [2]),
        ({"=IS_RECURRING": "Y"}, [1]),
    ],
)
def test_recurring_deals_are_left_out_unless_the_filter_names_them(
    app: App, filter_: dict[str, Any], found: list[int]
) -> None:
    app.portal.create("deal")
    assert listed(app, "crm.deal.list", filter=filter_) == found  # P2.18


@pytest.mark.parametrize("name", ["contact", "company"])
def test_contacts_and_companies_of_other_categories_are_left_out(app: App, portal: Portal, name: str) -> None:
    hidden, shown = portal.create(name, CATEGORY_ID=12), portal.create(name)
    assert listed(app, f"crm.{name}.list") == [shown]
    assert listed(app, f"crm.{name}.list", filter={"ID": hidden}) == []
    assert call(app, f"crm.{name}.list", select=["ID"]) == page([shown], 1)  # P2.18


def test_a_list_of_companies_contains_my_companies(app: App, portal: Portal) -> None:
    portal.create("company", IS_MY_COMPANY=True)
    portal.create("company", IS_MY_COMPANY=False)
    assert listed(app, "crm.company.list") == [1, 2]  # P2.18


@pytest.mark.parametrize("name", LISTS)
def test_missing_rights_are_an_error_without_a_code(company: App, name: str) -> None:
    company.webhook.may_not_read.add(name)
    denied = {"error": "", "error_description": "Access denied."}
    assert status_and_body(company, f"crm.{name}.list", start=-1) == (400, denied)  # P2.19, P7.9


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.capitalize, lambda name: f"ar{name.capitalize()}"])
def test_order_filter_and_select_have_several_spellings(company: App, spell: Any) -> None:
    numbers = visible(company.portal, "deal")
    params = {"order": {"ID": "DESC"}, "filter": {"<ID": numbers[60]}, "select": ["ID"]}
    answer = call(company, "crm.deal.list", start=-1, **{spell(name): value for name, value in params.items()})
    assert answer == page(reversed(numbers[10:60]), 0)  # P2.20


def test_if_two_spellings_are_present_one_is_ignored(company: App) -> None:
    first = visible(company.portal, "deal")[0]
    answer = call(company, "crm.deal.list", filter={"ID": first}, FILTER={"ID": -1}, select=["ID"], SELECT=["TITLE"])
    assert answer == page([first], 1)  # P2.20


@pytest.mark.parametrize("name", ["filter", "order", "FILTER", "arOrder"])
@pytest.mark.parametrize("value", ["ID", 5, None])
def test_filter_and_order_must_be_arrays(company: App, name: str, value: Any) -> None:
    word = name.lower().removeprefix("ar")
    refused = {"error": "", "error_description": f"Parameter '{word}' must be array."}
    assert status_and_body(company, "crm.deal.list", **{name: value}) == (400, refused)  # P2.20


@pytest.mark.parametrize("name", LISTS)
def test_rows_that_are_kept_are_those_that_are_rendered_on_demand(name: str) -> None:
    portal = sample_portal(PlayedClock(), deals=60)
    table = portal.tables[name]
    edited = table.row(table.ids[0])
    kept = Renderer(portal.wire, table, list(table.fields.values()))
    kept.keep(table)
    made = Renderer(portal.wire, table, list(table.fields.values()))
    assert kept.rows(table, table.ids) == made.rows(table, table.ids)
    table.put({**edited, "ID": table.ids[1]})
    assert kept.rows(table, table.ids) == made.rows(table, table.ids)
