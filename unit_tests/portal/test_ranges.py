from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.portal.keyset import Span
from source_bitrix24.portal.ranges import Ranges


def cut(ranges: Ranges, pages: int = 50) -> list[Span]:
    spans = []
    while asked := ranges.next(pages):
        spans.append(asked.span)
    return spans


@given(
    above=st.integers(0, 10_000),
    size=st.integers(1, 3_000_000),
    rows=st.integers(0, 5_000),
    ids=st.integers(1, 100_000),
    width=st.integers(1, 8),
    seen=st.lists(st.tuples(st.integers(0, 2_500), st.integers(1, 100_000)), max_size=5),
)
def test_ranges_cover_the_span_without_gap_or_overlap_whatever_is_seen(
    above: int, size: int, rows: int, ids: int, width: int, seen: list[tuple[int, int]]
) -> None:
    ranges = Ranges(Span(above, above + size + 1), rows, ids, width)
    spans: list[Span] = []
    while asked := ranges.next(50):
        assert 1 <= asked.pages <= 50
        spans.append(asked.span)
        if seen:
            ranges.learn(*seen.pop())
        if len(spans) > 200:
            return
    assert spans[0].below == above + size + 1
    assert spans[-1].above == above
    assert all(high.above + 1 == low.below for high, low in pairwise(spans))


def test_a_dense_table_costs_about_a_request_for_2500_rows() -> None:
    spans = cut(Ranges(Span(0, 99_501), rows=500, ids=500, width=4))
    assert len(spans) <= 100_000 / 2_500 * 1.1 + 2


def test_the_last_ranges_are_shared_out_among_the_requests_in_flight() -> None:
    spans = cut(Ranges(Span(0, 5_001), rows=500, ids=500, width=4))
    assert len(spans) == 4
    assert max(span.below - span.above for span in spans) <= 1_300


def test_a_small_rest_is_one_range() -> None:
    assert cut(Ranges(Span(0, 1_001), rows=500, ids=500, width=4)) == [Span(0, 1_001)]


def test_ranges_widen_quickly_where_rows_are_rare_and_narrow_at_once_where_they_are_dense() -> None:
    ranges = Ranges(Span(0, 10_000_000), rows=500, ids=500, width=1)
    first = ranges.next(50)
    assert first
    ranges.learn(rows=0, ids=2_400)
    sparse = ranges.next(50)
    assert sparse
    assert 7 < (sparse.span.below - sparse.span.above) / (first.span.below - first.span.above) < 9
    ranges.learn(rows=2_500, ids=2_500)
    dense = ranges.next(50)
    assert dense
    assert dense.span.below - dense.span.above < 2_600
