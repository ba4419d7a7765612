import pytest

from source_bitrix24.portal.oddities import Oddities


def test_what_is_counted_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    odd = Oddities()
    odd.rows, odd.texts, odd.undated = 3, 2, 1
    odd.tell("deals")
    assert [record.getMessage().partition(" in ")[0] for record in caplog.records] == [
        "deals: left out 3 rows that had no ID",
        "deals: 2 texts held bytes that are no UTF-8; question marks stand for them.",
        "deals: 1 parent came without a date; so do the rows, which are all there.",
    ]
    caplog.clear()
    odd.tell("deals")
    assert not caplog.records


def test_where_nothing_is_odd_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    Oddities().tell("deals")
    assert not caplog.records
