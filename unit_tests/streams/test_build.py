import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, errors, records
from source_bitrix24.catalog.table import Table, Whole
from source_bitrix24.catalog.tables import TABLES


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> Connector:
    return Connector(App(sample_portal(PlayedClock(), deals=5)), tmp_path_factory.mktemp("build"))


def test_there_is_a_stream_for_each_line_of_the_tables(connector: Connector) -> None:
    assert [stream["name"] for stream in connector.streams()] == [table.name for table in TABLES]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_stream_has_the_key_and_the_cursor_of_its_table(connector: Connector, table: Table) -> None:
    (stream,) = [one for one in connector.streams() if one["name"] == table.name]
    assert stream["source_defined_primary_key"] == [[column] for column in table.key]
    assert stream.get("default_cursor_field", []) == ([table.cursor] if table.cursor else [])
    assert not table.cursor or "incremental" in stream["supported_sync_modes"]
    assert stream["is_resumable"] is not isinstance(table, Whole)


def test_a_table_that_the_connector_no_longer_has_is_passed_over_and_the_others_are_read(connector: Connector) -> None:
    catalog = connector.catalog(["deals"])
    (chosen,) = catalog["streams"]
    gone = chosen | {"stream": chosen["stream"] | {"name": "smart_invoices"}}
    messages = connector.messages("read", catalog={"streams": [gone, chosen]})
    assert (connector.exit_code, errors(messages)) == (0, [])
    assert len(records(messages, "deals")) == len(list(connector.app.portal.visible("deal")))
    told = [one["trace"]["stream_status"] for one in messages if one["type"] == "TRACE"]
    assert [one["status"] for one in told if one["stream_descriptor"]["name"] == "smart_invoices"] == ["INCOMPLETE"]
