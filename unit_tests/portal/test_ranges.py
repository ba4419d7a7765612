from itertools import pairwise
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.portal.keyset import Span
from source_bitrix24.portal.ranges import Ranges


def cut(ranges: Ranges, pages: int = 50, lanes: int = 4, *, idle: bool = False) -> list[Span]:
    spans = []
    while following := ranges.next(pages, lanes, idle=idle):
        spans.append(following.span)
    return spans


def sizes(spans: list[Span]) -> list[int]:
    return [span.below - span.above - 1 for span in spans]


@given(
    above=st.integers(0, 10_000),
    size=st.integers(1, 3_000_000),
    rows=st.integers(0, 5_000),
    ids=st.integers(1, 100_000),
    lanes=st.integers(1, 8),
    idle=st.booleans(),
    seen=st.lists(st.tuples(st.integers(0, 2_500), st.integers(1, 100_000), st.integers(1, 50)), max_size=5),
)
def test_ranges_cover_the_span_without_gap_or_overlap_whatever_is_observed(
    above: int, size: int, rows: int, ids: int, lanes: int, idle: bool, seen: list[tuple[int, int, int]]
) -> None:
    ranges = Ranges(Span(above, above + size + 1), rows, ids)
    spans: list[Span] = []
    pages = 50
    while following := ranges.next(pages, lanes, idle=idle):
        assert 1 <= following.pages <= pages
        spans.append(following.span)
        if seen:
            more_rows, more_ids, pages = seen.pop()
            ranges.observe(more_rows, more_ids)
        if len(spans) > 200:
            return
    assert spans[0].below == above + size + 1
    assert spans[-1].above == above
    assert all(high.above + 1 == low.below for high, low in pairwise(spans))


@given(rows=st.integers(500, 500_000), lanes=st.integers(1, 8))
def test_a_dense_table_costs_at_most_a_tenth_more_requests_than_its_rows_fill_plus_one(rows: int, lanes: int) -> None:
    spans = cut(Ranges(Span(0, rows + 1), rows=500, ids=500), lanes=lanes)
    assert len(spans) <= max(rows / 2500 * 1.1 + 1.2, ceil(rows / 2500))


@pytest.mark.parametrize(("left", "requests"), [(4_500, 3), (9_500, 4), (16_500, 8), (99_500, 40), (499_500, 200)])
def test_the_last_ranges_are_of_one_size_and_use_all_lanes(left: int, requests: int) -> None:
    ranges = sizes(cut(Ranges(Span(0, left + 1), rows=500, ids=500)))
    assert len(ranges) == requests
    assert max(ranges[-4:-1]) - min(ranges[-4:-1]) < 10


def test_a_small_rest_is_one_range_unless_there_is_headroom_for_extra_requests() -> None:
    ranges = Ranges(Span(0, 1_001), rows=500, ids=500)
    assert cut(ranges) == [Span(0, 1_001)]
    assert sizes(cut(Ranges(Span(0, 1_001), rows=500, ids=500), idle=True)) == [250] * 4


def test_a_rest_that_certainly_fits_into_a_request_is_not_split_where_other_scans_use_the_lanes() -> None:
    assert cut(Ranges(Span(0, 2_501), rows=500, ids=500), lanes=1) == [Span(0, 2_501)]
    assert len(cut(Ranges(Span(0, 2_502), rows=500, ids=500), lanes=1)) == 2


def test_ranges_widen_quickly_where_rows_are_rare_and_narrow_at_once_where_they_are_dense() -> None:
    ranges = Ranges(Span(0, 10_000_000), rows=500, ids=500)
    first = ranges.next(50)
    assert first
    ranges.observe(rows=0, ids=2_400)
    sparse = ranges.next(50)
    assert sparse
    assert 6 < (sparse.span.below - sparse.span.above) / (first.span.below - first.span.above) < 9
    ranges.observe(rows=2_500, ids=2_500)
    dense = ranges.next(50)
    assert dense
    assert dense.span.below - dense.span.above < 2_600


def test_random_gaps_cost_at_most_a_tenth_more_requests_than_the_rows_fill() -> None:
    chance = Random(7)
    ids = sorted(chance.sample(range(1, 1_000_001), 100_000), reverse=True)
    ranges = Ranges(Span(0, ids[500]), 500, ids[0] - ids[499] + 1)
    in_flight = [following for _ in range(8) if (following := ranges.next(50))]
    requests = 0
    while in_flight:
        span = in_flight.pop(0).span
        rows = sum(span.above < number < span.below for number in ids)
        requests += ceil(max(1, rows) / 2500)
        ranges.observe(min(rows, 2500), span.below - span.above - 1)
        if following := ranges.next(50):
            in_flight.append(following)
    assert requests <= 100_000 / 2500 * 1.1 + 3
