from time import time

from source_bitrix24.portal.clock import SystemClock, epoch_milliseconds


def test_sleep_returns_no_earlier_than_the_monotonic_clock_says() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01


def test_epoch_milliseconds_are_those_of_now() -> None:
    before = time()
    now = epoch_milliseconds()
    assert before * 1000 - 1 <= now <= time() * 1000
