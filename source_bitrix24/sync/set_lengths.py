"""How many rows each parent's set has in the copy, of all parents that have any. The text of it is small.

A parent is one byte, of its distance from the parent before and of its length, or a few where these are large; Huffman's
code makes the most of it. With one ID in three used, half of them by parents that have one to three rows, a parent with rows
costs 0.92 bytes of text; without gaps 0.61.
"""

import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from functools import cached_property

_BITS = 12
_PAGE = 1 << _BITS
_MOST_GAP, _MOST_LENGTH = 31, 7  # of a parent that is one byte: the gap above the three bits of the length
_MORE = 0  # the gap and the length follow as numbers
_MOST_BYTES = 2**31  # what is longer is no state of ours
_LARGEST = 2**62


class SetLengths:
    """An immutable map from a parent's ID to the length of its set; parents without rows are not in it."""

    def __init__(self, pages: Mapping[int, "array[int]"] | None = None) -> None:
        self._pages = pages or {}  # by page of IDs: the length at each

    @classmethod
    def load(cls, text: object) -> "SetLengths":
        """Parse what `text` was. Raises ValueError."""
        if not isinstance(text, str):
            raise ValueError("the lengths of sets are no text")
        try:
            packed = zlib.decompressobj()
            data = packed.decompress(b64decode(text, validate=True), _MOST_BYTES)
        except (ValueError, zlib.error):
            raise ValueError("the lengths of sets cannot be read") from None
        if not packed.eof:
            raise ValueError("the lengths of sets are cut off")
        pages: dict[int, array[int]] = {}
        for parent, length in _decoded(data):
            if parent >> _BITS not in pages:
                pages[parent >> _BITS] = _empty_page()
            pages[parent >> _BITS][parent & (_PAGE - 1)] = length
        return cls(pages)

    @cached_property
    def text(self) -> str:
        """The lengths as text for JSON."""
        packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_HUFFMAN_ONLY)
        return b64encode(packer.compress(_encoded(self.items())) + packer.flush()).decode()

    def items(self) -> Iterator[tuple[int, int]]:
        """Yield parents and lengths, by ascending ID."""
        for page in sorted(self._pages):
            first = page << _BITS
            yield from ((first + place, length) for place, length in enumerate(self._pages[page]) if length)

    def __getitem__(self, parent: int) -> int:
        page = self._pages.get(parent >> _BITS)
        return page[parent & (_PAGE - 1)] if page else 0

    def __len__(self) -> int:
        return sum(_PAGE - page.count(0) for page in self._pages.values())

    def __bool__(self) -> bool:
        return any(any(page) for page in self._pages.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SetLengths) and dict(self.items()) == dict(other.items())

    def __hash__(self) -> int:
        return hash(self.text)

    def with_lengths(self, lengths: Mapping[int, int]) -> "SetLengths":
        """Return the same with these lengths in place of the known ones; 0 for a parent without rows."""
        pages = dict(self._pages)
        own: set[int] = set()
        for parent, length in lengths.items():
            page = parent >> _BITS
            if page not in own:
                own.add(page)
                pages[page] = array("I", pages[page]) if page in pages else _empty_page()
            pages[page][parent & (_PAGE - 1)] = length
        return SetLengths(pages)

    def at_least(self, lengths: Mapping[int, int]) -> "SetLengths":
        """Return the same with the greater of each known length and these."""
        return self.with_lengths({parent: max(length, self[parent]) for parent, length in lengths.items()})


def _empty_page() -> "array[int]":
    return array("I", bytes(4 * _PAGE))


def _encoded(lengths: Iterator[tuple[int, int]]) -> bytes:
    data = bytearray()
    before = -1
    for parent, length in lengths:
        gap = parent - before - 1
        before = parent
        if gap <= _MOST_GAP and length <= _MOST_LENGTH:
            data.append(gap << 3 | length)
        else:
            data.append(_MORE)
            _append_number(data, gap)
            _append_number(data, length)
    return bytes(data)


def _append_number(data: bytearray, number: int) -> None:
    """Append seven bits a byte, the lowest first; the eighth bit says that more follow."""
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)


def _decoded(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield parents and lengths. Raises ValueError."""
    parent, place = -1, 0
    while place < len(data):
        byte = data[place]
        place += 1
        if byte == _MORE:
            gap, place = _number_at(data, place)
            length, place = _number_at(data, place)
        else:
            gap, length = byte >> 3, byte & _MOST_LENGTH
        parent += gap + 1
        if not 0 < length < 1 << 32 or parent > _LARGEST:
            raise ValueError("a length of a set is out of range")
        yield parent, length


def _number_at(data: bytes, place: int) -> tuple[int, int]:
    """Return the number there, and the place behind it. Raises ValueError."""
    number = shift = 0
    while place < len(data) and shift < 63:
        byte = data[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return number, place
    raise ValueError("the lengths of sets are cut off")
