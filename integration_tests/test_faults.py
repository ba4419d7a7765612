"""Faults during a read: transient ones are retried; others end the read with a message, and what was read is kept."""

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
from source_bitrix24.catalog.tables import TABLES

STREAMS = ("deals", "deal_products", "deal_stage_history")
_FINAL = ("login_page", "login_redirect", "proxy_login", "proxy_refuses", "tls", "tls_expired", "tls_name")
_TRIED_TWICE_MORE = ("command_error", "page_401", "page_403", "page_404", "refused_in_russian", "revoked")
_PERMANENT = dict.fromkeys((*_FINAL, *_TRIED_TWICE_MORE), "config_error") | {"rows_reversed": "system_error"}
_TRANSIENT = sorted(set(KINDS) - set(_PERMANENT))


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=700))


def _warehouse_of(connector: Connector, messages: list[dict[str, Any]]) -> Warehouse:
    warehouse = Warehouse(connector.streams())
    warehouse.take(messages)
    return warehouse


def _problems(connector: Connector, warehouse: Warehouse) -> list[str]:
    keys = {table.name: table.key for table in TABLES}
    return [
        problem
        for name in STREAMS
        for problem in differences(warehouse.rows(name), expected_rows(connector.app.portal, name), keys[name])
    ]


@pytest.mark.parametrize("kind", _FINAL)
@pytest.mark.parametrize("at", [2, 5])
def test_what_refuses_the_way_for_a_moment_in_the_middle_of_a_read_loses_no_row(
    connector: Connector, kind: str, at: int
) -> None:
    connector.streams()
    connector.app.fault(kind, at=at, times=2)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []


@pytest.mark.parametrize("kind", [*_TRANSIENT, *_TRIED_TWICE_MORE])
@pytest.mark.parametrize("at", range(1, 8))
def test_after_two_transient_faults_the_retries_lose_no_row(connector: Connector, kind: str, at: int) -> None:
    connector.streams()
    connector.app.fault(kind, at=at, times=2, command=at)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []


@pytest.mark.parametrize("kind", _TRANSIENT)
def test_when_half_of_all_requests_fail_the_retries_lose_no_row(connector: Connector, kind: str) -> None:
    connector.streams()
    connector.app.fault(kind, times=10_000, chance=0.5)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []


@pytest.mark.parametrize("kind", sorted(_PERMANENT))
def test_after_a_permanent_fault_the_read_fails_and_the_next_sync_completes_the_tables(
    connector: Connector, kind: str
) -> None:
    connector.streams()
    connector.app.fault(kind, at=3, times=10_000)
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 1
    assert errors(messages)[0]["failure_type"] == _PERMANENT[kind]
    warehouse = _warehouse_of(connector, messages)
    connector.app.faults.clear()
    warehouse.take(connector.read(*STREAMS, state=warehouse.state))
    assert connector.exit_code == 0
    assert _problems(connector, warehouse) == []


@pytest.mark.parametrize("kind", [*_FINAL, *_TRIED_TWICE_MORE])
def test_a_read_that_only_a_person_can_help_ends_within_seconds(connector: Connector, kind: str) -> None:
    connector.streams()
    connector.app.fault(kind, at=2, times=100_000)
    connector.app.log.clear()
    started = connector.app.portal.clock.monotonic()
    (error, *_) = errors(connector.read("deals"))
    assert error["failure_type"] == "config_error"
    assert connector.app.portal.clock.monotonic() - started <= 15  # of the list, and of the words beside its codes
    assert len(connector.app.log) <= 8


def test_when_the_web_server_adds_a_slash_the_redirect_is_followed(connector: Connector) -> None:
    connector.app.adds_slash = connector.app.redirects_to_http = True
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []


@pytest.mark.parametrize("kind", ["too_many_requests", "operating_time", "bad_gateway", "refused", "hang"])
def test_retries_of_a_fault_that_never_ends_stop_after_about_an_hour_with_a_transient_error(
    connector: Connector, kind: str
) -> None:
    connector.streams()
    connector.app.fault(kind, at=2, times=100_000)
    started = connector.app.portal.clock.monotonic()
    (error, *_) = errors(connector.read("deals"))
    assert error["failure_type"] == "transient_error"
    assert 2400 < connector.app.portal.clock.monotonic() - started < 3700


def test_a_stream_without_read_permission_fails_alone_with_its_reason(connector: Connector) -> None:
    connector.streams()
    connector.app.webhook.may_not_read = {"crm.deal.list"}
    messages = connector.read("contacts", "deals", "deal_stage_history")
    error = errors(messages)[0]
    assert (error["stream_descriptor"]["name"], error["message"].partition(":")[0]) == (
        "deals",
        "The user of the webhook may not read this in Bitrix24",
    )
    assert connector.exit_code == 1
    for name in ("contacts", "deal_stage_history"):
        assert len(records(messages, name)) == len(expected_rows(connector.app.portal, name))
        assert "scan" not in states(messages, name)[-1]


def test_when_the_portal_is_renamed_the_redirect_is_followed_and_the_new_address_is_logged(
    connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    connector.streams()
    connector.app.before("crm.deal.list", 5, lambda: setattr(connector.app, "moved_to", "https://renamed.test"))
    messages = connector.read(*STREAMS)
    assert connector.exit_code == 0
    assert _problems(connector, _warehouse_of(connector, messages)) == []
    assert "The portal portal.test is now at renamed.test" in caplog.text


def test_a_sync_without_changes_prints_no_row_and_one_state_and_sends_one_request_a_stream(tmp_path: Path) -> None:
    connector = Connector(App(sample_portal(PlayedClock(), deals=60)), tmp_path)
    connector.app.portal.clock.sleep(3600)
    catalog = [stream["name"] for stream in connector.streams() if stream.get("source_defined_cursor")]
    warehouse = _warehouse_of(connector, connector.read(*catalog))
    connector.app.portal.clock.sleep(3600)
    connector.app.log.clear()
    messages = connector.read(*catalog, state=warehouse.state)
    assert [message for message in messages if message["type"] == "RECORD"] == []
    by_type = {
        "smart_process_products": 3,
        "smart_process_stage_history": 4,
    }  # one for each type
    assert {name: len(states(messages, name)) for name in catalog} == dict.fromkeys(catalog, 1) | by_type
    assert len(connector.app.log) <= len(catalog)


def _until_state(messages: Iterator[dict[str, Any]], name: str, count: int) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = []
    for message in messages:
        read.append(message)
        if len(states(read, name)) >= count:
            break
    return read


@pytest.mark.parametrize("name", ["deals", "deal_products"])
def test_when_a_read_is_killed_the_next_one_resumes_and_repeats_no_row(connector: Connector, name: str) -> None:
    first = _until_state(connector.read_lines(name), name, 4)
    warehouse = _warehouse_of(connector, first)
    second = connector.read(name, state=warehouse.state)
    repeated = {row["ID"] for row in records(first, name)} & {row["ID"] for row in records(second, name)}
    assert records(first, name)
    assert len(repeated) == 0
    warehouse.take(second)
    assert differences(warehouse.rows(name), expected_rows(connector.app.portal, name), ["ID"]) == []


def test_a_state_has_half_a_byte_for_each_row_of_a_list_and_names_no_parent_by_itself(tmp_path: Path) -> None:
    small, large = (
        Connector(App(sample_portal(PlayedClock(), deals=size, leads=1, contacts=1, companies=1)), tmp_path)
        for size in (100, 4000)
    )
    sizes = []
    for connector in (small, large):
        printed = states(connector.read("deal_products"), "deal_products")
        parts = {"rows": 0, "sets": 0}
        for state in printed:
            assert len(json.dumps({name: part for name, part in state.items() if name not in parts})) < 300
            parts = {name: max(most, len(json.dumps(state[name]))) for name, most in parts.items()}
        sizes.append(parts)
    rows, sets = (sizes[1][name] - sizes[0][name] for name in ("rows", "sets"))
    assert rows < 0.15 * 3900
    assert sets < 0.92 * 3900 / 2
