"""`make sync`: PyAirbyte runs the connector against a served portal, and DuckDB holds what the portal holds."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Row
from integration_tests.synced import PYTHON, QUERIES, Synced, problems_of
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES

pytestmark = [
    pytest.mark.warehouse,
    pytest.mark.skipif(not PYTHON.exists(), reason="there is no warehouse/.venv: make test-warehouse makes it"),
]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synced]:
    app = App(sample_portal(RealClock(), deals=150))
    server = PortalServer(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    temporary = tmp_path_factory.mktemp("temporary")
    try:
        yield Synced(app, tmp_path_factory.mktemp("file") / "bitrix24.duckdb", temporary)
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def first(synced: Synced) -> dict[str, list[str]]:
    """What differs from the portal after the first sync, by table."""
    assert synced.sync() == 0, synced.printed
    held = synced.tables()
    return {
        one.name: problems_of(held[one.name], expected_rows(synced.app.portal, one.name), one.key) for one in TABLES
    }


@dataclass
class Second:
    """What people did after the first sync, and the tables after the second one."""

    deal: int
    made: int
    contact: int
    gone: int
    began: str
    tables: dict[str, list[Row]]
    printed: str


@pytest.fixture(scope="module")
def second(synced: Synced, first: dict[str, list[str]]) -> Second:
    del first  # it comes first
    portal = synced.app.portal
    deal = next(
        row["ID"]
        for row in portal.visible("deal")
        if row["STAGE_SEMANTIC_ID"] == "S" and len(portal.product_rows("deal", row["ID"])) > 1
    )
    contact = portal.tables["contact"].ids[3]
    rows = portal.product_rows("deal", deal)
    made = portal.create("deal", TITLE="Совсем новая", CURRENCY_ID="EUR")
    portal.update("contact", contact, NAME="Łucja")
    portal.set_product_rows("deal", deal, [{**rows[0], "PRICE": Decimal("12345.67")}, *rows[2:]])
    began = datetime.now(UTC).replace(tzinfo=None).isoformat()
    assert synced.sync() == 0, synced.printed
    return Second(deal, made, contact, rows[1]["ID"], began, synced.tables(), synced.printed)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_after_the_first_sync_a_table_holds_what_the_portal_holds(first: dict[str, list[str]], table: Table) -> None:
    assert first[table.name] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_after_edits_and_a_second_sync_it_does_so_again(synced: Synced, second: Second, table: Table) -> None:
    problems = problems_of(second.tables[table.name], expected_rows(synced.app.portal, table.name), table.key)
    # deletions are not seen
    assert problems == ([f"({second.gone},): not in the portal"] if table.name == "deal_products" else [])


def test_the_second_sync_brings_what_was_edited_and_no_more(second: Second) -> None:
    ids = {
        table.name: {
            row[table.key[0].lower()]
            for row in second.tables[table.name]
            if row["_airbyte_extracted_at"] > second.began
        }
        for table in TABLES
        if table.cursor
    }
    ids = {name: found for name, found in ids.items() if found}
    assert ids.pop("deal_stage_history")
    assert ids.pop("contact_companies", {second.contact}) == {second.contact}
    assert ids.pop("deal_products").isdisjoint({second.gone})
    assert ids == {
        "contacts": {second.contact},
        "contact_custom_field_values": {second.contact},
        "deals": {second.deal, second.made},
        "deal_custom_field_values": {second.deal, second.made},
    }


def test_it_says_how_much_was_read_and_where_it_is_and_shows_the_queries(synced: Synced, second: Second) -> None:
    assert re.search(r"(?m)^\d{3} rows were read\.$", second.printed)
    assert f"The tables are in {synced.file}." in second.printed
    assert [query.name for query in QUERIES.glob("*.sql") if query.name not in second.printed] == []
    assert "Traceback" not in second.printed
    assert synced.app.webhook.token not in second.printed


def test_nothing_is_left_of_the_settings(synced: Synced, second: Second) -> None:
    del second
    assert list(synced.temporary.iterdir()) == []


def test_a_portal_that_refuses_is_told_in_a_sentence(synced: Synced, second: Second, tmp_path: Path) -> None:
    del second
    other = Synced(synced.app, tmp_path / "other.duckdb", synced.temporary)
    assert other.sync(synced.app.webhook_url.replace(synced.app.webhook.token, "revoked0webhook0")) == 1
    assert "Bitrix24 does not accept this webhook: it was revoked or mistyped" in other.printed
    assert "Traceback" not in other.printed
    assert "revoked0webhook0" not in other.printed


def test_won_deals_by_month_are_those_of_the_portal(synced: Synced, second: Second) -> None:
    del second
    won_in = {}
    for step in sorted(expected_rows(synced.app.portal, "deal_stage_history"), key=lambda row: row["CREATED_TIME"]):
        if step["STAGE_SEMANTIC_ID"] == "S":
            won_in[step["OWNER_ID"]] = step["CREATED_TIME"][:7]
    amounts = defaultdict[Any, list[float]](list)
    for deal in _won_deals(synced):
        amounts[won_in[deal["ID"]], deal.get("CURRENCY_ID")].append(deal["OPPORTUNITY"])
    rows = synced.query("won_deals_by_month")
    told = {(row["month"], row["currency"]): [row["deals"], row["amount"]] for row in rows}
    assert told == {place: [len(one), pytest.approx(sum(one), abs=0.01)] for place, one in amounts.items()}
    assert len(told) > 10


def test_time_in_stage_is_that_of_the_portal(synced: Synced, second: Second) -> None:
    del second
    portal = synced.app.portal
    names = {stage.code: (one.name, stage.name) for one in portal.pipelines for stage in one.stages}
    steps = defaultdict[Any, list[Row]](list)
    for step in sorted(expected_rows(portal, "deal_stage_history"), key=lambda row: (row["CREATED_TIME"], row["ID"])):
        steps[step["OWNER_ID"]].append(step)
    stays = defaultdict[Any, list[float]](list)
    for moves in steps.values():
        for entered, left in pairwise(moves):
            took = datetime.fromisoformat(left["CREATED_TIME"]) - datetime.fromisoformat(entered["CREATED_TIME"])
            stays[names[entered["STAGE_ID"]]].append(took.total_seconds() / 86400)
    rows = synced.query("time_in_stage")
    assert {(row["pipeline"], row["stage"]): row["stays"] for row in rows} == {
        name: len(one) for name, one in stays.items()
    }
    for row in rows:
        days = stays[row["pipeline"], row["stage"]]
        assert (row["average_days"], row["median_days"]) == pytest.approx((mean(days), median(days)), abs=0.01)
    pipelines = [one.name for one in sorted(portal.pipelines, key=lambda one: one.sort)]
    assert list(dict.fromkeys(row["pipeline"] for row in rows)) == pipelines


def test_revenue_by_product_counts_the_rows_that_deals_have_now(synced: Synced, second: Second) -> None:
    portal = synced.app.portal
    currencies = {deal["ID"]: deal.get("CURRENCY_ID") for deal in _won_deals(synced)}
    catalogue = {row["ID"]: row["NAME"] for row in expected_rows(portal, "products")}
    revenue = defaultdict[Any, float](float)
    for row in expected_rows(portal, "deal_products"):
        if row["OWNER_ID"] in currencies:
            product = catalogue.get(row["PRODUCT_ID"], row["PRODUCT_NAME"])
            revenue[product, currencies[row["OWNER_ID"]]] += row["PRICE"] * row["QUANTITY"]
    rows = synced.query("revenue_by_product")
    assert {(row["product"], row["currency"]): row["revenue"] for row in rows} == pytest.approx(revenue, abs=0.01)
    assert second.gone in {row["id"] for row in second.tables["deal_products"]}
    assert [row["revenue"] for row in rows] == sorted((row["revenue"] for row in rows), reverse=True)


def _won_deals(synced: Synced) -> list[Row]:
    return [row for row in expected_rows(synced.app.portal, "deals") if row.get("STAGE_SEMANTIC_ID") == "S"]
