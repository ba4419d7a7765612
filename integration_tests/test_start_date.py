import pytest

from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences


@pytest.mark.parametrize(
    "start_date",
    ["1970-01-01", "1969-12-31T23:59:59+14:00", "0001-01-01", "0999-06-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
)
def test_with_a_start_date_before_all_rows_a_killed_and_resumed_read_loses_no_row(
    connector: Connector, start_date: str
) -> None:
    connector.settings["start_date"] = start_date
    warehouse = Warehouse(connector.streams())
    for message in connector.read_lines("deals", "deal_products"):
        warehouse.take([message])
        if message["type"] == "STATE":
            break
    warehouse.take(connector.read("deals", "deal_products", state=warehouse.state))
    assert connector.exit_code == 0
    for name in ("deals", "deal_products"):
        assert differences(warehouse.rows(name), expected_rows(connector.app.portal, name), ["ID"]) == []
