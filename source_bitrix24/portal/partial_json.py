"""Decode JSON part by part: an answer of megabytes is cut into the raw values of its maps, which are decoded when needed.

A page that is decoded just before its rows are written stays in the processor's cache and out of memory: a third less CPU
time than decoding a whole answer at once.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from .errors import PortalFailed
from .exact import json_number
from .oddities import Oddities

T = TypeVar("T")
Raw = bytes | msgspec.Raw
_Parts = dict[str, msgspec.Raw]
_EMPTY = msgspec.Raw(b"[]")
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_NO_NUMBER = re.compile(rb'"(?:[^"\\]|\\.)*"|(-?\b(?:inf|infinity|nan)\b)', re.DOTALL | re.IGNORECASE)
_ESCAPE = re.compile(rb"\\(?:" + _HIGH + rb"\\" + _LOW + rb"|(" + _HIGH + rb"|" + _LOW + rb")|.)", re.DOTALL)


class BatchParts(msgspec.Struct, frozen=True):
    """The parts of a batch's result, by command; undecoded."""

    result: _Parts | list[msgspec.Raw] = {}
    result_error: msgspec.Raw = _EMPTY
    result_total: msgspec.Raw = _EMPTY
    result_next: msgspec.Raw = _EMPTY
    result_time: msgspec.Raw = _EMPTY

    @property
    def results(self) -> Mapping[str, Raw]:
        """The results by command. PHP sends an empty map as [] (P1.11)."""
        return self.result if isinstance(self.result, dict) else {}


class BatchReply(msgspec.Struct, frozen=True):
    """The reply to a batch."""

    result: BatchParts
    time: msgspec.Raw = _EMPTY
    error: msgspec.Raw | None = None


_decode = msgspec.json.Decoder(float_hook=json_number).decode
_split = msgspec.json.Decoder(_Parts).decode
_split_batch = msgspec.json.Decoder(BatchReply).decode


def split_batch(raw: Raw) -> BatchReply | None:
    """Cut the reply to a batch in one pass; None if it is not exactly that."""
    try:
        reply = _leniently(_split_batch, raw)
    except (ValueError, RecursionError):
        return None
    return reply if reply.error is None else None


def split_map(raw: Raw | None) -> Mapping[str, Raw]:
    """Return the raw values of a JSON map by key; none for another value. PHP sends an empty map as [] (P1.11).

    Raises ValueError if this is no JSON at all.
    """
    if raw is None:
        return {}
    try:
        return _leniently(_split, raw)
    except msgspec.ValidationError:
        return {}
    except RecursionError as error:
        raise ValueError(str(error)) from None


def _leniently(split: Callable[[Raw], T], raw: Raw) -> T:
    """Split JSON, also if a text in it is not valid: the part that holds it is repaired when it is decoded.

    Raises ValueError.
    """
    try:
        return split(raw)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return split(_ESCAPE.sub(_without_surrogate, bytes(memoryview(raw))))
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return split(repaired(raw))


def _without_surrogate(escape: re.Match[bytes]) -> bytes:
    """Return a byte that is no UTF-8 for half of a surrogate pair, which `split` would refuse; other escapes as they are."""
    return b"\xff" if escape[1] else escape[0]


def decode(raw: Raw | None, odd: Oddities | None = None) -> Any:
    """Return the decoded value; None for a missing one. Raises PortalFailed if this is no JSON.

    `odd`: counts the texts that had to be repaired.
    """
    if raw is None:
        return None
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        value, texts = _repair(raw)
    except ValueError:
        raise PortalFailed("", "a part of the answer is no JSON") from None
    if odd:
        odd.texts += texts
    return value


def repaired(raw: Raw) -> bytes:
    """Return JSON whose texts are valid. Raises ValueError if this is no JSON."""
    return json.dumps(_repair(raw)[0], ensure_ascii=False).encode()


def _repair(raw: Raw) -> tuple[Any, int]:
    """Return the value of JSON whose texts are not valid, and how many are not. Raises ValueError if this is no JSON.

    What is no UTF-8, and lone surrogates, which PHP sends, become question marks.
    """
    count = 0

    def mended(value: Any) -> Any:
        nonlocal count
        if isinstance(value, str):
            if value.isascii():
                return value
            mended_text = value.encode("utf-8", "replace").decode()
            count += mended_text != value
            return mended_text
        if isinstance(value, list):
            return [mended(item) for item in value]
        if isinstance(value, dict):
            return {mended(key): mended(item) for key, item in value.items()}
        return value

    try:
        # bytes that are no UTF-8 become lone surrogates too
        text = _NO_NUMBER.sub(_quoted, bytes(memoryview(raw))).decode("utf-8", "surrogateescape")
        value = json.loads(text, strict=False, parse_float=json_number)
        return mended(value), count
    except RecursionError as error:
        raise ValueError(str(error)) from None


def _quoted(word: re.Match[bytes]) -> bytes:
    return b'"' + word[1] + b'"' if word[1] else word[0]


def entries_of(value: Any) -> list[Any] | None:
    """Return the entries of a list, which PHP sends as a map by their places if it has holes (P1.11); None if it is none."""
    if isinstance(value, dict):
        return list(value.values()) if value and all(map(str.isdecimal, value)) else None
    return value if isinstance(value, list) else None


def rows_of_list(value: Any, odd: Oddities) -> list[dict[str, Any]] | None:
    """Return the rows of a list without the entries that are none, which are counted; None if it is no list."""
    entries = entries_of(value)
    if entries is None:
        return None
    rows = [entry for entry in entries if isinstance(entry, dict) and entry]
    odd.rows += len(entries) - len(rows)
    return rows
