import pytest

from pages.first_sync import markdown, seconds
from source_bitrix24.portal.limits import ENTERPRISE


def test_a_hundred_thousand_rows_take_what_the_benchmark_measured() -> None:
    measured = 11.8  # docs/benchmark.md: 100,000 deals at 20 ms a page
    assert seconds(100_000 / 50, 0.02) == pytest.approx(measured, rel=0.2)


def test_many_requests_are_held_back_by_their_rate() -> None:
    assert seconds(50 * 1_050, 0.0001) == pytest.approx(1 + 500, rel=0.01)
    assert seconds(50 * 1_050, 0.0001, ENTERPRISE) == pytest.approx(1 + 160, rel=0.01)


def test_a_method_that_has_used_its_server_time_waits_for_the_next_ten_minutes() -> None:
    assert seconds(4_700, 0.1) < 130
    assert seconds(4_900, 0.1) > 600


def test_the_table_has_a_line_for_each_size() -> None:
    assert [line.split(" | ")[0] for line in markdown().splitlines()[2:]] == ["| 10,000", "| 100,000", "| 1,000,000"]
