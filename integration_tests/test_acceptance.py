"""What Airbyte's retired acceptance suite looked at and the CDK's standard tests do not."""

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
_SEVERAL_STATES = ("deals", "deal_products", "deal_stage_history", "contact_companies")


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Connector, list[Message]]:
    connector = Connector(App(sample_portal(PlayedClock(), deals=700)), tmp_path_factory.mktemp("read"))
    connector.app.limits.bucket.enabled = False
    connector.streams()
    connector.app.portal.clock.sleep(3600)
    return connector, connector.read()


def _rows(messages: list[Message], name: str) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in records(messages, name))


def test_two_reads_in_full_bring_the_same_rows(reading: tuple[Connector, list[Message]]) -> None:
    connector, first = reading
    second = connector.read(sync_mode="full_refresh")
    for table in TABLES:
        assert _rows(first, table.name) == _rows(second, table.name)


@pytest.mark.parametrize("name", _SEVERAL_STATES)
def test_a_read_from_every_state_in_between_brings_the_rest_and_nothing_before_it(
    reading: tuple[Connector, list[Message]], name: str
) -> None:
    connector, first = reading
    places = [
        place for place, message in enumerate(first) if message["type"] == "STATE" and _stream_of(message) == name
    ]
    assert len(places) > 1
    for place in places:
        warehouse = Warehouse(connector.streams())
        warehouse.take(first[: place + 1])
        rest = connector.read(name, state=[one for one in warehouse.state if _stream_of({"state": one}) == name])
        assert _rows(first[: place + 1] + rest, name) == _rows(first, name)


def _stream_of(message: Message) -> str:
    return str(message["state"]["stream"]["stream_descriptor"]["name"])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_primary_keys_are_never_null_and_identify_a_row(reading: tuple[Connector, list[Message]], table: Any) -> None:
    keys = [tuple(row.get(column) for column in table.key) for row in records(reading[1], table.name)]
    assert keys
    assert not any(None in key for key in keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_state_tells_how_many_rows_came_before_it(reading: tuple[Connector, list[Message]], table: Any) -> None:
    told = [
        message["state"] for message in reading[1] if message["type"] == "STATE" and _stream_of(message) == table.name
    ]
    assert sum(one["sourceStats"]["recordCount"] for one in told) == len(records(reading[1], table.name))
    assert states(reading[1], table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_typed_down_to_the_items_of_lists(reading: tuple[Connector, list[Message]], table: Any) -> None:
    (schema,) = [one["json_schema"] for one in reading[0].streams() if one["name"] == table.name]
    assert [name for name, kinds in _types(schema["properties"]) if not kinds] == []


def _types(properties: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, column in properties.items():
        yield name, column.get("type")
        if "array" in column.get("type", ()):
            yield from _types({f"{name}[]": column["items"]})
        yield from _types({f"{name}.{inner}": one for inner, one in column.get("properties", {}).items()})


def test_statuses_come_in_their_order(reading: tuple[Connector, list[Message]]) -> None:
    told: dict[str, list[str]] = {}
    for message in reading[1]:
        status = message.get("trace", {}).get("stream_status")
        if status:
            told.setdefault(status["stream_descriptor"]["name"], []).append(status["status"])
    assert told == {table.name: ["STARTED", "RUNNING", "COMPLETE"] for table in TABLES}


def test_the_form_takes_every_setting_that_the_released_one_took(reading: tuple[Connector, list[Message]]) -> None:
    (now,) = [one["spec"]["connectionSpecification"] for one in reading[0].messages("spec") if one["type"] == "SPEC"]
    released = json.loads((CONFIGS / "spec-0.1.0.json").read_text())["connectionSpecification"]
    assert set(now["required"]) <= set(released["required"])
    for name, setting in released["properties"].items():
        kept = now["properties"][name]
        assert kept["type"] == setting["type"]
        assert set(kept.get("enum", ())) >= set(setting.get("enum", ()))
        assert kept.get("minimum", 0) <= setting.get("minimum", 0)
        assert kept.get("maximum", 0) >= setting.get("maximum", 0)
        assert bool(kept.get("airbyte_secret")) == bool(setting.get("airbyte_secret"))
