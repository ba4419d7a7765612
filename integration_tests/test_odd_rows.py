"""An entry of a list that is no row costs itself, and a text that is no UTF-8 its broken letters. The log counts them."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.odd import Odd, holes, instead_of_rows, raw, values
from emulator.store import sample_portal
from integration_tests.harness import Connector, Row, errors, records
from source_bitrix24.catalog.tables import TABLES

Caplog = pytest.LogCaptureFixture
DEALS = 420


@pytest.fixture(params=[1, 4], ids=["one in flight", "four in flight"])
def connector(request: pytest.FixtureRequest, tmp_path: Path) -> Connector:
    app = App(sample_portal(PlayedClock(), deals=DEALS, contacts=60, holes=0))
    app.limits.bucket.enabled = False
    return Connector(app, tmp_path, concurrent_requests=request.param)


def _read(connector: Connector, name: str) -> list[Row]:
    messages = connector.read(name)
    assert (errors(messages), connector.exit_code) == ([], 0)
    return records(messages, name)


def _ids(rows: list[Row]) -> list[int]:
    return sorted(row["ID"] for row in rows)


def _visible(connector: Connector, name: str = "deal") -> list[int]:
    return sorted(row["ID"] for row in connector.app.portal.visible(name))


def _warnings(caplog: Caplog, table: str) -> list[str]:
    found = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    return [text for text in found if text.startswith(table)]


def _on_pages(*places: int) -> Callable[[list[int]], set[int]]:
    """IDs by their places on the pages of a list, from the newest down."""
    return lambda ids: {ids[::-1][place] for place in places}


# the first row, rows in the middle, the last row of a page, neighbours across pages, the last row of all
PLACES = [_on_pages(0), _on_pages(7, 60, 61), _on_pages(49), _on_pages(99, 149, 199), _on_pages(49, 50), _on_pages(-1)]


@pytest.mark.parametrize("instead", [None, False, [], {"TITLE": "no ID"}], ids=str)
@pytest.mark.parametrize("places", PLACES)
def test_an_entry_that_is_no_row_costs_no_other_row(
    connector: Connector, caplog: Caplog, places: Callable[[list[int]], set[int]], instead: Any
) -> None:
    ids = _visible(connector)
    lost = places(ids)
    connector.app.portal.odd["crm.deal.list"] = instead_of_rows(dict.fromkeys(lost, instead))
    rows = _read(connector, "deals")
    assert _ids(rows) == [number for number in ids if number not in lost]
    (warning,) = _warnings(caplog, "deals")
    assert "had no ID" in warning


@pytest.mark.parametrize("places", [_on_pages(0), _on_pages(7, 60, 61), _on_pages(3, 49), _on_pages(-1)])
def test_rows_that_are_missing_from_a_page_cost_no_other_row(
    connector: Connector, places: Callable[[list[int]], set[int]]
) -> None:
    ids = _visible(connector)
    lost = places(ids)
    connector.app.portal.odd["crm.deal.list"] = holes(lost)
    assert _ids(_read(connector, "deals")) == [number for number in ids if number not in lost]


def test_stage_history_is_read_past_an_empty_entry(connector: Connector, caplog: Caplog) -> None:
    ids = _ids(_read(connector, "deal_stage_history"))
    lost = _on_pages(49, 120)(ids)
    connector.app.portal.odd["crm.stagehistory.list"] = instead_of_rows(dict.fromkeys(lost))
    assert _ids(_read(connector, "deal_stage_history")) == [number for number in ids if number not in lost]
    assert _warnings(caplog, "deal_stage_history")


_WITH_NULL: Odd = lambda rows: [None, *rows]  # noqa: E731
_WITH_HOLES: Odd = lambda rows: {str(2 * n): row for n, row in enumerate(rows)} or []  # noqa: E731


@pytest.mark.parametrize("odd", [_WITH_NULL, _WITH_HOLES])
def test_sets_of_product_rows_are_read_past_empty_entries_and_holes(connector: Connector, odd: Odd) -> None:
    before = _read(connector, "deal_products")
    connector.app.portal.odd["crm.deal.productrows.get"] = odd
    after = _read(connector, "deal_products")
    assert sorted(after, key=lambda row: row["ID"]) == sorted(before, key=lambda row: row["ID"])


@pytest.mark.parametrize("entry", [None, False, "", [], {"ID": None}], ids=str)
def test_an_empty_parent_costs_only_its_own_set(connector: Connector, entry: Any) -> None:
    before = _read(connector, "deal_products")
    lost = before[0]["OWNER_ID"]
    connector.app.portal.odd["crm.deal.list"] = instead_of_rows({lost: entry})
    after = _read(connector, "deal_products")
    assert _ids(after) == _ids([row for row in before if row["OWNER_ID"] != lost])


@pytest.mark.parametrize("method", ["crm.status.list", "crm.deal.userfield.list", "crm.category.list"])
@pytest.mark.parametrize("entry", [None, False, "text", {"NAME": "no key"}], ids=str)
def test_an_empty_entry_of_a_small_list_costs_no_table(
    connector: Connector, caplog: Caplog, method: str, entry: Any
) -> None:
    tables = ("deals", "deal_custom_field_values", "deal_pipelines", "deal_pipeline_stages")
    connector.streams()
    before = {name: _read(connector, name) for name in tables}
    odd: Odd = lambda result: (  # noqa: E731
        {"categories": [entry, *result["categories"]]} if isinstance(result, dict) else [entry, *result]
    )
    connector.app.portal.odd[method] = odd
    assert {name: _read(connector, name) for name in tables} == before
    assert _warnings(caplog, method)
    connector._streams = None
    assert {stream["name"] for stream in connector.streams()} >= {table.name for table in TABLES}


def test_a_description_of_a_field_that_is_none_costs_no_column(connector: Connector) -> None:
    before = connector.streams()
    connector._streams = None
    for name in ("deal", "product"):
        connector.app.portal.odd[f"crm.{name}.fields"] = lambda fields: {
            code: False if code == "TITLE" else info for code, info in fields.items()
        }
    assert connector.streams() == before


@pytest.mark.parametrize("sent", [b'"caf\xe9"', b'"\xd0\xd0\xbf"', rb'"half \ud83d"'])
def test_bytes_that_are_no_utf8_are_repaired_and_said_once(connector: Connector, caplog: Caplog, sent: bytes) -> None:
    ids = _visible(connector)
    broken = _on_pages(5, 49, 130)(ids)
    before = {row["ID"]: row for row in _read(connector, "deals")}
    connector.app.portal.odd["crm.deal.list"] = values(broken, TITLE=raw(sent))
    after = {row["ID"]: row for row in _read(connector, "deals")}
    assert after.keys() == before.keys()
    assert all("?" in after[number]["TITLE"] for number in broken)
    assert all(row == before[number] for number, row in after.items() if number not in broken)
    (warning,) = _warnings(caplog, "deals")
    assert warning.startswith("deals: 3 texts held bytes that are no UTF-8")


def test_a_title_that_holds_the_replacement_character_is_not_changed(connector: Connector) -> None:
    first, second = connector.app.portal.tables["deal"].ids[:2]
    connector.app.portal.odd["crm.deal.list"] = lambda rows: [
        row | {"TITLE": raw(b'"caf\xe9"') if row["ID"] == str(first) else "a \ufffd"} for row in rows
    ]
    titles = {row["ID"]: row["TITLE"] for row in _read(connector, "deals")}
    assert (titles[first], titles[second]) == ("caf?", "a \ufffd")


def _without_date(rows: list[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if name != "DATE_MODIFY"} for row in rows]


@pytest.mark.parametrize("date", ["missing", None, "", False, "soon", 5, "9999-12-31T23:59:59-12:00"], ids=str)
@pytest.mark.parametrize(("table", "method"), [("deal_products", "deal"), ("contact_companies", "contact")])
def test_a_parent_without_a_date_keeps_its_set_whose_rows_have_none(
    connector: Connector, caplog: Caplog, table: str, method: str, date: Any
) -> None:
    before = _read(connector, table)
    odd: Odd = _without_date if date == "missing" else values(DATE_MODIFY=date)
    connector.app.portal.odd[f"crm.{method}.list"] = odd
    after = _read(connector, table)
    is_none = date in ("missing", None, "", False)
    for row in after:
        assert "DATE_MODIFY" not in row
        assert row.pop("UNTYPED_VALUES", {}) == ({} if is_none else {"DATE_MODIFY": date})
    assert after == _without_date(before)
    assert bool(_warnings(caplog, table)) is is_none


def test_parents_without_a_date_lose_no_set_in_a_later_sync(connector: Connector) -> None:
    portal = connector.app.portal
    first = connector.read("deal_products")
    state = [message["state"] for message in first if message["type"] == "STATE"][-1:]
    portal.clock.sleep(3600)
    deal = portal.tables["deal"].ids[100]
    portal.set_product_rows("deal", deal, [{"PRODUCT_NAME": "New", "PRICE": 77, "QUANTITY": 1}])
    portal.odd["crm.deal.list"] = _without_date
    second = records(connector.read("deal_products", state=state), "deal_products")
    alive = [row for row in second if "_ab_cdc_deleted_at" not in row]
    assert [(row["OWNER_ID"], row["PRODUCT_NAME"]) for row in alive] == [(deal, "New")]
