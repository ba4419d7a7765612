import json
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, Warehouse, differences, errors, records

SHARED = ("deal_custom_field_values", "deals")
DEALS = 700


@pytest.fixture(params=[1, 4])
def connector(tmp_path: Path, request: pytest.FixtureRequest) -> Connector:
    portal = sample_portal(PlayedClock(), DEALS)
    del portal.user_fields["deal"][6:]
    connector = Connector(App(portal), tmp_path, concurrent_requests=request.param)
    connector.app.limits.bucket.enabled = False
    connector.streams()
    connector.app.portal.clock.sleep(3600)
    return connector


def _pages_read(connector: Connector) -> int:
    pages = sum(logged.methods["crm.deal.list"] for logged in connector.app.log)
    connector.app.log.clear()
    return pages


def _differences(connector: Connector, warehouse: Warehouse) -> list[str]:
    keys = {"deals": ["ID"], "deal_custom_field_values": ["ID", "FIELD_NAME"]}
    return [
        problem
        for name in SHARED
        for problem in differences(warehouse.rows(name), expected_rows(connector.app.portal, name), keys[name])
    ]


def _warehouse(connector: Connector, messages: list[Message]) -> Warehouse:
    warehouse = Warehouse(connector.streams())
    warehouse.take(messages)
    return warehouse


def _marks(warehouse: Warehouse) -> set[str]:
    return {one["stream"]["stream_state"]["DATE_MODIFY"] for one in warehouse.state}


@pytest.mark.parametrize("names", [SHARED, SHARED[::-1]])
def test_a_list_that_two_streams_are_made_of_is_read_once(connector: Connector, names: tuple[str, str]) -> None:
    connector.read("deals")
    alone = _pages_read(connector)
    catalog = connector.catalog(names)
    catalog["streams"].sort(key=lambda one: names.index(one["stream"]["name"]))
    warehouse = _warehouse(connector, connector.messages("read", catalog=catalog))
    assert _pages_read(connector) <= alone + 1
    assert _differences(connector, warehouse) == []


def test_the_changes_of_a_list_are_read_once_too(connector: Connector) -> None:
    connector.settings["detect_deletions"] = False
    warehouse = _warehouse(connector, connector.read(*SHARED))
    portal = connector.app.portal
    portal.clock.sleep(3600)
    for number in portal.tables["deal"].ids[::9]:
        portal.update("deal", number, TITLE="Edited")
    connector.app.log.clear()
    warehouse.take(connector.read(*SHARED, state=warehouse.state))
    assert len([logged for logged in connector.app.log if logged.methods["crm.deal.list"]]) == 1
    assert _differences(connector, warehouse) == []


def test_the_states_of_both_streams_advance_together(connector: Connector) -> None:
    states = [one["state"]["stream"] for one in connector.read(*SHARED) if one["type"] == "STATE"]
    names = [one["stream_descriptor"]["name"] for one in states]
    ahead = [abs(names[:end].count(SHARED[0]) - names[:end].count(SHARED[1])) for end in range(len(names))]
    assert len(names) >= 4
    assert max(ahead) == 1


@pytest.mark.parametrize("lines", range(300, 4_500, 1300))
def test_a_sync_that_was_killed_anywhere_is_completed_by_the_next_ones_which_share_the_list_again(
    connector: Connector, lines: int
) -> None:
    warehouse = Warehouse(connector.streams())
    for count, message in enumerate(connector.read_lines(*SHARED)):
        if count == lines:
            break
        warehouse.take([message])
    for _ in range(2):
        warehouse.take(connector.read(*SHARED, state=warehouse.state))
        connector.app.portal.clock.sleep(600)
        assert _differences(connector, warehouse) == []
    assert len(_marks(warehouse)) == 1


@pytest.mark.parametrize("behind", SHARED)
def test_a_stream_that_lags_behind_loses_nothing_when_the_list_is_shared_again(
    connector: Connector, behind: str
) -> None:
    connector.settings["detect_deletions"] = False
    warehouse = _warehouse(connector, connector.read(*SHARED))
    portal = connector.app.portal
    for number in portal.tables["deal"].ids[::180]:
        portal.clock.sleep(600)
        portal.update("deal", number, TITLE="Edited")
        warehouse.take(
            message
            for message in connector.read(*SHARED, state=warehouse.state)
            if f'"{behind}"' not in json.dumps(message)
        )
    assert len(_marks(warehouse)) == 2
    connector.app.log.clear()
    warehouse.take(connector.read(*SHARED, state=warehouse.state))
    assert len([logged for logged in connector.app.log if logged.methods["crm.deal.list"]]) == 1
    assert _differences(connector, warehouse) == []


def test_streams_whose_last_syncs_lie_far_apart_do_not_share_the_list(connector: Connector) -> None:
    warehouse = _warehouse(connector, connector.read("deals"))
    connector.app.portal.clock.sleep(86_400)
    warehouse.take(connector.read("deal_custom_field_values"))
    messages = connector.read(*SHARED, state=warehouse.state)
    assert records(messages, "deals") == []
    warehouse.take(messages)
    assert _differences(connector, warehouse) == []


@pytest.mark.parametrize("broken", SHARED)
def test_a_stream_whose_state_cannot_be_used_does_not_stop_the_other(connector: Connector, broken: str) -> None:
    warehouse = _warehouse(connector, connector.read(*SHARED))
    connector.app.portal.update("deal", connector.app.portal.tables["deal"].ids[7], TITLE="Edited")
    state: list[Any] = [
        one | {"stream": one["stream"] | {"stream_state": {"mark": "?"}}}
        if one["stream"]["stream_descriptor"]["name"] == broken
        else one
        for one in warehouse.state
    ]
    (other,) = set(SHARED) - {broken}
    messages = connector.read(*SHARED, state=state)
    assert {record["ID"] for record in records(messages, other)} == {connector.app.portal.tables["deal"].ids[7]}
    assert any(f"The saved state of {broken} cannot be used" in error["message"] for error in errors(messages))


def test_a_stream_that_fails_leaves_the_other_its_rows(connector: Connector) -> None:
    connector.app.webhook.may_not_read = {"crm.deal.userfield.list"}
    catalog = connector.catalog(SHARED)
    catalog["streams"].sort(key=lambda one: SHARED.index(one["stream"]["name"]))
    messages = connector.messages("read", catalog=catalog)
    assert records(messages, "deal_custom_field_values") == []
    assert errors(messages)
    assert len(records(messages, "deals")) == len(list(connector.app.portal.visible("deal")))
