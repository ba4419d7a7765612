import json
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, Warehouse, differences, errors, records

TOGETHER = ("deal_custom_field_values", "deals")
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


def _lists_asked(connector: Connector) -> int:
    asked = sum(logged.methods["crm.deal.list"] for logged in connector.app.log)
    connector.app.log.clear()
    return asked


def _differences(connector: Connector, warehouse: Warehouse) -> list[str]:
    keys = {"deals": ["ID"], "deal_custom_field_values": ["ID", "FIELD_NAME"]}
    return [
        problem
        for name in TOGETHER
        for problem in differences(warehouse.rows(name), expected_rows(connector.app.portal, name), keys[name])
    ]


def _warehouse(connector: Connector, messages: list[Message]) -> Warehouse:
    warehouse = Warehouse(connector.streams())
    warehouse.take(messages)
    return warehouse


def _marks(warehouse: Warehouse) -> set[str]:
    return {one["stream"]["stream_state"]["DATE_MODIFY"] for one in warehouse.state}


@pytest.mark.parametrize("names", [TOGETHER, TOGETHER[::-1]])
def test_a_list_that_two_streams_come_from_is_read_once(connector: Connector, names: tuple[str, str]) -> None:
    connector.read("deals")
    alone = _lists_asked(connector)
    catalog = connector.catalog(names)
    catalog["streams"].sort(key=lambda one: names.index(one["stream"]["name"]))
    warehouse = _warehouse(connector, connector.messages("read", catalog=catalog))
    assert _lists_asked(connector) <= alone + 1
    assert _differences(connector, warehouse) == []


def test_so_are_the_changes_later(connector: Connector) -> None:
    warehouse = _warehouse(connector, connector.read(*TOGETHER))
    portal = connector.app.portal
    portal.clock.sleep(3600)
    for number in portal.tables["deal"].ids[::9]:
        portal.update("deal", number, TITLE="Edited")
    connector.app.log.clear()
    warehouse.take(connector.read(*TOGETHER, state=warehouse.state))
    assert len([logged for logged in connector.app.log if logged.methods["crm.deal.list"]]) == 1
    assert _differences(connector, warehouse) == []


def test_each_piece_is_taken_by_both_before_the_next_one(connector: Connector) -> None:
    states = [one["state"]["stream"] for one in connector.read(*TOGETHER) if one["type"] == "STATE"]
    names = [one["stream_descriptor"]["name"] for one in states]
    ahead = [abs(names[:end].count(TOGETHER[0]) - names[:end].count(TOGETHER[1])) for end in range(len(names))]
    assert len(names) >= 4
    assert max(ahead) == 1


@pytest.mark.parametrize("lines", range(300, 4_500, 1300))
def test_a_sync_that_was_killed_anywhere_is_made_up_for_and_reading_together_comes_back(
    connector: Connector, lines: int
) -> None:
    warehouse = Warehouse(connector.streams())
    for count, message in enumerate(connector.read_lines(*TOGETHER)):
        if count == lines:
            break
        warehouse.take([message])
    for _ in range(2):
        warehouse.take(connector.read(*TOGETHER, state=warehouse.state))
        connector.app.portal.clock.sleep(600)
        assert _differences(connector, warehouse) == []
    assert len(_marks(warehouse)) == 1


@pytest.mark.parametrize("behind", TOGETHER)
def test_the_one_that_is_behind_loses_nothing_when_they_read_together_again(connector: Connector, behind: str) -> None:
    warehouse = _warehouse(connector, connector.read(*TOGETHER))
    portal = connector.app.portal
    for number in portal.tables["deal"].ids[::180]:
        portal.clock.sleep(600)
        portal.update("deal", number, TITLE="Edited")
        warehouse.take(
            message
            for message in connector.read(*TOGETHER, state=warehouse.state)
            if f'"{behind}"' not in json.dumps(message)
        )
    assert len(_marks(warehouse)) == 2
    connector.app.log.clear()
    warehouse.take(connector.read(*TOGETHER, state=warehouse.state))
    assert len([logged for logged in connector.app.log if logged.methods["crm.deal.list"]]) == 1
    assert _differences(connector, warehouse) == []


def test_streams_whose_last_syncs_lie_far_apart_are_read_apart(connector: Connector) -> None:
    warehouse = _warehouse(connector, connector.read("deals"))
    connector.app.portal.clock.sleep(86_400)
    warehouse.take(connector.read("deal_custom_field_values"))
    messages = connector.read(*TOGETHER, state=warehouse.state)
    assert records(messages, "deals") == []
    warehouse.take(messages)
    assert _differences(connector, warehouse) == []


@pytest.mark.parametrize("broken", TOGETHER)
def test_one_whose_state_cannot_be_used_does_not_stop_the_other(connector: Connector, broken: str) -> None:
    warehouse = _warehouse(connector, connector.read(*TOGETHER))
    connector.app.portal.update("deal", connector.app.portal.tables["deal"].ids[7], TITLE="Edited")
    state: list[Any] = [
        one | {"stream": one["stream"] | {"stream_state": {"mark": "?"}}}
        if one["stream"]["stream_descriptor"]["name"] == broken
        else one
        for one in warehouse.state
    ]
    (other,) = set(TOGETHER) - {broken}
    messages = connector.read(*TOGETHER, state=state)
    assert {record["ID"] for record in records(messages, other)} == {connector.app.portal.tables["deal"].ids[7]}
    assert any(f"The saved state of {broken} cannot be used" in error["message"] for error in errors(messages))


def test_one_that_fails_leaves_the_other_its_rows(connector: Connector) -> None:
    connector.app.webhook.may_not_read = {"crm.deal.userfield.list"}
    catalog = connector.catalog(TOGETHER)
    catalog["streams"].sort(key=lambda one: TOGETHER.index(one["stream"]["name"]))
    messages = connector.messages("read", catalog=catalog)
    assert records(messages, "deal_custom_field_values") == []
    assert errors(messages)
    assert len(records(messages, "deals")) == len(list(connector.app.portal.visible("deal")))
