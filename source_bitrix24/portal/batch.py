"""The `batch` method: up to 50 commands in one request. Encoding and decoding only, nothing is sent here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from urllib.parse import quote

from .errors import PortalError, PortalFailed, error_from_code
from .limits import Usage
from .partial_json import BatchParts, Raw, decode

MOST_COMMANDS = 50  # P1.1
_ABOUT_FULL = 0.5  # of the largest answer


@dataclass(frozen=True, slots=True)
class Command:
    """One method with its parameters: nested mappings and lists of plain values."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def encoded(self) -> str:
        """`method?query`, percent-encoded once, the way PHP reads a query (P1.4)."""
        return self.method + "?" + "&".join(_php_query("", self.params))


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one command: a raw result or an error, never neither. `more`: the portal has further pages."""

    raw: Raw | None = None
    error: PortalError | None = None
    total: int | None = None
    more: bool = False

    @property
    def result(self) -> Any:
        """The result; it is decoded again at each use."""
        return decode(self.raw)


@dataclass(frozen=True, slots=True)
class MethodTimes:
    """What the times of one reply say about a method.

    `pages`: how many of its answers are about as large as the largest; `page_seconds`: the server's seconds for these.
    """

    usage: Usage
    pages: int = 0
    page_seconds: float = 0.0


def encode_batch(commands: Mapping[str, Command]) -> dict[str, Any]:
    """The parameters of `batch`. Keys must not be numeric, since PHP would turn such maps into lists (P1.11)."""
    return {"halt": 0, "cmd": {key: command.encoded() for key, command in commands.items()}}


def decode_batch(commands: Mapping[str, Command], parts: BatchParts) -> dict[str, Answer]:
    """Sort the parts of a batch's result by command; the results themselves stay raw.

    A command without an answer gets the error PortalFailed (P1.3, P1.9).
    """
    results = parts.results
    errors, totals, nexts = (
        _as_map(decode(part)) for part in (parts.result_error, parts.result_total, parts.result_next)
    )
    return {
        key: _answer(command.method, results.get(key), errors.get(key), totals.get(key), nexts.get(key))
        for key, command in commands.items()
    }


def command_seconds(parts: BatchParts) -> dict[str, float]:
    """Return the server's seconds for each command that says them (P7.3)."""
    durations = {
        key: as_float(_as_map(time).get("duration")) for key, time in _as_map(decode(parts.result_time)).items()
    }
    return {key: seconds for key, seconds in durations.items() if seconds}


def method_times(commands: Mapping[str, Command], parts: BatchParts, portal_now: float | None) -> list[MethodTimes]:
    """Return what `result_time` says about each method. `portal_now`: the portal's clock, epoch seconds."""
    times, results = _as_map(decode(parts.result_time)), parts.results
    by_method: dict[str, list[tuple[Mapping[str, Any], int]]] = {}
    for key, command in commands.items():
        size = memoryview(results[key]).nbytes if key in results else 0
        by_method.setdefault(command.method, []).append((_as_map(times.get(key)), size))
    return [_method_times(method, answers, portal_now) for method, answers in by_method.items()]


def usage_from_times(account: str, times: list[Mapping[str, Any]], portal_now: float | None) -> Usage:
    """Add up the `time` blocks of one request's calls. All their keys are optional (P7.3)."""
    operating = [value for value in (as_float(time.get("operating")) for time in times) if value is not None]
    resets = [value for value in (as_float(time.get("operating_reset_at")) for time in times) if value is not None]
    return Usage(
        account,
        commands=len(times),
        seconds=sum(as_float(time.get("duration")) or 0.0 for time in times),
        operating=max(operating, default=None),
        reset_in=max(0.0, max(resets) - portal_now) if resets and portal_now is not None else None,
    )


def _method_times(
    method: str, answers: Sequence[tuple[Mapping[str, Any], int]], portal_now: float | None
) -> MethodTimes:
    usage = usage_from_times(method, [time for time, _ in answers], portal_now)
    timed = [(as_float(time.get("duration")), size) for time, size in answers if size]
    largest = max((size for seconds, size in timed if seconds is not None), default=0)
    full = [seconds for seconds, size in timed if seconds is not None and size > _ABOUT_FULL * largest]
    return MethodTimes(usage, len(full), sum(full))


def as_float(value: object) -> float | None:
    """Parse a number that the portal sends as a number, as text, or not at all; infinity and NaN are none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _answer(method: str, raw: Raw | None, error: Any, total: Any, more: Any) -> Answer:
    if error is not None:
        parts = _as_map(error)
        return Answer(error=error_from_code(method, parts.get("error", ""), str(parts.get("error_description", ""))))
    if raw is None:
        return Answer(error=PortalFailed(method, "the batch holds no answer for it"))
    count = as_float(total)
    return Answer(raw, total=None if count is None else int(count), more=more is not None)


def _as_map(part: Any) -> dict[str, Any]:
    """PHP sends an empty map as []."""
    return part if isinstance(part, dict) else {}


def _php_query(prefix: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _php_query(f"{prefix}[{key}]" if prefix else key, item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _php_query(f"{prefix}[]", item)
    else:
        yield f"{quote(prefix, safe='')}={quote(str(value), safe='')}"
