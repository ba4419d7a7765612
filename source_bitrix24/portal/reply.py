"""From the bytes of a reply to its result, or to the error it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .batch import as_float
from .errors import PortalFailed, error_from_code
from .front_end import PROXY_LOGIN, error_from_page
from .partial_json import BatchParts, Raw, decode, split_batch, split_map


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the wire. `location`: the target of a redirect."""

    status: int
    body: bytes
    location: str | None = None


@dataclass(frozen=True, slots=True)
class DecodedReply:
    """A reply that holds a result, which is still raw. `took`: the seconds measured here; `size` in bytes."""

    raw: Raw | BatchParts
    time: Mapping[str, Any]
    took: float
    size: int

    @property
    def result(self) -> Any:
        """The result of a single call; it is decoded again at each use."""
        assert not isinstance(self.raw, BatchParts)
        return decode(self.raw)

    @property
    def batch(self) -> BatchParts:
        """The result of a batch. Raises PortalFailed if it is none."""
        if not isinstance(self.raw, BatchParts):
            raise PortalFailed("batch", "the result is no map")
        return self.raw

    @property
    def seconds(self) -> float:
        """The server's own seconds; those measured here where it does not say."""
        return as_float(self.time.get("duration")) or self.took

    @property
    def portal_now(self) -> float | None:
        """The portal's clock at the end, epoch seconds; None if it does not say."""
        return as_float(self.time.get("finish"))


def decode_reply(method: str, reply: Reply, took: float) -> DecodedReply:
    """Decode a reply. Raises the PortalError that it stands for."""
    size = len(reply.body)
    batch = split_batch(reply.body) if method == "batch" else None
    if batch:
        return DecodedReply(batch.result, _time(batch.time), took, size)
    parts = _parts(method, reply)
    if "error" in parts and reply.status != PROXY_LOGIN:
        text = str(decode(parts.get("error_description", b'""')))
        raise error_from_code(method, decode(parts["error"]), text, reply.status)
    if "result" not in parts:
        raise error_from_page(method, reply.status, reply.body, f"HTTP {reply.status} without a result")
    return DecodedReply(parts["result"], _time(parts.get("time")), took, size)


def _time(raw: Raw | None) -> Mapping[str, Any]:
    time = decode(raw)
    return time if isinstance(time, dict) else {}


def _parts(method: str, reply: Reply) -> Mapping[str, Raw]:
    try:
        parts = split_map(reply.body)
    except ValueError:
        kind = "an empty body" if not reply.body.strip() else "a body that is no JSON"
    else:
        if reply.body.lstrip().startswith(b"{"):
            return parts
        kind = "JSON that is no object"
    raise error_from_page(method, reply.status, reply.body, f"HTTP {reply.status} with {kind}") from None


def portal_time(text: object) -> datetime | None:
    """Parse a time of the portal's clock, with its offset; None if `text` is none."""
    try:
        parsed = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else None
