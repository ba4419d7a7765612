"""Streams take turns: while one waits for the portal's operating time, which is counted per method, others go on."""

from collections.abc import Callable, Iterator, Mapping

from airbyte_cdk.models import AirbyteMessage, AirbyteStreamStatusReasonType, FailureType, Type
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from .failures import streams_failure
from .portal.clock import Clock

_MOST_BEGUN = 3  # streams at once: each keeps the answers that it has asked for


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
