import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from emulator.clock import PlayedClock, RealClock


def in_threads(*actions: Callable[[], object]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_single_thread_sleeps_in_no_real_time() -> None:
    clock = PlayedClock(start=1000.0)
    assert (clock.now(), clock.monotonic()) == (1000.0, 0.0)
    began = time.perf_counter()
    for _ in range(1000):
        clock.sleep(600)
    assert time.perf_counter() - began < 0.5
    clock.sleep(-5)
    assert (clock.now(), clock.monotonic()) == (601_000.0, 600_000.0)


@pytest.mark.parametrize("repeat", range(5))
def test_sleeps_of_several_threads_overlap(repeat: int) -> None:
    clock = PlayedClock()
    in_threads(*[lambda: clock.sleep(1)] * 4)
    assert clock.monotonic() == 1


def test_sleeps_of_different_lengths_end_in_the_order_of_their_ends() -> None:
    clock = PlayedClock()
    woken: list[tuple[str, float]] = []

    def sleep(name: str, *lengths: float) -> None:
        for length in lengths:
            clock.sleep(length)
            woken.append((name, clock.monotonic()))

    in_threads(lambda: sleep("long", 10), lambda: sleep("short", 1, 2, 4), lambda: sleep("middle", 5))
    assert woken == [("short", 1), ("short", 3), ("middle", 5), ("short", 7), ("long", 10)]


def test_a_thread_that_waits_for_the_future_of_a_sleeper_does_not_hold_the_clock() -> None:
    clock = PlayedClock()
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(clock.sleep, seconds) for seconds in (3.0, 1.0, 2.0)]
        ended = []
        for future in futures:
            future.result()
            ended.append(clock.monotonic())
        assert ended == [3, 3, 3]
        pool.submit(clock.sleep, 5).result()  # while three threads of the pool are idle
    assert clock.monotonic() == 8


def test_time_stands_still_while_a_thread_works() -> None:
    clock = PlayedClock()
    seen: list[float] = []

    def work() -> None:
        until = time.perf_counter() + 0.3
        while time.perf_counter() < until:
            seen.append(clock.monotonic())
        clock.sleep(1)

    in_threads(lambda: clock.sleep(2), work)
    assert set(seen) == {0}
    assert clock.monotonic() == 2


def test_a_thread_that_has_been_woken_runs_before_the_clock_moves_on() -> None:
    clock = PlayedClock()

    def sleep_and_report(result: "Future[float]") -> None:
        clock.sleep(1)
        result.set_result(clock.monotonic())

    for _ in range(20):
        began = clock.monotonic()
        result: Future[float] = Future()
        sleeper = threading.Thread(target=clock.sleep, args=(100,))
        sleeper.start()
        threading.Thread(target=sleep_and_report, args=(result,)).start()
        assert result.result() == began + 1
        assert clock.monotonic() == began + 1
        sleeper.join()


def test_a_thread_that_waits_for_a_bare_lock_does_not_hold_the_clock_for_long() -> None:
    clock = PlayedClock()
    lock = threading.Lock()

    def sleep_with_lock() -> None:
        clock.now()
        with lock:
            clock.sleep(1)

    in_threads(sleep_with_lock, sleep_with_lock)
    assert clock.monotonic() == 2


def test_threads_that_have_ended_are_not_waited_for() -> None:
    clock = PlayedClock()
    in_threads(*[clock.now] * 3)
    clock.sleep(1)
    assert clock.monotonic() == 1


def test_a_real_clock_is_the_machines_and_can_be_ahead() -> None:
    clock = RealClock(skew=120)
    assert 119 < clock.now() - time.time() < 121
    began = clock.monotonic()
    clock.sleep(0.01)
    clock.sleep(-1)
    assert 0.01 <= clock.monotonic() - began < 5
