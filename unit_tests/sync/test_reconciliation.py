from datetime import datetime, timedelta

import pytest

from emulator.clock import PlayedClock
from source_bitrix24.sync.known_sets import KnownSets, Rereading
from source_bitrix24.sync.reconciliation import Allowance, due

NOW = datetime.fromisoformat("2026-11-23T10:00:00+03:00")
LATE, EARLY = NOW - timedelta(days=7), NOW - timedelta(days=6, hours=23)
BEGUN = Rereading(EARLY, 48)


@pytest.mark.parametrize(
    ("known", "days", "expected"),
    [
        (KnownSets(read_at=LATE), 7, Rereading(NOW, 101)),
        (KnownSets(read_at=EARLY), 7, None),
        (KnownSets(), 7, Rereading(NOW, 101)),
        (KnownSets(read_at=EARLY, again=BEGUN), 7, BEGUN),
        (KnownSets(read_at=LATE, again=BEGUN), 0, None),
    ],
)
def test_sets_are_due_after_some_days_and_a_begun_reading_goes_on(
    known: KnownSets, days: int, expected: Rereading | None
) -> None:
    assert due(known, NOW, days, 100) == expected


@pytest.mark.parametrize(("others", "allowed"), [(60, 3600), (5000, 5000)])
def test_reconciliations_may_take_an_hour_or_as_long_as_the_rest_of_the_sync(others: int, allowed: int) -> None:
    clock = PlayedClock()
    allowance = Allowance(clock)
    clock.sleep(others)
    for _ in range(2):
        allowance.start()
        clock.sleep(allowed / 2 - 1)
        assert not allowance.is_used_up
        allowance.stop()
    allowance.start()
    clock.sleep(3)
    assert allowance.is_used_up
