"""The bytes a portal answers with, and what they say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from .batch import as_float
from .errors import OperatingTimeUsedUp, PortalFailed, error_from_code

_TOO_LONG_AT_WORK = 429  # P7.5: its body can be HTML


@dataclass(frozen=True, slots=True)
class Reply:
    """The bytes a portal answered with, and where it redirects to, if it does."""

    status: int
    body: bytes
    location: str | None = None


@dataclass(frozen=True, slots=True)
class GoodAnswer:
    """The parts of an answer that brought a result. `took`: the seconds it took as seen from here; `size` in bytes."""

    result: Any
    time: Mapping[str, Any]
    took: float
    size: int

    @property
    def seconds(self) -> float:
        """The seconds the server worked on it."""
        return as_float(self.time.get("duration")) or self.took

    @property
    def portal_now(self) -> float | None:
        """The portal's clock at the end, epoch seconds; None if it does not tell."""
        return as_float(self.time.get("finish"))


def good_answer(method: str, reply: Reply, took: float) -> GoodAnswer:
    """Decode a reply. Raises the error it stands for."""
    answer = _decode(method, reply)
    if "error" in answer:
        text = str(answer.get("error_description", ""))
        raise error_from_code(method, answer["error"], text, reply.status)
    if "result" not in answer:
        raise PortalFailed(method, f"HTTP {reply.status} without a result")
    time = answer.get("time")
    return GoodAnswer(answer["result"], time if isinstance(time, dict) else {}, took, len(reply.body))


def _decode(method: str, reply: Reply) -> dict[str, Any]:
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        answer = _decode_leniently(method, reply)
    if not isinstance(answer, dict):
        raise PortalFailed(method, f"HTTP {reply.status} with JSON that is no object")
    return answer


def _decode_leniently(method: str, reply: Reply) -> Any:
    """JSON with halves of surrogate pairs, which PHP sends and orjson rejects; they become question marks."""
    try:
        text = json.dumps(json.loads(reply.body), ensure_ascii=False)
    except (ValueError, RecursionError):
        if reply.status == _TOO_LONG_AT_WORK:
            raise OperatingTimeUsedUp(method, "HTTP 429") from None
        kind = "an empty body" if not reply.body.strip() else "a body that is no JSON"
        raise PortalFailed(method, f"HTTP {reply.status} with {kind}") from None
    return json.loads(text.encode("utf-8", "replace"))


def portal_time(text: object) -> datetime | None:
    """A reading of the portal's clock, with its offset; None if this is none."""
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return told if told.tzinfo else None
