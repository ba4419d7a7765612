"""The lines of a sync: the CDK's own bytes, in an order in which no state claims a row that is not out."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import pytest
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import AirbyteMessage, AirbyteRecordMessage, FailureType, Type
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.airbyte.failures import config_failure
from source_bitrix24.airbyte.links import LinkMask
from source_bitrix24.airbyte.messages import MessageWriter, Output, parsed, record_lines
from source_bitrix24.config import ConfigProblem
from source_bitrix24.portal.errors import BadWebhook, Unreachable
from source_bitrix24.portal.keyset import Row
from source_bitrix24.sync.job import Job, Steps
from source_bitrix24.sync.scheduler import Ended, Event, Started, Stepped
from source_bitrix24.sync.state import StreamState
from source_bitrix24.sync.step import Step
from unit_tests.portal_values import JSON_VALUES, TEXTS

ROWS: st.SearchStrategy[Row] = st.dictionaries(TEXTS, JSON_VALUES.filter(lambda value: value is not None), max_size=5)


def printed_by_the_cdk(stream: str, row: Row, emitted_at: int) -> bytes:
    record = AirbyteRecordMessage(stream=stream, data=row, emitted_at=emitted_at)
    line = AirbyteEntrypoint.airbyte_message_to_string(AirbyteMessage(type=Type.RECORD, record=record))
    return line.encode() + b"\n"


@given(
    rows=st.lists(ROWS, min_size=1, max_size=4),
    stream=st.sampled_from(["deals", 'a "quoted" № 1']),
    emitted_at=st.integers(0, 2**53),
)
def test_record_lines_are_the_bytes_that_the_cdk_prints_for_the_same_rows(
    rows: list[Row], stream: str, emitted_at: int
) -> None:
    expected = b"".join(printed_by_the_cdk(stream, row, emitted_at) for row in rows)
    assert record_lines(stream, rows, emitted_at) == expected


@pytest.mark.parametrize("row", [{"a": "half \ud83d"}, {"\udfff": ["\ud83d"]}, {"a": 2**70}, {"a": [1, {"b": 2**64}]}])
def test_a_row_that_orjson_cannot_write_is_still_a_line_of_json(row: Row) -> None:
    line = record_lines("deals", [row], 5)
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"type": "RECORD", "record": {"stream": "deals", "data": row, "emitted_at": 5}}
    assert json.loads(line) == json.loads(printed_by_the_cdk("deals", row, 5))


class NoJob(Job):
    """A job by name; its steps are given by the tests."""

    def _steps(self) -> Steps:
        yield from ()


DEALS, BOTH = NoJob(("deals",)), NoJob(("deals", "values"))


def writer() -> MessageWriter:
    return MessageWriter(lambda stream, state: {"of": stream, "max_id": state.max_id}, LinkMask("portal.test"))


def outputs_of(*events: Event) -> list[Output]:
    return list(writer().outputs(events))


def summary(outputs: Iterable[Output]) -> list[tuple[Any, ...]]:
    """Return what each message says in short."""
    return [_short(message) for message in parsed(outputs)]


def _short(message: AirbyteMessage) -> tuple[Any, ...]:
    if message.record:
        return ("RECORD", message.record.stream, message.record.data)
    if message.state:
        assert message.state.stream
        assert message.state.sourceStats
        name, state = message.state.stream.stream_descriptor.name, message.state.stream.stream_state
        return ("STATE", name, dict(vars(state)), message.state.sourceStats.recordCount)
    assert message.trace
    if message.trace.stream_status:
        status = message.trace.stream_status
        reasons = [reason.type.value for reason in status.reasons or []]
        return (status.status.value, status.stream_descriptor.name, *reasons)
    assert message.trace.error
    descriptor = message.trace.error.stream_descriptor
    return ("ERROR", descriptor.name if descriptor else "")


def rows(*numbers: int) -> list[Row]:
    return [{"ID": number} for number in numbers]


def test_a_job_without_rows_starts_and_completes() -> None:
    assert summary(outputs_of(Started(DEALS), Ended(DEALS))) == [("STARTED", "deals"), ("COMPLETE", "deals")]


def test_the_state_comes_after_all_rows_of_its_step_with_their_number() -> None:
    step = Step(
        {"deals": rows(9, 8), "values": rows(7)}, {"deals": StreamState(max_id=9), "values": StreamState(max_id=7)}
    )
    assert summary(outputs_of(Started(BOTH), Stepped(BOTH, step))) == [
        ("STARTED", "deals"),
        ("STARTED", "values"),
        ("RUNNING", "deals"),
        ("RECORD", "deals", {"ID": 9}),
        ("RECORD", "deals", {"ID": 8}),
        ("RUNNING", "values"),
        ("RECORD", "values", {"ID": 7}),
        ("STATE", "deals", {"of": "deals", "max_id": 9}, 2.0),
        ("STATE", "values", {"of": "values", "max_id": 7}, 1.0),
    ]


def test_a_state_counts_the_records_since_the_one_before() -> None:
    state = {"deals": StreamState(max_id=9)}
    steps = (
        Step({"deals": rows(*range(250))}),
        Step({"deals": rows(1)}, state),
        Step({}, state),
        Step({"deals": rows(2)}, state),
    )
    counts = [line[3] for line in summary(outputs_of(*(Stepped(DEALS, step) for step in steps))) if line[0] == "STATE"]
    assert counts == [251.0, 0.0, 1.0]


def test_rows_are_taken_as_they_are_written() -> None:
    taken: list[int] = []

    def lazily() -> Iterator[Row]:
        for number in range(300):
            taken.append(number)
            yield {"ID": number}

    outputs = writer().outputs([Stepped(DEALS, Step({"deals": lazily()}))])
    records = (output for output in outputs if output.type is Type.RECORD)
    next(records)
    assert len(taken) <= 100


def test_outputs_have_the_type_of_their_lines() -> None:
    step = Step({"deals": rows(9)}, {"deals": StreamState()})
    types = [output.type for output in outputs_of(Started(DEALS), Stepped(DEALS, step), Ended(DEALS))]
    assert types == [None, None, Type.RECORD, Type.STATE, None]


def test_every_output_consists_of_whole_lines_of_json() -> None:
    for output in outputs_of(Started(DEALS), Stepped(DEALS, Step({"deals": rows(9, 8)})), Ended(DEALS)):
        assert output.lines.endswith(b"\n")
        assert all(orjson.loads(line) for line in output.lines.splitlines())


def test_a_stream_that_waits_for_operating_time_says_once_that_it_is_rate_limited() -> None:
    steps = [Stepped(DEALS, Step(not_before=end)) for end in (60.0, 60.5, 59.0, 120.0)]
    assert summary(outputs_of(*steps)) == [("RUNNING", "deals", "RATE_LIMITED")] * 2


def failed(*events: Event) -> tuple[list[Output], AirbyteTracedException]:
    outputs: list[Output] = []
    with pytest.raises(AirbyteTracedException) as caught:
        outputs.extend(writer().outputs(events))
    return outputs, caught.value


def test_a_job_that_fails_ends_its_streams_and_the_read_fails_after_all_others_are_through() -> None:
    leads = NoJob(("leads",))
    outputs, failure = failed(
        Started(BOTH),
        Ended(BOTH, Unreachable("batch", "no connection")),
        Started(leads),
        Stepped(leads, Step({"leads": rows(1)}, {"leads": StreamState()})),
        Ended(leads),
    )
    assert summary(outputs)[2:] == [
        ("INCOMPLETE", "deals"),
        ("ERROR", "deals"),
        ("INCOMPLETE", "values"),
        ("ERROR", "values"),
        ("STARTED", "leads"),
        ("RUNNING", "leads"),
        ("RECORD", "leads", {"ID": 1}),
        ("STATE", "leads", {"of": "leads", "max_id": None}, 1.0),
        ("COMPLETE", "leads"),
    ]
    assert failure.failure_type == FailureType.transient_error
    assert str(failure.message).startswith("These streams failed: deals, values.")


def test_a_stream_that_fails_alone_is_not_complete_while_the_others_of_its_job_are() -> None:
    outputs, failure = failed(
        Stepped(BOTH, Step(failures={"values": BadWebhook("crm.deal.fields", "revoked")})),
        Stepped(BOTH, Step({"deals": rows(1)})),
        Ended(BOTH),
    )
    assert summary(outputs) == [
        ("INCOMPLETE", "values"),
        ("ERROR", "values"),
        ("RUNNING", "deals"),
        ("RECORD", "deals", {"ID": 1}),
        ("COMPLETE", "deals"),
    ]
    assert failure.failure_type == FailureType.config_error


def test_a_stream_fails_once() -> None:
    problem = BadWebhook("crm.deal.fields", "revoked")
    outputs, _ = failed(Stepped(BOTH, Step(failures={"values": problem})), Ended(BOTH, problem))
    assert [line for line in summary(outputs) if line[0] == "ERROR"] == [("ERROR", "values"), ("ERROR", "deals")]


def test_a_defect_is_in_the_log_with_its_stack_trace(caplog: pytest.LogCaptureFixture) -> None:
    _, failure = failed(Ended(DEALS, ZeroDivisionError("division by zero")))
    assert failure.failure_type == FailureType.system_error
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)


def test_a_stream_that_failed_before_any_job_makes_the_read_fail() -> None:
    one = writer()
    outputs = list(one.failed("deals", config_failure(ConfigProblem("The saved state cannot be used."))))
    assert summary(outputs) == [("INCOMPLETE", "deals"), ("ERROR", "deals")]
    with pytest.raises(AirbyteTracedException, match="These streams failed: deals"):
        list(one.outputs([]))
