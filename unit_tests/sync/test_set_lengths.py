import random
import zlib
from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.sync.set_lengths import SetLengths

LENGTHS = st.dictionaries(st.integers(0, 2**40), st.integers(1, 2**20), max_size=60)


@given(LENGTHS)
def test_lengths_survive_as_text(lengths: dict[int, int]) -> None:
    known = SetLengths().with_lengths(lengths)
    loaded = SetLengths.load(known.text)
    assert dict(loaded.items()) == lengths
    assert (loaded, len(loaded), bool(loaded)) == (known, len(lengths), bool(lengths))


@given(LENGTHS, LENGTHS)
def test_a_later_length_replaces_an_earlier_one_and_leaves_the_map_before_as_it_was(
    earlier: dict[int, int], later: dict[int, int]
) -> None:
    known = SetLengths().with_lengths(earlier)
    assert dict(known.with_lengths(later).items()) == dict(sorted((earlier | later).items()))
    assert dict(known.items()) == dict(sorted(earlier.items()))


def test_a_parent_without_rows_is_not_in_it() -> None:
    known = SetLengths().with_lengths({5: 2, 9: 1}).with_lengths({5: 0})
    assert (known[5], known[9], known[4]) == (0, 1, 0)
    assert dict(known.items()) == {9: 1}
    assert not SetLengths()


@pytest.mark.parametrize(("share_of_ids", "most"), [(1.0, 0.65), (1 / 3, 0.95)])
def test_a_parent_with_rows_costs_less_than_a_byte_of_text(share_of_ids: float, most: float) -> None:
    chance = random.Random(1)
    lengths = {number: chance.choice((1, 2, 3)) for number in range(300_000) if chance.random() < share_of_ids / 2}
    assert len(SetLengths().with_lengths(lengths).text) / len(lengths) < most


@pytest.mark.parametrize("text", [None, 5, "x", "AAAA", SetLengths().with_lengths({5: 1}).text[:-4]], ids=str)
def test_a_text_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="lengths of sets"):
        SetLengths.load(text)


@given(st.binary(max_size=40))
def test_any_bytes_are_lengths_or_are_refused(data: bytes) -> None:
    with suppress(ValueError):
        SetLengths.load(b64encode(zlib.compress(data)).decode())
