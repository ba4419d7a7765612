"""`make sync`: PyAirbyte syncs a portal on a local port into DuckDB, and the tables equal the portal."""

import re
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
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from integration_tests.duckdb_sync import PYTHON, QUERIES, DuckDBSync, duckdb_differences
from integration_tests.expected import expected_rows
from integration_tests.harness import Row
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES

pytestmark = [
    pytest.mark.warehouse,
    pytest.mark.skipif(not PYTHON.exists(), reason="warehouse/.venv is missing: run make test-warehouse"),
]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBSync]:
    app = App(sample_portal(RealClock(), deals=150))
    temporary = tmp_path_factory.mktemp("temporary")
    with serving(PortalServer(app)):
        yield DuckDBSync(app, tmp_path_factory.mktemp("file") / "bitrix24.duckdb", temporary)


@pytest.fixture(scope="module")
def first(synced: DuckDBSync) -> dict[str, list[str]]:
    """All differences from the portal after the first sync, by table."""
    assert synced.sync() == 0, synced.output
    tables = synced.tables()
    return {
        table.name: duckdb_differences(tables[table.name], expected_rows(synced.app.portal, table.name), table.key)
        for table in TABLES
    }


@dataclass
class Second:
    """The edits between the two syncs (IDs of the rows), and the tables after the second sync."""

    deal: int
    created: int
    contact: int
    emptied_deal: int
    deleted_rows: set[tuple[int, int]]  # deal and position
    started: str
    tables: dict[str, list[Row]]
    output: str


@pytest.fixture(scope="module")
def second(synced: DuckDBSync, first: dict[str, list[str]]) -> Second:
    del first  # the first sync must run before
    portal = synced.app.portal
    deal, emptied_deal = [
        row["ID"]
        for row in portal.visible("deal")
        if row["STAGE_SEMANTIC_ID"] == "S" and len(portal.product_rows("deal", row["ID"])) > 1
    ][:2]
    emptied = enumerate(portal.product_rows("deal", emptied_deal), 1)
    deleted_rows = {(emptied_deal, place) for place, _ in emptied}
    contact = portal.tables["contact"].ids[3]
    rows = portal.product_rows("deal", deal)
    created = portal.create("deal", TITLE="Совсем новая", CURRENCY_ID="EUR")
    portal.update("contact", contact, NAME="Łucja")
    portal.set_product_rows("deal", deal, [{**rows[0], "PRICE": Decimal("12345.67")}, *rows[2:]])
    portal.set_product_rows("deal", emptied_deal, [])
    portal.delete(
        "deal", next(row["ID"] for row in portal.visible("deal") if not portal.product_rows("deal", row["ID"]))
    )
    portal.delete("product", portal.tables["product"].ids[-1])
    for catalog in list(portal.tables["catalog"].ids):
        portal.delete("catalog", catalog)
    started = datetime.now(UTC).replace(tzinfo=None).isoformat()
    assert synced.sync() == 0, synced.output
    deleted_rows.add((deal, len(rows)))
    return Second(deal, created, contact, emptied_deal, deleted_rows, started, synced.tables(), synced.output)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_after_the_first_sync_a_table_equals_the_portal(first: dict[str, list[str]], table: Table) -> None:
    assert first[table.name] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_after_edits_and_a_second_sync_a_table_equals_the_portal(
    synced: DuckDBSync, second: Second, table: Table
) -> None:
    rows = expected_rows(synced.app.portal, table.name)
    assert duckdb_differences(second.tables[table.name], rows, table.key) == []


def test_the_second_sync_reads_only_edited_records(second: Second) -> None:
    ids = {
        table.name: {
            row[table.key[0].lower()]
            for row in second.tables[table.name]
            if row["_airbyte_extracted_at"] > second.started
        }
        for table in TABLES
        if table.cursor
    }
    ids = {name: found for name, found in ids.items() if found}
    assert ids.pop("deal_stage_history")
    assert ids.pop("contact_companies", {second.contact}) == {second.contact}
    assert ids.pop("deal_products") - {second.created} == {second.deal}
    assert ids.pop("deal_contacts", set()) <= {second.deal, second.created, second.emptied_deal}
    assert ids == {
        "contacts": {second.contact},
        "contact_custom_field_values": {second.contact},
        "deals": {second.deal, second.created, second.emptied_deal},
        # the created deal has no filled custom field, and nothing was printed of it before
        "deal_custom_field_values": {second.deal, second.emptied_deal},
    }


def test_a_sync_prints_row_count_file_and_queries_and_no_token(synced: DuckDBSync, second: Second) -> None:
    assert re.search(r"(?m)^\d{3} rows were read\.$", second.output)
    assert f"The tables are in {synced.file}." in second.output
    assert [query.name for query in QUERIES.glob("*.sql") if query.name not in second.output] == []
    assert "Traceback" not in second.output
    assert synced.app.webhook.token not in second.output


def test_no_temporary_file_with_the_settings_remains(synced: DuckDBSync, second: Second) -> None:
    del second
    assert list(synced.temporary.iterdir()) == []


def test_an_error_of_the_portal_is_printed_as_a_message_without_traceback(
    synced: DuckDBSync, second: Second, tmp_path: Path
) -> None:
    del second
    other = DuckDBSync(synced.app, tmp_path / "other.duckdb", synced.temporary)
    assert other.sync(WEBHOOK_URL=synced.app.webhook_url.replace(synced.app.webhook.token, "revoked0webhook0")) == 1
    assert (
        "Bitrix24 does not accept this webhook: it is mistyped, was revoked or has expired, or its user was dismissed"
        in other.output
    )
    assert "Traceback" not in other.output
    assert "revoked0webhook0" not in other.output


def test_a_second_portal_is_refused_with_a_sentence_and_its_rows_do_not_get_into_the_file(
    synced: DuckDBSync, second: Second
) -> None:
    app = App(sample_portal(RealClock(), deals=170))
    app.portal.user_is_admin = False
    with serving(PortalServer(app)):
        other = DuckDBSync(app, synced.file, synced.temporary)
        assert other.sync() == 1
    output = " ".join(other.output.split())
    assert "The saved state belongs to the portal 127.0.0.1:" in output
    assert f"{synced.file} holds the rows of another portal, and nothing was read. Choose another file" in output
    assert "Run this again to resume" not in output
    assert "Traceback" not in output
    assert synced.tables() == second.tables


@pytest.mark.parametrize("tables", ["catalogs", "quotes"])
def test_a_second_portal_is_refused_also_where_no_table_has_a_state(tmp_path: Path, tables: str) -> None:
    app, other_app = App(sample_portal(RealClock(), deals=5)), App(sample_portal(RealClock(), deals=5))
    synced = DuckDBSync(app, tmp_path / "bitrix24.duckdb", tmp_path)
    with serving(PortalServer(app)), serving(PortalServer(other_app)):
        assert synced.sync(TABLES="products") == 0, synced.output
        before = synced.run_queries({"tables": "SHOW TABLES", "products": "FROM products"})
        other = DuckDBSync(other_app, synced.file, tmp_path)
        assert other.sync(TABLES=tables) == 1
        assert "holds the rows of another portal, and nothing was read. Choose another file" in other.output
        assert synced.run_queries({"tables": "SHOW TABLES", "products": "FROM products"}) == before
        assert synced.sync(TABLES=tables) == 0, synced.output


def test_a_webhook_of_a_user_who_is_no_administrator_is_warned_of_once(
    synced: DuckDBSync, second: Second, tmp_path: Path
) -> None:
    assert "not an administrator" not in second.output
    app = App(sample_portal(RealClock(), deals=5))
    app.portal.user_is_admin = False
    with serving(PortalServer(app)):
        other = DuckDBSync(app, tmp_path / "other.duckdb", synced.temporary)
        assert other.sync() == 0
    assert other.output.count("Warning: The webhook's user is not an administrator of the portal.") == 1


def test_tables_without_a_cursor_are_replaced_also_by_nothing(second: Second) -> None:
    assert second.tables["catalogs"] == []
    assert len(second.tables["products"]) == 119


def test_a_table_that_is_read_in_full_is_replaced_and_updated_afterwards(tmp_path: Path) -> None:
    app = App(sample_portal(RealClock(), deals=150))
    portal = app.portal
    other = DuckDBSync(app, tmp_path / "other.duckdb", tmp_path)
    with serving(PortalServer(app)):
        assert other.sync(TABLES="quotes, quote_products") == 0, other.output
        quotes = list(portal.tables["quote"].ids)
        portal.delete("quote", quotes[0])
        assert other.sync(TABLES="quotes,quote_products", FULL_REFRESH="quotes") == 0, other.output
        portal.update("quote", quotes[1], TITLE="Neues Angebot")
        assert other.sync(TABLES="quotes") == 0, other.output
    assert re.search(r"(?m)^1 rows were read\.$", other.output)
    rows = other.run_queries({"quotes": "FROM quotes"})["quotes"]
    assert duckdb_differences(rows, expected_rows(portal, "quotes"), ("ID",)) == []
    assert "This query needs a table that is not there: Catalog Error: Table with name deal" in other.output


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"START_DATE": "yesterday"}, "The start date is not a date."),
        ({"PORTAL_PLAN": "free"}, "portal_plan must be one of: standard, enterprise."),
        ({"LABEL_LANGUAGE": "english"}, "label_language must be two lowercase letters"),
        ({"CONCURRENT_REQUESTS": "99"}, "concurrent_requests must be a whole number from 1 to 16."),
        (
            {"FULL_REFRESH": "deals,invoices"},
            "There is no table invoices. The tables are: activities, activity_bindings,",
        ),
    ],
)
def test_a_variable_that_cannot_be_used_is_said_in_a_sentence(
    synced: DuckDBSync, tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    other = DuckDBSync(synced.app, tmp_path / "other.duckdb", synced.temporary)
    assert other.sync(**variables) == 1
    assert sentence in other.output
    assert "Traceback" not in other.output


def test_the_query_of_won_deals_by_month_agrees_with_the_portal(synced: DuckDBSync, second: Second) -> None:
    del second
    won_in = {}
    for step in sorted(expected_rows(synced.app.portal, "deal_stage_history"), key=lambda row: row["CREATED_TIME"]):
        if step["STAGE_SEMANTIC_ID"] == "S":
            won_in[step["OWNER_ID"]] = step["CREATED_TIME"][:7]
    amounts = defaultdict[Any, list[float]](list)
    for deal in _won_deals(synced):
        amounts[won_in[deal["ID"]], deal.get("CURRENCY_ID")].append(deal["OPPORTUNITY"])
    rows = synced.query("won_deals_by_month")
    by_month = {(row["month"], row["currency"]): [row["deals"], row["amount"]] for row in rows}
    assert by_month == {group: [len(values), pytest.approx(sum(values), abs=0.01)] for group, values in amounts.items()}
    assert len(by_month) > 10


def test_the_query_of_time_in_stage_agrees_with_the_portal(synced: DuckDBSync, second: Second) -> None:
    del second
    portal = synced.app.portal
    names = {stage.code: (pipeline.name, stage.name) for pipeline in portal.pipelines for stage in pipeline.stages}
    steps = defaultdict[Any, list[Row]](list)
    for step in sorted(expected_rows(portal, "deal_stage_history"), key=lambda row: (row["CREATED_TIME"], row["ID"])):
        steps[step["OWNER_ID"]].append(step)
    stays = defaultdict[Any, list[float]](list)
    for moves in steps.values():
        for entered, left in pairwise(moves):
            duration = datetime.fromisoformat(left["CREATED_TIME"]) - datetime.fromisoformat(entered["CREATED_TIME"])
            stays[names[entered["STAGE_ID"]]].append(duration.total_seconds() / 86400)
    rows = synced.query("time_in_stage")
    assert {(row["pipeline"], row["stage"]): row["stays"] for row in rows} == {
        name: len(days) for name, days in stays.items()
    }
    for row in rows:
        days = stays[row["pipeline"], row["stage"]]
        assert (row["average_days"], row["median_days"]) == pytest.approx((mean(days), median(days)), abs=0.01)
    pipelines = [pipeline.name for pipeline in sorted(portal.pipelines, key=lambda pipeline: pipeline.sort)]
    assert list(dict.fromkeys(row["pipeline"] for row in rows)) == pipelines


def test_the_query_of_revenue_by_product_counts_only_existing_product_rows(synced: DuckDBSync, second: Second) -> None:
    portal = synced.app.portal
    currencies = {deal["ID"]: deal.get("CURRENCY_ID") for deal in _won_deals(synced)}
    catalogue = {row["ID"]: row["NAME"] for row in expected_rows(portal, "products")}
    revenue = defaultdict[Any, float](float)
    for row in expected_rows(portal, "deal_products"):
        if row["OWNER_ID"] in currencies:
            product = catalogue.get(row.get("PRODUCT_ID"), row["PRODUCT_NAME"])
            revenue[product, currencies[row["OWNER_ID"]]] += row["PRICE"] * row["QUANTITY"]
    rows = synced.query("revenue_by_product")
    assert {(row["product"], row["currency"]): row["revenue"] for row in rows} == pytest.approx(revenue, abs=0.01)
    left = {(row["owner_id"], row["position"]) for row in second.tables["deal_products"]}
    assert second.deleted_rows.isdisjoint(left)
    assert second.emptied_deal in currencies
    assert [row["revenue"] for row in rows] == sorted((row["revenue"] for row in rows), reverse=True)


def _won_deals(synced: DuckDBSync) -> list[Row]:
    return [row for row in expected_rows(synced.app.portal, "deals") if row.get("STAGE_SEMANTIC_ID") == "S"]
