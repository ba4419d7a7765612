import time

from source_bitrix24.portal.clock import SystemClock


def test_time_passes_and_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


def test_sleep_returns_after_the_time_it_was_given() -> None:
    clock = SystemClock()
    began = time.monotonic()
    clock.sleep(0.05)
    assert 0.05 <= time.monotonic() - began < 5
