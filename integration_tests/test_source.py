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
    found = {one["name"]: one for one in connector.streams()}
    assert list(found) == [table.name for table in TABLES]
    for table in TABLES:
        stream = found[table.name]
        assert stream["source_defined_primary_key"] == [[column] for column in table.key]
        assert stream.get("default_cursor_field", []) == ([table.cursor] if table.cursor else [])
        assert ("incremental" in stream["supported_sync_modes"]) == bool(table.cursor)


def test_the_streams_of_a_read_ask_for_fields_once(connector: Connector, app: App) -> None:
    connector.streams()
    app.log.clear()
    connector.read("deals", "contacts", "deal_custom_field_values", "deal_pipelines")
    asked = Counter(method for logged in app.log for method in logged.methods)
    assert (asked["crm.deal.fields"], asked["crm.deal.userfield.list"], asked["crm.category.list"]) == (1, 1, 1)


def test_one_source_can_read_twice(app: App, connector: Connector) -> None:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    source = SourceBitrix24(app.portal.clock, session)
    catalog = ConfiguredAirbyteCatalogSerializer.load(connector.catalog(["deals"], "full_refresh"))
    for _ in range(2):
        messages = source.read(logging.getLogger("airbyte"), connector.settings, catalog, [])
        read = [message for message in messages if message.type == Type.RECORD]
        assert len(read) == len(expected_rows(app.portal, "deals"))


def test_what_the_portal_refuses_to_discover_is_told_in_a_sentence(connector: Connector, app: App) -> None:
    app.fault("refused", times=1000)
    (error,) = errors(connector.messages("discover"))
    assert connector.exit_code == 1
    assert error["message"].startswith("The portal cannot be reached")
    assert error.get("stack_trace") is None


def test_discover_leaves_out_custom_columns_that_may_not_be_read_and_says_so(connector: Connector, app: App) -> None:
    app.webhook.may_not_read = {"crm.lead.userfield.list"}
    columns = {one["name"]: one["json_schema"]["properties"] for one in connector.streams()}
    assert not any(name.startswith("UF_") for name in columns["leads"])
    assert any(name.startswith("UF_") for name in columns["deals"])
