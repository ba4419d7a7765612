"""Checks of Airbyte's retired acceptance suite that the CDK's standard tests lack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, Message, Warehouse, records, states
from source_bitrix24.catalog.tables import TABLES

CONFIGS = Path(__file__).parent / "configs"
_STREAMS_WITH_CHECKPOINTS = ("deals", "deal_products", "deal_stage_history", "contact_companies")


@pytest.fixture(scope="module")
def first_read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, list[Message]]:
    connector = Connector(App(sample_portal(PlayedClock(), deals=700)), tmp_path_factory.mktemp("read"))
    connector.app.limits.bucket.enabled = False
    connector.streams()
    connector.app.portal.clock.sleep(3600)
    return connector, connector.read()


def _rows(messages: list[Message], name: str) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in records(messages, name))


def test_two_full_refreshes_read_the_same_rows(first_read: tuple[Connector, list[Message]]) -> None:
    connector, first = first_read
    second = connector.read(sync_mode="full_refresh")
    for table in TABLES:
        assert _rows(first, table.name) == _rows(second, table.name)


@pytest.mark.parametrize("name", _STREAMS_WITH_CHECKPOINTS)
def test_a_read_resumed_from_any_checkpoint_reads_exactly_the_remaining_rows(
    first_read: tuple[Connector, list[Message]], name: str
) -> None:
    connector, first = first_read
    checkpoints = [
        index for index, message in enumerate(first) if message["type"] == "STATE" and _stream_of(message) == name
    ]
    assert len(checkpoints) > 1
    for index in checkpoints:
        warehouse = Warehouse(connector.streams())
        warehouse.take(first[: index + 1])
        rest = connector.read(name, state=[state for state in warehouse.state if _stream_of({"state": state}) == name])
        # behind a state, rows may have been printed that are gone since: tombstones of IDs that have no row
        assert _rows(first[: index + 1] + [message for message in rest if not _is_tombstone(message)], name) == _rows(
            first, name
        )
        warehouse.take(rest)
        assert len(warehouse.rows(name)) == len(_rows(first, name))


def _is_tombstone(message: Message) -> bool:
    return message["type"] == "RECORD" and bool(message["record"]["data"].get("_ab_cdc_deleted_at"))


def _stream_of(message: Message) -> str:
    return str(message["state"]["stream"]["stream_descriptor"]["name"])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_primary_keys_are_unique_and_never_null(first_read: tuple[Connector, list[Message]], table: Any) -> None:
    keys = [tuple(row.get(column) for column in table.key) for row in records(first_read[1], table.name)]
    assert keys
    assert not any(None in key for key in keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_record_counts_of_the_states_sum_up_to_all_records(
    first_read: tuple[Connector, list[Message]], table: Any
) -> None:
    printed = [
        message["state"]
        for message in first_read[1]
        if message["type"] == "STATE" and _stream_of(message) == table.name
    ]
    assert sum(state["sourceStats"]["recordCount"] for state in printed) == len(records(first_read[1], table.name))
    assert states(first_read[1], table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_has_a_type_and_so_have_list_items_and_nested_fields(
    first_read: tuple[Connector, list[Message]], table: Any
) -> None:
    (schema,) = [stream["json_schema"] for stream in first_read[0].streams() if stream["name"] == table.name]
    assert [name for name, type_ in _types(schema["properties"]) if not type_] == []


def _types(properties: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, column in properties.items():
        yield name, column.get("type")
        if "array" in column.get("type", ()):
            yield from _types({f"{name}[]": column["items"]})
        yield from _types({f"{name}.{inner}": field for inner, field in column.get("properties", {}).items()})


def test_every_stream_has_the_statuses_started_running_complete(first_read: tuple[Connector, list[Message]]) -> None:
    statuses: dict[str, list[str]] = {}
    for message in first_read[1]:
        status = message.get("trace", {}).get("stream_status")
        if status:
            statuses.setdefault(status["stream_descriptor"]["name"], []).append(status["status"])
    names = [stream["name"] for stream in first_read[0].streams()]
    assert statuses == {name: ["STARTED", "RUNNING", "COMPLETE"] for name in names}


def test_the_spec_accepts_every_setting_that_the_released_spec_accepts(
    first_read: tuple[Connector, list[Message]],
) -> None:
    messages = first_read[0].messages("spec")
    (current,) = [message["spec"]["connectionSpecification"] for message in messages if message["type"] == "SPEC"]
    released = json.loads((CONFIGS / "spec-0.1.0.json").read_text())["connectionSpecification"]
    assert set(current["required"]) <= set(released["required"])
    for name, setting in released["properties"].items():
        property_ = current["properties"][name]
        assert property_["type"] == setting["type"]
        assert set(property_.get("enum", ())) >= set(setting.get("enum", ()))
        assert property_.get("minimum", 0) <= setting.get("minimum", 0)
        assert property_.get("maximum", 0) >= setting.get("maximum", 0)
        assert bool(property_.get("airbyte_secret")) == bool(setting.get("airbyte_secret"))
