"""Lists of which a page in the middle is short, though more rows follow (P2.21)."""

from pathlib import Path

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, records
from source_bitrix24.catalog.tables import TABLES

_KEYS = {table.name: table.key for table in TABLES}
_LISTS = ("deals", "deal_stage_history", "products", "deal_products", "deal_custom_field_values")


def _connector(folder: Path, in_flight: int, deals: int = 700) -> Connector:
    portal = sample_portal(PlayedClock(), deals, leads=1, contacts=1, companies=1, activities=1, products=130)
    portal.user_fields["deal"] = portal.user_fields["deal"][:0]
    fields = portal.tables["deal"].user_fields[:3]
    portal.user_fields["deal"] = portal.tables["deal"].user_fields = list(fields)
    app = App(portal)
    app.limits.bucket.enabled = False
    portal.clock.sleep(3600)
    return Connector(app, folder, concurrent_requests=in_flight)


def _problems(connector: Connector, table: str, warehouse: Warehouse) -> list[str]:
    return differences(warehouse.rows(table), expected_rows(connector.app.portal, table), _KEYS[table])


@pytest.mark.parametrize("command", [0, 1, 2, 8, 13, 30])
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("in_flight", [1, 4])
@pytest.mark.parametrize("table", _LISTS)
def test_no_row_behind_a_short_page_is_lost(tmp_path: Path, table: str, in_flight: int, at: int, command: int) -> None:
    connector = _connector(tmp_path, in_flight)
    warehouse = Warehouse(connector.streams())
    connector.app.fault("short_page", at=at, command=command)
    warehouse.take(connector.read(table))
    assert connector.exit_code == 0
    assert _problems(connector, table, warehouse) == []


@pytest.mark.parametrize("in_flight", [1, 4])
@pytest.mark.parametrize("table", _LISTS)
def test_no_row_is_lost_where_the_first_page_of_every_request_is_short(
    tmp_path: Path, table: str, in_flight: int
) -> None:
    connector = _connector(tmp_path, in_flight, deals=300)
    warehouse = Warehouse(connector.streams())
    connector.app.fault("short_page", times=10_000)
    warehouse.take(connector.read(table))
    assert connector.exit_code == 0
    assert _problems(connector, table, warehouse) == []


@pytest.mark.parametrize("changed", [2, 49, 50, 51, 120])
@pytest.mark.parametrize("command", range(2, 14))
def test_no_change_behind_a_short_page_is_lost(tmp_path: Path, changed: int, command: int) -> None:
    connector = _connector(tmp_path, 1, deals=300)
    portal = connector.app.portal
    warehouse = Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    portal.clock.sleep(3600)
    for number in portal.tables["deal"].ids[:changed]:
        portal.update("deal", number, TITLE="Edited")
    new = [portal.create("deal", TITLE="New") for _ in range(60)]
    connector.app.fault("short_page", command=command)
    messages = connector.read("deals", state=warehouse.state)
    assert sorted(row["ID"] for row in records(messages, "deals")) == sorted(
        [*portal.tables["deal"].ids[:changed], *new]
    )


def test_no_row_is_lost_while_pages_are_read_one_by_one(tmp_path: Path) -> None:
    connector = _connector(tmp_path, 1, deals=2500)
    warehouse = Warehouse(connector.streams())
    connector.app.limits.operating.add("batch crm.deal.list", 470)
    connector.app.limits.latency.page = 2.0
    connector.app.fault("short_page", method="crm.deal.list", at=3, times=20)
    warehouse.take(connector.read("deals"))
    assert _problems(connector, "deals", warehouse) == []
