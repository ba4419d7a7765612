"""Faults in the middle of a read: what can be waited out is, and what cannot is said, with all that was read kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, errors, records, states

STREAMS = ("deals", "deal_products", "deal_stage_history")
_REFUSED = {"revoked": "config_error", "rows_reversed": "system_error"}
_PASSING = sorted(set(KINDS) - set(_REFUSED))


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=700))


def _warehouse_of(connector: Connector, messages: list[dict[str, Any]]) -> Warehouse:
    warehouse = Warehouse(connector.streams())
    warehouse.take(messages)
    return warehouse


def _problems(connector: Connector, warehouse: Warehouse) -> list[str]:
    held = connector.app.portal
    keys = {one["name"]: [path[0] for path in one["source_defined_primary_key"]] for one in connector.streams()}
    return [
        told for name in STREAMS for told in differences(warehouse.rows(name), expected_rows(held, name), keys[name])
    ]


@pytest.mark.parametrize("kind", _PASSING)
@pytest.mark.parametrize("at", range(1, 8))
def test_a_fault_that_passes_costs_time_and_no_row(connector: Connector, kind: str, at: int) -> None:
    connector.streams()
    connector.app.fault(kind, at=at, times=2, command=at)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []


@pytest.mark.parametrize("kind", _PASSING)
def test_faults_at_every_second_request_cost_no_row(connector: Connector, kind: str) -> None:
    connector.streams()
    connector.app.fault(kind, times=10_000, chance=0.5)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []


@pytest.mark.parametrize("kind", sorted(_REFUSED))
def test_a_portal_that_cannot_be_trusted_or_refuses_is_named_and_what_was_read_stays(
    connector: Connector, kind: str
) -> None:
    connector.streams()
    connector.app.fault(kind, at=3, times=10_000)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 1
    assert errors(messages)[0]["failure_type"] == _REFUSED[kind]
    warehouse = _warehouse_of(connector, messages)
    connector.app.faults.clear()
    warehouse.take(connector.read(*STREAMS, state=warehouse.state))
    assert connector.exit_code == 0
    assert _problems(connector, warehouse) == []


@pytest.mark.parametrize("kind", ["too_many_requests", "operating_time", "bad_gateway", "refused", "hang"])
def test_waiting_ends_after_about_an_hour_with_a_passing_error(connector: Connector, kind: str) -> None:
    connector.streams()
    connector.app.fault(kind, at=2, times=100_000)
    began = connector.app.portal.clock.monotonic()
    (error, *_) = errors(connector.read("deals"))
    assert error["failure_type"] == "transient_error"
    assert 2400 < connector.app.portal.clock.monotonic() - began < 3700


def test_a_stream_that_may_not_be_read_fails_alone_and_says_why(connector: Connector) -> None:
    connector.streams()
    connector.app.webhook.may_not_read = {"crm.deal.list"}
    messages = connector.read("contacts", "deals", "deal_stage_history")
    told = [(one["stream_descriptor"]["name"], one["message"].partition(":")[0]) for one in errors(messages)[:1]]
    assert told == [("deals", "The user of the webhook may not read this in Bitrix24")]
    assert connector.exit_code == 1
    for name in ("contacts", "deal_stage_history"):
        assert len(records(messages, name)) == len(expected_rows(connector.app.portal, name))
        assert "scan" not in states(messages, name)[-1]


def test_a_portal_that_was_renamed_is_followed_and_its_new_address_told(
    connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    connector.streams()
    connector.app.before("crm.deal.list", 5, lambda: setattr(connector.app, "moved_to", "https://renamed.test"))
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []
    assert "The portal portal.test is now at renamed.test" in caplog.text


def test_a_sync_without_news_prints_no_row_and_one_state_and_asks_once_a_stream(tmp_path: Path) -> None:
    connector = Connector(App(sample_portal(PlayedClock(), deals=60)), tmp_path)
    connector.app.portal.clock.sleep(3600)
    catalog = [stream["name"] for stream in connector.streams() if stream.get("source_defined_cursor")]
    warehouse = _warehouse_of(connector, connector.read(*catalog))
    connector.app.portal.clock.sleep(3600)
    connector.app.log.clear()
    messages = connector.read(*catalog, state=warehouse.state)
    assert [message for message in messages if message["type"] == "RECORD"] == []
    assert {name: len(states(messages, name)) for name in catalog} == dict.fromkeys(catalog, 1)
    assert len(connector.app.log) <= len(catalog)


def _until(messages: Iterator[dict[str, Any]], name: str, count: int) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = []
    for message in messages:
        taken.append(message)
        if len(states(taken, name)) >= count:
            break
    return taken


@pytest.mark.parametrize("name", ["deals", "deal_products"])
def test_killed_in_the_middle_it_goes_on_where_it_stopped(connector: Connector, name: str) -> None:
    first = _until(connector.read_lines(name), name, 4)
    warehouse = _warehouse_of(connector, first)
    second = connector.read(name, state=warehouse.state)
    twice = {row["ID"] for row in records(first, name)} & {row["ID"] for row in records(second, name)}
    assert records(first, name)
    assert len(twice) == 0
    warehouse.take(second)
    assert differences(warehouse.rows(name), expected_rows(connector.app.portal, name), ["ID"]) == []


def test_states_stay_small_whatever_the_size_of_the_portal(tmp_path: Path) -> None:
    small, large = (
        Connector(App(sample_portal(PlayedClock(), deals=size, leads=1, contacts=1, companies=1)), tmp_path)
        for size in (100, 4000)
    )
    for connector in (small, large):
        told = states(connector.read("deal_products"), "deal_products")
        assert max(len(json.dumps(state)) for state in told) < 300
