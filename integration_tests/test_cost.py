"""What a read costs the portal: requests, and rows sent for rows that are wanted."""

from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, Warehouse, records
from integration_tests.world import ONLY_TOLD_ALONE
from source_bitrix24.catalog.tables import TABLES


def _connector(folder: Path, deals: int, holes: float = 0.0, **settings: Any) -> Connector:
    app = App(sample_portal(PlayedClock(), deals, holes=holes, leads=60, contacts=60, companies=60, activities=60))
    connector = Connector(app, folder, **settings)
    connector.streams()
    app.portal.clock.sleep(3600)
    app.log.clear()
    return connector


def _rows_sent(connector: Connector, method: str) -> int:
    return sum(logged.rows for logged in connector.app.log if method in logged.methods)


@pytest.mark.parametrize("in_flight", [1, 4])
def test_a_dense_table_costs_a_request_for_2500_rows(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 20_000, concurrent_requests=in_flight)
    messages = connector.read("deal_stage_history")
    rows = len(records(messages, "deal_stage_history"))
    assert rows > 60_000
    assert len(connector.app.log) <= rows / 2500 * 1.1 + 3
    assert _rows_sent(connector, "crm.stagehistory.list") <= rows * 1.05


@pytest.mark.parametrize("in_flight", [1, 4])
def test_holes_in_the_ids_bring_no_row_twice(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 10_000, holes=0.9, concurrent_requests=in_flight)
    rows = len(records(connector.read("deals"), "deals"))
    assert rows == 10_000
    assert _rows_sent(connector, "crm.deal.list") <= rows * 1.05
    assert len(connector.app.log) <= rows / 2500 * 1.3 + 5


def test_a_filtered_read_brings_what_has_changed_and_nothing_else(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 10_000)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    portal = connector.app.portal
    portal.clock.sleep(3600)
    for number in portal.tables["deal"].ids[:10_000:20]:
        portal.update("deal", number, TITLE="Changed")
    connector.app.log.clear()
    rows = len(records(connector.read("deals", state=warehouse.state), "deals"))
    assert rows == 500
    assert _rows_sent(connector, "crm.deal.list") <= rows * 1.05


def test_a_table_of_few_rows_costs_one_request(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 45)
    assert len(records(connector.read("deal_stage_history"), "deal_stage_history")) > 45
    assert len(connector.app.log) == 1


def test_all_tables_without_news_cost_25_requests(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 300)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read())
    connector.app.portal.clock.sleep(3600)
    connector.app.log.clear()
    messages = connector.read(state=warehouse.state)
    with_cursor = {table.name for table in TABLES if table.cursor}
    assert {message["record"]["stream"] for message in messages if message["type"] == "RECORD"}.isdisjoint(with_cursor)
    assert len(connector.app.log) <= 25


@pytest.mark.parametrize("in_flight", [1, 4])
def test_product_rows_cost_a_request_for_fifty_parents_where_these_can_only_be_asked_alone(
    tmp_path: Path, in_flight: int
) -> None:
    connector = _connector(tmp_path, 3000, concurrent_requests=in_flight)
    connector.app.limits.bucket.enabled = False
    connector.app.portal.lists_of_owners = "refuse"
    connector.read("deal_products")
    assert len(connector.app.log) <= 3000 / 50 * 1.05 + 5


@pytest.mark.parametrize("in_flight", [1, 4])
def test_product_rows_cost_a_request_for_2500_where_parents_can_be_asked_together(
    tmp_path: Path, in_flight: int
) -> None:
    connector = _connector(tmp_path, 12_000, concurrent_requests=in_flight)
    connector.columns_left_out = ONLY_TOLD_ALONE
    rows = len(records(connector.read("deal_products"), "deal_products"))
    assert rows > 11_000
    assert (
        len(connector.app.log) <= rows / 2500 * 1.2 + 12_000 / 2500 + 7
    )  # one tells whether the user may read all rows
    assert _rows_sent(connector, "crm.productrow.list") <= rows * 1.25


@pytest.mark.parametrize("in_flight", [1, 4])
def test_product_rows_cost_no_questions_about_parents_without_rows(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 3000, concurrent_requests=in_flight)
    connector.app.limits.bucket.enabled = False
    owners = {row["OWNER_ID"] for row in records(connector.read("deal_products"), "deal_products")}
    assert len(owners) < 1600
    asked_alone = sum(logged.methods["crm.deal.productrows.get"] for logged in connector.app.log)
    assert asked_alone <= len(owners) + 150
    assert len(connector.app.log) <= len(owners) / 50 + 3000 / 2500 * 2 + 10
