import pytest

from source_bitrix24.sync.saved_values import BadState, dump_moment, saved_moment, saved_number


def test_what_is_saved_is_loaded_again_and_nothing_stays_nothing() -> None:
    assert dump_moment(saved_moment("2026-11-23T10:00:00+03:00")) == "2026-11-23T10:00:00+03:00"
    assert (saved_moment(None), dump_moment(None), saved_number(None), saved_number(7)) == (None, None, None, 7)


@pytest.mark.parametrize("value", ["soon", "0001-01-01", "9999-01-01"])
def test_a_time_that_is_none_or_far_from_now_is_a_bad_state(value: str) -> None:
    with pytest.raises(BadState):
        saved_moment(value)


@pytest.mark.parametrize("value", [-1, True, "7", 2**70])
def test_a_number_that_is_none_or_out_of_range_is_a_bad_state(value: object) -> None:
    with pytest.raises(BadState):
        saved_number(value)
