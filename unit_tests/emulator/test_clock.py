import time

import pytest

from emulator.clock import PlayedClock, RealClock


def test_played_time_passes_only_when_somebody_sleeps() -> None:
    clock = PlayedClock(start=1000.0)
    assert (clock.now(), clock.monotonic()) == (1000.0, 0.0)
    clock.sleep(600)
    clock.sleep(-5)
    assert (clock.now(), clock.monotonic()) == (1600.0, 600.0)


def test_a_played_clock_can_be_put_back() -> None:
    clock = PlayedClock(start=1000.0)
    clock.set_back(100)
    assert clock.now() == 900.0


def test_a_real_clock_is_the_machines_and_can_be_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "time", lambda: 5000.0)
    monkeypatch.setattr(time, "monotonic", lambda: 7.0)
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = RealClock(skew=120)
    clock.sleep(3)
    assert (clock.now(), clock.monotonic(), slept) == (5120.0, 7.0, [3])
