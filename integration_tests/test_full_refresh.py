from typing import Any

import jsonschema
import pytest

from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, differences, records, states
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.catalog.tables import TABLES


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, list[Message]]:
    """One read of everything, shared by the tests of this module."""
    from emulator.app import App
    from emulator.clock import PlayedClock
    from emulator.store import sample_portal

    app = App(sample_portal(PlayedClock(), deals=700, contacts=230, companies=120, quotes=130, zone="America/New_York"))
    connector = Connector(app, tmp_path_factory.mktemp("read"))
    return connector, connector.read(sync_mode="full_refresh")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_holds_what_the_portal_holds_value_by_value_and_nothing_twice(
    reading: tuple[Connector, list[Message]], table: Any
) -> None:
    connector, messages = reading
    read, held = records(messages, table.name), expected_rows(connector.app.portal, table.name)
    assert differences(read, held, table.key) == []
    assert len(read) == len(held)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_record_is_valid_and_names_only_declared_columns(
    reading: tuple[Connector, list[Message]], table: Any
) -> None:
    connector, messages = reading
    (schema,) = [stream["json_schema"] for stream in connector.streams() if stream["name"] == table.name]
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    rows = records(messages, table.name)
    for row in rows:
        validator.validate(row)
        assert set(row) <= set(schema["properties"])
    assert rows


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_state_comes_before_the_rows_it_claims_and_the_last_one_closes_the_table(
    reading: tuple[Connector, list[Message]], table: Any
) -> None:
    connector, messages = reading
    record = table.parent_key if isinstance(table, PerParent) else table.key[0]
    held = [row[record] for row in expected_rows(connector.app.portal, table.name)]
    printed: list[Any] = []
    for message in messages:
        if message["type"] == "RECORD" and message["record"]["stream"] == table.name:
            printed.append(message["record"]["data"][record])
        elif message["type"] == "STATE" and message["state"]["stream"]["stream_descriptor"]["name"] == table.name:
            scan = message["state"]["stream"]["stream_state"].get("scan")
            assert sorted(printed) == sorted(number for number in held if not scan or number >= scan["below"])
    last = states(messages, table.name)[-1]
    assert set(last) == ({table.cursor, "max_id"} if table.cursor else {"__ab_full_refresh_sync_complete"})


def test_no_limit_was_broken(reading: tuple[Connector, list[Message]]) -> None:
    assert {logged.status for logged in reading[0].app.log} == {200}
