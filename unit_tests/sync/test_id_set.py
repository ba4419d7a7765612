import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.portal.keyset import Span
from source_bitrix24.sync.id_set import EMPTY, PAGE_IDS, IdSet

IDS = st.sets(st.integers(1, 20_000) | st.integers(10**9, 10**9 + 5_000), max_size=60)
BOUNDS = st.tuples(st.integers(0, 22_000), st.integers(0, 22_000)).map(sorted)


@given(IDS, IDS)
def test_a_set_behaves_as_a_set(one: set[int], other: set[int]) -> None:
    ours, theirs = IdSet.of(one), IdSet.of(other)
    assert list(ours) == sorted(one)
    assert (list(ours | theirs), list(ours - theirs), list(ours & theirs)) == (
        sorted(one | other),
        sorted(one - other),
        sorted(one & other),
    )
    assert (len(ours), bool(ours), ours.greatest) == (len(one), bool(one), max(one, default=0))
    assert [number in ours for number in other] == [number in one for number in other]
    assert (ours == theirs, hash(ours) == hash(IdSet.of(list(one)))) == (one == other, True)


@given(IDS)
def test_a_set_comes_back_from_its_text(ids: set[int]) -> None:
    assert IdSet.load(IdSet.of(ids).text) == IdSet.of(ids)


@given(IDS, BOUNDS)
def test_a_span_holds_the_ids_strictly_between_its_bounds(ids: set[int], bounds: list[int]) -> None:
    above, below = bounds
    assert list(IdSet.of(ids).within(Span(above, below))) == sorted(one for one in ids if above < one < below)
    assert list(IdSet.between(Span(above, below))) == list(range(above + 1, below))


@given(IDS, st.integers(1, 30_000), st.integers(PAGE_IDS, 3 * PAGE_IDS))
def test_windows_hold_every_id_once_and_no_more_than_so_many(ids: set[int], top: int, most: int) -> None:
    windows = list(IdSet.of(ids).windows(top, most))
    assert (windows[0].above, windows[-1].below) == (0, top + 1)
    assert all(one.below == other.above + 1 for one, other in pairwise(windows))
    assert all(len(IdSet.of(ids).within(window)) <= most for window in windows)


def test_a_million_dense_rows_are_windows_of_one_page_each() -> None:
    windows = list(IdSet.between(Span(0, 1_000_001)).windows(1_000_000, 4_500))
    assert len(windows) == 245


@pytest.mark.parametrize(("used", "most"), [(1 / 3, 0.5), (0.9, 0.15), (1.0, 0.001)])
def test_a_row_costs_at_most_half_a_byte_with_one_id_in_three_and_nothing_without_gaps(
    used: float, most: float
) -> None:
    chance = random.Random(1)
    ids = [number for number in range(1, 300_001) if used == 1.0 or chance.random() < used]
    assert len(IdSet.of(ids).text) <= most * len(ids)


def test_the_empty_set_is_short() -> None:
    assert len(EMPTY.text) < 30


@pytest.mark.parametrize(
    "text",
    [None, 5, "", "?", "AAAA", IdSet.of([5]).text[:-8], [1], {"a": 1}],
)
def test_what_is_no_set_cannot_be_read(text: Any) -> None:
    with pytest.raises(ValueError, match="a set of IDs"):
        IdSet.load(text)
