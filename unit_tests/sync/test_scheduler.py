from collections.abc import Iterator
from pathlib import Path

import pytest
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteRecordMessage,
    AirbyteStateMessage,
    AirbyteStreamStatus,
    AirbyteStreamStatusReason,
    AirbyteStreamStatusReasonType,
    FailureType,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector
from source_bitrix24.turns import take_turns


def _read(name: str, script: str, clock: PlayedClock, ready: dict[str, float]) -> Iterator[AirbyteMessage]:
    """r: a record, s: a state, w: 100 s to wait, f: a failure, each taking a second."""
    for step in script:
        clock.sleep(max(1.0, ready.get(name, 0.0) - clock.monotonic()))
        if step == "r":
            yield AirbyteMessage(type=Type.RECORD, record=AirbyteRecordMessage(stream=name, data={}, emitted_at=0))
        elif step == "s":
            yield AirbyteMessage(type=Type.STATE, state=AirbyteStateMessage())
        elif step == "w":
            ready[name] = clock.monotonic() + 100
            reasons = [AirbyteStreamStatusReason(type=AirbyteStreamStatusReasonType.RATE_LIMITED)]
            yield as_airbyte_message(StreamDescriptor(name=name), AirbyteStreamStatus.RUNNING, reasons)
        else:
            raise AirbyteTracedException(message="no", failure_type=FailureType.transient_error)


def _order(**scripts: str) -> str:
    clock = PlayedClock()
    ready: dict[str, float] = {}
    told: list[str] = []

    def noting(name: str, script: str) -> Iterator[AirbyteMessage]:
        for message in _read(name, script, clock, ready):
            told.append(name)
            yield message

    reads = {name: noting(name, script) for name, script in scripts.items()}
    for _ in take_turns(reads, lambda name: ready.get(name, 0.0), clock):
        pass
    return "".join(told)


def test_streams_that_never_wait_are_read_one_after_the_other() -> None:
    assert _order(a="rsrs", b="rs", c="r") == "aaaabbc"


def test_one_that_waits_gives_its_turn_to_the_next() -> None:
    assert _order(a="rwrs", b="rsrs") == "aabbbbaa"


def test_the_turn_is_handed_back_after_a_state() -> None:
    assert _order(a="wr", b="r" * 120 + "s" + "rs") == "a" + "b" * 121 + "a" + "bb"


def test_no_more_than_three_are_begun() -> None:
    assert _order(a="wr", b="wr", c="wr", d="r") == "abcadbc"


def test_a_failure_is_raised_when_all_others_are_through() -> None:
    clock = PlayedClock()
    reads = {name: _read(name, script, clock, {}) for name, script in {"a": "rf", "b": "rs"}.items()}
    told = []
    with pytest.raises(AirbyteTracedException) as failed:
        told += [message.type for message in take_turns(reads, lambda _: 0.0, clock)]
    assert failed.value.failure_type == FailureType.transient_error
    assert failed.value.message == (
        "Not read to the end: a. Each says why in a message of its own; the other streams are complete."
    )


@pytest.mark.parametrize(("in_flight", "asked_ahead"), [(1, False), (4, True)])
def test_the_next_stream_asks_for_its_first_rows_while_one_is_read(
    tmp_path: Path, in_flight: int, asked_ahead: bool
) -> None:
    connector = Connector(
        App(sample_portal(PlayedClock(), deals=80, contacts=3000)), tmp_path, concurrent_requests=in_flight
    )
    connector.streams()
    connector.app.log.clear()
    lines = iter(connector.read_lines("contacts", "deals"))
    states = (line for line in lines if line["type"] == "STATE")
    while "scan" in next(states)["state"]["stream"]["stream_state"]:
        pass
    assert any(logged.methods["crm.deal.list"] for logged in connector.app.log) is asked_ahead
    assert len([line for line in lines if line["type"] == "RECORD"]) == 80
