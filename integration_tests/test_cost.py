"""The cost of a read: requests, and rows that the portal sends for each row that is read."""

from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import OwnerLists, sample_portal
from integration_tests.harness import Connector, Warehouse, records
from integration_tests.history import GET_ONLY_COLUMNS
from source_bitrix24.catalog.table import Scanned
from source_bitrix24.catalog.tables import TABLES


def _connector(folder: Path, deals: int, holes: float = 0.0, activities: int = 60, **settings: Any) -> Connector:
    sizes: dict[str, Any] = {"leads": 60, "contacts": 60, "companies": 60, "activities": activities}
    app = App(sample_portal(PlayedClock(), deals, holes=holes, **sizes))
    connector = Connector(app, folder, **settings)
    connector.streams()
    app.portal.clock.sleep(3600)
    app.log.clear()
    return connector


def _rows_sent(connector: Connector, method: str) -> int:
    return sum(entry.rows for entry in connector.app.log if method in entry.methods)


@pytest.mark.parametrize("in_flight", [1, 4])
def test_a_table_with_dense_ids_costs_one_request_per_2500_rows(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 60, activities=60_000, concurrent_requests=in_flight)
    rows = len(records(connector.read("activities"), "activities"))
    assert rows == 60_000
    assert len(connector.app.log) <= rows / 2500 * 1.1 + 3
    assert _rows_sent(connector, "crm.activity.list") <= rows * 1.05


@pytest.mark.parametrize("in_flight", [1, 4])
def test_gaps_in_the_ids_cost_few_requests_and_no_repeated_rows(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 10_000, holes=0.9, concurrent_requests=in_flight)
    rows = len(records(connector.read("deals"), "deals"))
    assert rows == 10_000
    assert _rows_sent(connector, "crm.deal.list") <= rows * 1.05
    assert len(connector.app.log) <= rows / 2500 * 1.3 + 5


def test_an_incremental_read_fetches_only_changed_rows(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 10_000, detect_deletions=False)
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


def test_a_small_table_costs_one_request_and_one_for_words(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 45, detect_deletions=False)
    assert len(records(connector.read("deal_stage_history"), "deal_stage_history")) > 45
    assert len(connector.app.log) == 2  # one of them brings the words of labels


def test_a_second_sync_of_all_tables_without_changes_costs_few_requests(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 300)
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read())
    connector.app.portal.clock.sleep(3600)
    connector.app.log.clear()
    messages = connector.read(state=warehouse.state)
    reads_again = {table.name for table in TABLES if isinstance(table, Scanned) and table.edited_for}
    with_cursor = {table.name for table in TABLES if table.cursor} - reads_again
    assert {message["record"]["stream"] for message in messages if message["type"] == "RECORD"}.isdisjoint(with_cursor)
    # many compare the portal's numbers with its IDs, once a table; a later one takes fewer: test_deletions.py
    assert len(connector.app.log) <= 16


def test_a_row_that_changed_in_each_of_five_lists_costs_few_requests_more(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 3_000)
    portal, warehouse = connector.app.portal, Warehouse(connector.streams())
    costs = []
    for changes in (0, 0, 0, 0, 5):  # the first syncs prove what the portal tells
        for entity in ("deal", "lead", "contact", "company", "quote")[:changes]:
            portal.update(entity, portal.tables[entity].ids[-2], TITLE="Changed")
        portal.clock.sleep(3600)
        connector.app.log.clear()
        warehouse.take(connector.read(state=warehouse.state))
        costs.append(len(connector.app.log))
    # the contacts and product rows of five changed owners are read again
    assert costs[-2] <= 10
    assert costs[-1] <= costs[-2] + 10


@pytest.mark.parametrize("in_flight", [1, 4])
def test_product_rows_read_owner_by_owner_cost_one_request_per_50_owners(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 3000, concurrent_requests=in_flight)
    connector.app.limits.bucket.enabled = False
    connector.app.portal.lists_of_owners = OwnerLists.REFUSE
    connector.read("deal_products")
    assert len(connector.app.log) <= 3000 / 50 * 1.05 + 5


@pytest.mark.parametrize("in_flight", [1, 4])
def test_product_rows_read_in_bulk_cost_one_request_per_2500_rows(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 12_000, concurrent_requests=in_flight)
    connector.columns_left_out = GET_ONLY_COLUMNS
    rows = len(records(connector.read("deal_products"), "deal_products"))
    assert rows > 11_000
    # of the extra requests, one brings words; with four lanes, the ranges are cut so that each lane has some
    assert len(connector.app.log) <= rows / 2500 * 1.2 + 12_000 / 2500 + 7 + (in_flight > 1)
    assert _rows_sent(connector, "crm.productrow.list") <= rows * 1.25


@pytest.mark.parametrize("in_flight", [1, 4])
def test_owners_without_product_rows_are_not_read_one_by_one(tmp_path: Path, in_flight: int) -> None:
    connector = _connector(tmp_path, 3000, concurrent_requests=in_flight)
    connector.app.limits.bucket.enabled = False
    owners = {row["OWNER_ID"] for row in records(connector.read("deal_products"), "deal_products")}
    assert len(owners) < 1600
    read_alone = sum(entry.methods["crm.deal.productrows.get"] for entry in connector.app.log)
    assert read_alone <= len(owners) + 150
    assert len(connector.app.log) <= len(owners) / 50 + 3000 / 2500 * 2 + 10
