"""Streams take turns: while one waits for the portal's operating time, which is counted per method, others go on.

While it is one's turn, the next ones can send their first requests: what they bring is there when it is theirs.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStreamStatusReasonType,
    FailureType,
    Type,
)
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from .failures import streams_failure
from .portal.clock import Clock
from .streams.base import TableStream

_MOST_BEGUN = 3  # streams at once: each keeps the answers that it has asked for


class Upcoming:
    """The streams whose turn is yet to come, in order."""

    def __init__(self, streams: Iterable[TableStream[Any]], states: ConnectorStateManager, width: int) -> None:
        self._streams = [stream for stream in streams if stream.listing]
        self._not_begun = deque(self._streams)
        self._states = states
        self._width = width

    def __bool__(self) -> bool:
        return not all(stream.is_being_read for stream in self._streams)

    def begin(self, under_way: int) -> None:
        """Let as many begin as there is room for beside the requests under way."""
        begun = sum(stream.has_begun for stream in self._streams)
        while self._not_begun and under_way + begun < self._width:
            stream = self._not_begun.popleft()
            if not stream.is_being_read:
                self._begin(stream)
                begun += stream.has_begun

    def _begin(self, stream: TableStream[Any]) -> None:
        with suppress(AirbyteTracedException):  # a state that cannot be used: the stream says so when it is its turn
            stream.state = self._states.get_stream_state(stream.name, None)
            stream.begin()


def take_turns(
    reads: Mapping[str, Iterator[AirbyteMessage]], ready_at: Callable[[str], float], clock: Clock
) -> Iterator[AirbyteMessage]:
    """The messages of several streams' reads, each read in its own order, the first ones first.

    A read that says RATE_LIMITED gives its turn away until the clock's time `ready_at`; the reads behind it hand the turn
    back after a STATE. Raises one exception at the end if any read failed.
    """
    left = list(reads)
    failures: dict[str, FailureType] = {}
    while left:
        name = _whose_turn(left[:_MOST_BEGUN], ready_at, clock)
        try:
            for message in reads[name]:
                yield message
                if message.type is Type.RECORD:
                    continue
                _note_failure(message, failures)
                if _is_rate_limited(message):
                    break
                if message.type == Type.STATE and name != _whose_turn(left[:_MOST_BEGUN], ready_at, clock):
                    break
            else:
                left.remove(name)
        except AirbyteTracedException as failure:
            failures.setdefault(name, failure.failure_type)
            left.remove(name)
    if failures:
        raise streams_failure(failures)


def _whose_turn(names: list[str], ready_at: Callable[[str], float], clock: Clock) -> str:
    now = clock.monotonic()
    ready = (name for name in names if ready_at(name) <= now)
    return next(ready, None) or min(names, key=ready_at)


def _note_failure(message: AirbyteMessage, failures: dict[str, FailureType]) -> None:
    error = message.trace.error if message.trace else None
    if error and error.stream_descriptor:
        failures[error.stream_descriptor.name] = error.failure_type or FailureType.system_error


def _is_rate_limited(message: AirbyteMessage) -> bool:
    status = message.trace.stream_status if message.trace else None
    reasons = status.reasons if status else None
    return any(reason.type == AirbyteStreamStatusReasonType.RATE_LIMITED for reason in reasons or ())
