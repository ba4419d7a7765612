"""From steps to lines of the Airbyte protocol: the only place that writes RECORD and STATE lines.

A STATE line comes after all rows of its step, so it never claims a row that is not out.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteMessageSerializer,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateStats,
    AirbyteStateType,
    AirbyteStreamState,
    AirbyteStreamStatus,
    AirbyteStreamStatusReason,
    AirbyteStreamStatusReasonType,
    FailureType,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from ..catalog.record import Record, json_of
from ..portal.clock import epoch_milliseconds
from ..portal.errors import PortalError
from ..portal.keyset import Row
from ..sync.scheduler import Ended, Event, Started
from ..sync.state import StreamState
from ..sync.step import Step
from .failures import failure_of, streams_failure
from .links import LinkMask

log = logging.getLogger("airbyte.bitrix24")

_SAME_WAIT = 5.0  # seconds: a wait whose end moves by less than this gets no second RATE_LIMITED status
_BLOCK_ROWS = 100  # records written at once


@dataclass(frozen=True, slots=True)
class Output:
    """Whole lines for stdout. `type`: RECORD or STATE if the lines are such; all other messages are alike."""

    lines: bytes
    type: Type | None = None


def record_lines(stream: str, rows: Sequence[Row | Record], emitted_at: int) -> bytes:
    """Return the RECORD lines of records without nulls: the same bytes that the CDK prints for each, without its objects."""
    head = b'{"type":"RECORD","record":{"stream":' + orjson.dumps(stream) + b',"data":'
    tail = b',"emitted_at":%d}}\n' % emitted_at
    lines = map(json_of, rows)
    return head + (tail + head).join(lines) + tail


def state_message(stream: str, state: dict[str, Any], records: float = 0.0) -> AirbyteMessage:
    """Return the STATE message of a stream; `records`: how many came since the one before."""
    descriptor = StreamDescriptor(name=stream)
    stream_state = AirbyteStreamState(stream_descriptor=descriptor, stream_state=AirbyteStateBlob(state))
    stats = AirbyteStateStats(recordCount=records)
    message = AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=stream_state, sourceStats=stats)
    return AirbyteMessage(type=Type.STATE, state=message)


def output_of(message: AirbyteMessage) -> Output:
    """Return a message as a line."""
    line = AirbyteEntrypoint.airbyte_message_to_string(message).encode() + b"\n"
    return Output(line, message.type if message.type is Type.STATE else None)


def parsed(outputs: Iterable[Output]) -> Iterator[AirbyteMessage]:
    """Return lines as messages, for callers of the source that want objects."""
    for output in outputs:
        for line in output.lines.splitlines():
            yield AirbyteMessageSerializer.load(orjson.loads(line))


class MessageWriter:
    """Turns the events of a sync into lines. `dump`: writes the state of a stream as JSON; `links`: masks RECORD lines."""

    def __init__(self, dump: Callable[[str, StreamState], dict[str, Any]], links: LinkMask) -> None:
        self._dump = dump
        self._links = links
        self._totals: Counter[str] = Counter()
        self._since_state: Counter[str] = Counter()
        self._running: set[str] = set()
        self._limited_until: dict[Sequence[str], float] = {}
        self._failures: dict[str, FailureType] = {}

    def outputs(self, events: Iterable[Event]) -> Iterator[Output]:
        """Yield the lines of all events. Raises the platform's exception at the end if any stream failed."""
        for event in events:
            streams = event.job.streams
            if isinstance(event, Started):
                yield from self._statuses(streams, AirbyteStreamStatus.STARTED)
            elif not isinstance(event, Ended):
                yield from self._step(event.step, streams)
            elif event.error:
                if not isinstance(event.error, PortalError):
                    log.error("A defect of the connector", exc_info=event.error)
                for stream in streams:
                    yield from self.failed(stream, failure_of(event.error))
            else:
                yield from self._completed(streams)
        if self._failures:
            raise streams_failure(self._failures)

    def failed(self, stream: str, failure: AirbyteTracedException) -> Iterator[Output]:
        """Yield the lines for a stream that failed, once."""
        if stream in self._failures:
            return
        self._failures[stream] = failure.failure_type
        log.error("Reading %s failed", stream)
        yield from self._statuses([stream], AirbyteStreamStatus.INCOMPLETE)
        yield output_of(failure.as_sanitized_airbyte_message(stream_descriptor=StreamDescriptor(name=stream)))

    def _step(self, step: Step, streams: Sequence[str]) -> Iterator[Output]:
        for stream, error in step.failures.items():
            yield from self.failed(stream, failure_of(error))
        for stream, rows in step.rows.items():
            yield from self._records(stream, rows)
        for stream, state in step.states.items():
            message = state_message(stream, self._dump(stream, state), float(self._since_state.pop(stream, 0)))
            yield output_of(message)
        if step.not_before > self._limited_until.get(streams, 0.0) + _SAME_WAIT:
            self._limited_until[streams] = step.not_before
            limited = [AirbyteStreamStatusReason(type=AirbyteStreamStatusReasonType.RATE_LIMITED)]
            yield from self._statuses(streams, AirbyteStreamStatus.RUNNING, limited)

    def _records(self, stream: str, rows: Iterable[Row | Record]) -> Iterator[Output]:
        rows = iter(rows)
        while block := list(islice(rows, _BLOCK_ROWS)):
            if stream not in self._running:
                self._running.add(stream)
                yield from self._statuses([stream], AirbyteStreamStatus.RUNNING)
            self._totals[stream] += len(block)
            self._since_state[stream] += len(block)
            yield Output(self._links.lines(record_lines(stream, block, epoch_milliseconds())), Type.RECORD)

    def _completed(self, streams: Sequence[str]) -> Iterator[Output]:
        for stream in streams:
            if stream not in self._failures:
                log.info("Read %d records from %s", self._totals[stream], stream)
                yield from self._statuses([stream], AirbyteStreamStatus.COMPLETE)

    def _statuses(
        self,
        streams: Sequence[str],
        status: AirbyteStreamStatus,
        reasons: list[AirbyteStreamStatusReason] | None = None,
    ) -> Iterator[Output]:
        for stream in streams:
            yield output_of(as_airbyte_message(StreamDescriptor(name=stream), status, reasons))
