"""One full refresh of every table, compared with the emulated portal."""

from typing import Any

import jsonschema
import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows, first_rows
from integration_tests.harness import Connector, Message, differences, records, states
from source_bitrix24.catalog.table import ByType, PerParent
from source_bitrix24.catalog.tables import TABLES


@pytest.fixture(scope="module")
def full_refresh(tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, list[Message]]:
    """A connector, and the messages of one full refresh of all tables."""
    app = App(sample_portal(PlayedClock(), deals=700, contacts=230, companies=120, quotes=130, zone="America/New_York"))
    connector = Connector(app, tmp_path_factory.mktemp("read"))
    connector.streams()
    app.portal.clock.sleep(60)
    return connector, connector.read(sync_mode="full_refresh")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_equals_the_portal_in_every_value_and_has_no_duplicates(
    full_refresh: tuple[Connector, list[Message]], table: Any
) -> None:
    connector, messages = full_refresh
    copy, expected = records(messages, table.name), expected_rows(connector.app.portal, table.name)
    assert differences(copy, expected, table.key) == []
    assert len(copy) == len(first_rows(connector.app.portal, table.name))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_record_is_valid_against_its_schema_and_has_only_declared_columns(
    full_refresh: tuple[Connector, list[Message]], table: Any
) -> None:
    connector, messages = full_refresh
    (schema,) = [stream["json_schema"] for stream in connector.streams() if stream["name"] == table.name]
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    rows = records(messages, table.name)
    for row in rows:
        validator.validate(row)
        assert set(row) <= set(schema["properties"])
    assert rows


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_follows_exactly_the_rows_it_covers_and_the_last_one_has_no_scan_in_progress(
    full_refresh: tuple[Connector, list[Message]], table: Any
) -> None:
    connector, messages = full_refresh
    if isinstance(table, ByType):
        assert set(states(messages, table.name)[-1]) == {"types", "portal"}
        return
    id_column = table.parent_key if isinstance(table, PerParent) else table.key[0]
    expected_ids = [row[id_column] for row in first_rows(connector.app.portal, table.name)]
    printed_ids: list[Any] = []
    for message in messages:
        if message["type"] == "RECORD" and message["record"]["stream"] == table.name:
            printed_ids.append(message["record"]["data"][id_column])
        elif message["type"] == "STATE" and message["state"]["stream"]["stream_descriptor"]["name"] == table.name:
            scan = message["state"]["stream"]["stream_state"].get("scan")
            assert sorted(printed_ids) == sorted(
                number for number in expected_ids if not scan or number >= scan["below"]
            )
    last = states(messages, table.name)[-1]
    done = {table.cursor, "max_id", "dates"} if table.cursor else {"__ab_full_refresh_sync_complete"}
    assert set(last) == done | {"portal"}


def test_no_request_was_rejected_by_a_rate_limit(full_refresh: tuple[Connector, list[Message]]) -> None:
    assert {entry.status for entry in full_refresh[0].app.log} == {200}
