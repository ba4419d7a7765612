"""Masks what opens a link to the portal or to a file without signing in (P11.6).

Records are masked as they are printed, so that no table and no column is left out. Codes are looked for in a link's words:

- A link leads to the portal if it has the portal's name, no name at all, a name of Bitrix24's cloud, or a path of Bitrix24's
  programs, as links to a portal's former name have. All its codes are masked.
- A link in a file's map is masked wherever it leads.
- The code of a webhook (`/rest/1/…`) or of a public link (`/docs/pub/…`) is masked in any text.
- Any other text, such as a customer's `https://example.com/?token=abc`, stays whole.

A code may be spelled in many ways, since a link can be a parameter of another link, or part of a text that is JSON or HTML.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from ..catalog.record import Record, json_of

_HIDDEN = rb"\g<1>****"
_NAMES = ("auth", "auth_id", "token", "sessid", "sign", "signature", "secret", "password", "hash")
_AROUND_WORDS = (b'"', b" ", b"<", b">")
_ENDS = rb"""&#\s"'<>\\\]"""
_VALUE = rb"(?:[^" + _ENDS + rb"]|\\+/|\\+u00(?!2[0-3267]|3[cCeE])[0-9a-fA-F]{2})+"
# in a link that is a parameter of another one, a percent-encoded delimiter ends the value
_ENCODED_VALUE = rb"(?:(?!%(?:25)*(?:2[0236]|3[ce]))[^" + _ENDS + rb"])+"

# Each of the patterns for whole blocks begins with one letter and is searched for once, since each search costs a percent.
_PARAMETER = re.compile(
    rb"(=(?:(?<=token=)|" + b"|".join(b"(?<=[^a-z]%s=)" % name.encode() for name in _NAMES) + rb"))" + _VALUE,
    re.IGNORECASE,
)
_IN_PATH = re.compile(rb"(/(?:rest\\*/\d+|docs\\*/pub)\\*/)(?=[A-Za-z]*\d)[A-Za-z0-9]{10,}")
_PATH = re.compile(rb"(/(?:rest/\d+|docs/pub)/)[^/?" + _ENDS + rb"]+")
_ENCODED_LETTER = re.compile(rb"%(?:25)*(?:[46][1-9A-Fa-f]|[57][0-9Aa]|3[BbDdFf]|2[6Ff])")
_ESCAPED_LETTER = re.compile(rb"\\\\+u00[2-7]")


def _spelled(word: str) -> bytes:
    return b"".join(
        b"(?:%s|(?:%%(?:25)*|\\\\+u00)(?:%02x|%02x))" % (re.escape(c).encode(), ord(c), ord(c.upper())) for c in word
    )


_BEFORE = rb"(?:(?<![a-z])|(?<=3f)|(?<=2f)|(?<=3b))"
_NAME = rb"(?:" + _spelled("token") + rb"|" + _BEFORE + rb"(?:" + b"|".join(map(_spelled, _NAMES)) + rb"))"
_SPELLED = re.compile(_NAME.join((b"(", rb"(?:=|\\+u003d))")) + _VALUE, re.IGNORECASE)
_ENCODED = re.compile(_NAME.join((b"(", rb"%(?:25)*3d)")) + _ENCODED_VALUE, re.IGNORECASE)
_SLASH = rb"(?:\\*/|%(?:25)*2f|\\+u002f)"
_DIGITS = rb"(?:\d|%(?:25)*3\d|\\+u003\d)+"
_CODE = rb"(?:(?!" + _SLASH + rb"|(?:%(?:25)*|\\+u00)(?:3[cef]|2[02367]))(?:[^/?" + _ENDS + rb"]|\\+u00[0-9a-f]{2}))"
_SPELLED_PATH = re.compile(
    b"(" + _SLASH + b"(?:" + _spelled("rest") + _SLASH + _DIGITS + b"|" + _spelled("docs") + _SLASH + _spelled("pub")
    + b")" + _SLASH + b")" + _CODE + b"+",
    re.IGNORECASE,
)  # fmt: skip

_ESCAPE = re.compile(rb"\\+(?:u00([0-9a-fA-F]{2})|([nrt])|(?=/))")
_OF_FILE = re.compile(
    rb'(?:"|[a-z])[uU]rl(?:Machine)?\\*": ?\\*"$|(?:DOWNLOAD|DETAIL|SHOW|FILE|RECORD)_URL\\*": ?\\*"$'
)
_MOST_KEY = 40  # bytes


class LinkMask:
    """Masks codes in printed lines. `host`: the portal's name."""

    def __init__(self, host: str) -> None:
        own = re.escape(host.partition(":")[0].encode())
        self._to_portal = re.compile(
            rb"(?<![\w.:/%\[-])/\w|//(?:" + own + rb"|[\w.-]*\bbitrix24\.[\w.-]+)(?![\w.-])"
            rb"|/(?:bitrix|rest|disk|docs|mobile|upload)/|/~\w",
            re.IGNORECASE,
        )

    def lines(self, lines: bytes) -> bytes:
        """Return lines of JSON in which no link holds a code that opens it."""
        lines = _IN_PATH.sub(_HIDDEN, lines)
        if b"=" in lines:
            lines = self._mask_words(lines, _PARAMETER)
            if b"%" in lines:
                lines = self._mask_words(lines, _ENCODED_LETTER)
        return self._mask_words(lines, _ESCAPED_LETTER)

    def row(self, row: dict[str, Any] | Record) -> dict[str, Any]:
        """Return a record as a map in which no link holds a code that opens it."""
        line = json_of(row)
        found = self.lines(line)
        return row if found == line and isinstance(row, dict) else dict(json.loads(found))

    def _mask_words(self, lines: bytes, trigger: re.Pattern[bytes]) -> bytes:
        """Mask the links among the words that hold what `trigger` finds."""
        parts: list[bytes] = []
        end = 0
        for start, stop in _words(lines, trigger):
            word = lines[start:stop]
            key = lines[max(0, start - _MOST_KEY) : start]
            if self._to_portal.search(_plain(word)) or _OF_FILE.search(key):
                parts += lines[end:start], _masked(word)
                end = stop
        return b"".join(parts) + lines[end:] if parts else lines


def _words(lines: bytes, trigger: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the places of the words that hold what `trigger` finds."""
    stop = 0
    while found := trigger.search(lines, stop):
        start = max(stop, 1 + max(lines.rfind(mark, stop, found.start()) for mark in _AROUND_WORDS))
        ends = [place for mark in _AROUND_WORDS if (place := lines.find(mark, found.end())) >= 0]
        stop = min(ends, default=len(lines))
        yield start, stop


def _plain(word: bytes) -> bytes:
    """Return a word without any encoding, to see where it leads."""
    while True:
        plain = _ESCAPE.sub(_unescaped, unquote_to_bytes(word))
        if plain == word:
            return plain
        word = plain


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 16)]) if escape[1] else b" " if escape[2] else b""


def _masked(word: bytes) -> bytes:
    is_spelled = _ENCODED_LETTER.search(word) or b"\\" in word
    for pattern in (_SPELLED, _ENCODED, _SPELLED_PATH) if is_spelled else (_PARAMETER, _PATH):
        word = pattern.sub(_HIDDEN, word)
    return word
