"""The source: its streams, and how it shares metadata among them."""

import logging
from collections import Counter

import requests
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer, Type

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, errors
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.source import SourceBitrix24


def test_there_is_a_stream_for_each_table_with_its_key_and_cursor(connector: Connector) -> None:
    found = {stream["name"]: stream for stream in connector.streams()}
    smart = ["smart_process_130", "smart_process_1030", "smart_process_1036"]
    assert list(found) == [*(table.name for table in TABLES), *smart]
    for table in TABLES:
        stream = found[table.name]
        assert stream["source_defined_primary_key"] == [[column] for column in table.key]
        assert stream.get("default_cursor_field", []) == ([table.cursor] if table.cursor else [])
        assert ("incremental" in stream["supported_sync_modes"]) == bool(table.cursor)


def test_a_read_requests_shared_metadata_once(connector: Connector, app: App) -> None:
    connector.streams()
    app.log.clear()
    connector.read("deals", "contacts", "deal_custom_field_values", "deal_pipelines")
    calls = Counter(method for entry in app.log for method in entry.methods)
    assert (calls["crm.deal.fields"], calls["crm.deal.userfield.list"], calls["crm.category.list"]) == (1, 1, 1)


def test_a_source_can_read_twice(app: App, connector: Connector) -> None:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    source = SourceBitrix24(app.portal.clock, session)
    catalog = ConfiguredAirbyteCatalogSerializer.load(connector.catalog(["deals"], "full_refresh"))
    for _ in range(2):
        messages = source.read(logging.getLogger("airbyte"), connector.settings, catalog, [])
        rows = [message for message in messages if message.type == Type.RECORD]
        assert len(rows) == len(expected_rows(app.portal, "deals"))


def test_when_the_portal_cannot_be_reached_discover_fails_with_a_message_and_no_traceback(
    connector: Connector, app: App
) -> None:
    app.fault("refused", times=1000)
    (error,) = errors(connector.messages("discover"))
    assert connector.exit_code == 1
    assert error["message"].startswith("The portal cannot be reached")
    assert error.get("stack_trace") is None


def test_custom_columns_are_discovered_with_their_types_where_their_definitions_are_refused(
    connector: Connector, app: App
) -> None:
    whole = {stream["name"]: stream["json_schema"]["properties"] for stream in connector.streams()}
    app.webhook.may_not_read = {"crm.lead.userfield.list"}
    columns = {stream["name"]: stream["json_schema"]["properties"] for stream in connector.streams()}
    assert any(name.startswith("UF_") for name in columns["leads"])
    assert {name: column["type"] for name, column in columns["leads"].items()} == {
        name: column["type"] for name, column in whole["leads"].items()
    }
    assert columns["deals"] == whole["deals"]
