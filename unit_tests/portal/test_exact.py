"""A number is the same decimal number in text and as a double, or it stays text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.portal.exact import exact_float, json_number

NUMBERS = st.from_regex(r"-?[0-9]{1,22}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)


@given(text=NUMBERS)
def test_a_double_prints_the_number_that_was_written(text: str) -> None:
    number = exact_float(text)
    assert number is None or Decimal(repr(number)) == Decimal(text)


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_read_from_what_it_prints_with_as_many_digits_as_php_prints(number: float) -> None:
    assert exact_float(repr(number)) == number
    assert json_number(repr(number)) == json_number(f"{number:.17g}") == number


@given(text=NUMBERS)
def test_a_number_of_json_is_a_double_that_stands_for_it_or_stays_as_it_is(text: str) -> None:
    number = json_number(text)
    assert number == text or Decimal(text) in (Decimal(repr(number)), Decimal(f"{number:.17g}"))


@pytest.mark.parametrize(
    "text", ["1e999", "-1e999", "inf", "nan", "1e-400", "12345678901234567.89", "9007199254740993"]
)
def test_a_number_that_no_double_holds_has_none(text: str) -> None:
    assert exact_float(text) is None
    assert json_number(text) == text


@pytest.mark.parametrize("text", ["", "1,5", "twelve"])
def test_what_is_no_number_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        exact_float(text)
