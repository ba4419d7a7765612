"""Masks what opens a link, such as `auth=…`: the codes that a portal puts into links to files (P11.6).

Records are masked as they are printed, so that no table and no column is left out. A code may be spelled in many ways, since
a link can be a parameter of another link, or part of a text that is JSON or HTML.
"""

import json
import re
from typing import Any

import orjson

_HIDDEN = rb"\g<1>****"
_NAMES = ("auth", "token", "sessid", "sign", "signature", "secret", "password")
_AROUND_WORDS = (b'"', b" ")
_ENDS = rb"""&#\s"'<>\\\]"""
_VALUE = rb"(?:[^" + _ENDS + rb"]|\\+/|\\+u00(?!2[0-3267]|3[cCeE])[0-9a-fA-F]{2})+"
# in a link that is a parameter of another one, a percent-encoded delimiter ends the value
_ENCODED_VALUE = rb"(?:(?!%(?:25)*(?:2[0236]|3[ce]))[^" + _ENDS + rb"])+"
_CODE = rb"(?:(?!%(?:25)*(?:2f|3f|26))[^/?" + _ENDS + rb"])+"

# each begins with one letter, which is searched for at the speed of memory
_PLAIN = re.compile(
    rb"(=(?:(?<=token=)|" + b"|".join(b"(?<=[^a-z]%s=)" % name.encode() for name in _NAMES) + rb"))" + _VALUE, re.DOTALL
)
_IN_PATH = re.compile(rb"(/(?:(?=rest/\d)rest/\d+/|(?=docs/pub/)docs/pub/|(?:auth|token)/(?=[^./]{8})))" + _CODE)
_MAY_BE_SPELLED = re.compile(rb"%(?:25)*(?:[4-7][0-9A-Fa-f]|3[BbDdFf]|2[6Ff])")
_MAY_BE_ESCAPED = re.compile(rb"\\(?=\\*(?:u00[2-7]|/))")


def _spelled(word: str) -> bytes:
    return b"".join(b"(?:%s|%%(?:25)*%02x|\\\\+u00%02x)" % (re.escape(c).encode(), ord(c), ord(c)) for c in word)


_BEFORE = rb"(?:(?<![a-z])|(?<=3f)|(?<=2f)|(?<=3b))"
_NAME = rb"(?:" + _spelled("token") + rb"|" + _BEFORE + rb"(?:" + b"|".join(map(_spelled, _NAMES)) + rb"))"
_SPELLED = re.compile(_NAME.join((b"(", rb"(?:=|\\+u003d))")) + _VALUE, re.IGNORECASE)
_ENCODED = re.compile(_NAME.join((b"(", rb"%(?:25)*3d)")) + _ENCODED_VALUE, re.IGNORECASE)
_SLASH = rb"(?:\\*/|%(?:25)*2f|\\+u002f)"
_DIGITS = rb"(?:\d|%(?:25)*3\d|\\+u003\d)+"
_SPELLED_CODE = (
    rb"(?:(?!" + _SLASH + rb"|(?:%(?:25)*|\\+u00)(?:3[cef]|2[02367]))(?:[^/?" + _ENDS + rb"]|\\+u00[0-9a-f]{2}))"
)
_SPELLED_PATH = re.compile(
    b"(" + _SLASH + b"(?:" + _spelled("rest") + _SLASH + _DIGITS + b"|" + _spelled("docs") + _SLASH + _spelled("pub")
    + b"|(?:" + _spelled("auth") + b"|" + _spelled("token") + b")(?=" + _SLASH + _SPELLED_CODE + b"{8})"
    + b")" + _SLASH + b")" + _SPELLED_CODE + b"+",
    re.IGNORECASE,
)  # fmt: skip


def mask_links(lines: bytes) -> bytes:
    """Return lines of JSON in which no link holds a code that opens it."""
    lines = _IN_PATH.sub(_HIDDEN, _PLAIN.sub(_HIDDEN, lines))
    for trigger in (_MAY_BE_SPELLED, _MAY_BE_ESCAPED):
        if found := trigger.search(lines):
            lines = _mask_words(lines, trigger, found)
    return lines


def _mask_words(lines: bytes, trigger: re.Pattern[bytes], found: re.Match[bytes] | None) -> bytes:
    """Mask the words that hold what `trigger` finds; only these are searched for codes in all their spellings."""
    parts, end = [], 0
    while found:
        start = max(end, 1 + max(lines.rfind(mark, end, found.start()) for mark in _AROUND_WORDS))
        parts.append(lines[end:start])
        ends = [place for mark in _AROUND_WORDS if (place := lines.find(mark, found.end())) >= 0]
        end = min(ends, default=len(lines))
        word = lines[start:end]
        for pattern in (_SPELLED, _ENCODED, _SPELLED_PATH):
            word = pattern.sub(_HIDDEN, word)
        parts.append(word)
        found = trigger.search(lines, end)
    return b"".join(parts) + lines[end:]


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which no link holds a code that opens it."""
    line = _json(row)
    found = mask_links(line)
    return row if found == line else dict(json.loads(found))


def _json(row: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(row)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(row).encode()
