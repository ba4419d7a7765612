"""Rounded numbers."""

import pytest

from source_bitrix24.doctor.words import about, count, duration


@pytest.mark.parametrize(("number", "rounded"), [(0, 0), (7.4, 7), (99, 99), (1234, 1200), (1_250_000, 1_200_000)])
def test_a_number_keeps_two_digits(number: float, rounded: int) -> None:
    assert about(number) == rounded


def test_a_count_is_rounded_or_unknown() -> None:
    assert (count(12_345), count(None)) == ("12,000", "not counted")


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (75, "75 s"), (600, "10 min"), (9000, "2.5 h")])
def test_a_time_is_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words
