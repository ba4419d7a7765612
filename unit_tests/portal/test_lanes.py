"""Lanes against portals of one method whose requests are played: how many get into flight, and what that costs."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from statistics import mean

import pytest

from emulator.clock import PlayedClock
from emulator.workers import Workers
from source_bitrix24.portal.lanes import Lanes

PAGE = 0.02  # seconds
PAGES = 6  # of a request


@dataclass
class Played:
    """A portal of some cores, whose pages take `page` seconds by the number of the request; a client with enough to send."""

    cores: Callable[[int], int] | int
    page: Callable[[int], float] = lambda _: PAGE
    most: int = 12
    limits: list[int] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def run(self, requests: int) -> "Played":
        """Send requests from as many threads as there may be lanes, after a first one alone."""
        self.clock = PlayedClock()
        self.workers = Workers()
        self.lanes = Lanes(self.most, self.clock)
        numbers = iter(range(requests))
        self._request(next(numbers))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                self._request(number)

        threads = [threading.Thread(target=work) for _ in range(self.most)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def _request(self, number: int) -> None:
        with self.lanes.lane() as occupied:
            self.workers.cores = self.cores if isinstance(self.cores, int) else self.cores(number)
            with self.workers.one(self.clock, inf) as worker:
                seconds = sum(worker.work(self.page(number)) for _ in range(PAGES))
                worker.finish()
        self.lanes.observe(occupied.lane, "crm.deal.list", PAGES, seconds)
        self.limits.append(self.lanes.limit)
        self.spent.append(seconds / PAGES)


def test_a_portal_that_bears_all_of_them_gets_all_lanes_after_a_few_answers() -> None:
    portal = Played(40).run(30)
    assert portal.limits[12] == 12
    assert max(portal.limits) == 12


@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_portal_of_few_cores_gets_about_as_many_lanes(count: int) -> None:
    portal = Played(count).run(90)
    assert count <= mean(portal.limits[40:]) <= max(count + 1, 1.25 * count)
    assert mean(portal.spent[40:]) < 1.3 * PAGE


def test_there_are_never_more_lanes_than_allowed() -> None:
    assert {*Played(40, most=3).run(30).limits} == {3}
    assert {*Played(1, most=1).run(5).limits} == {1}


def test_pages_that_take_longer_whatever_the_load_do_not_cost_lanes_for_long() -> None:
    portal = Played(40, lambda number: PAGE if number < 20 else 3 * PAGE).run(120)
    assert mean(portal.limits[60:]) > 9


def test_one_lucky_answer_says_nothing() -> None:
    portal = Played(40, lambda number: PAGE / 10 if number == 3 else PAGE).run(60)
    assert min(portal.limits) == 4


def test_a_portal_that_gets_slower_while_it_is_read_gets_fewer_lanes() -> None:
    portal = Played(lambda number: 12 if number < 50 else 3).run(130)
    assert max(portal.limits[:50]) == 12
    assert mean(portal.limits[90:]) < 5


def test_failures_halve_the_lanes_once_for_all_requests_that_were_in_flight() -> None:
    lanes = Lanes(8, PlayedClock())
    with lanes.lane() as one, lanes.lane() as other:
        pass
    lanes.failed(one.lane)
    lanes.failed(other.lane)
    assert lanes.limit == 2
    for limit in (1, 1):
        with lanes.lane() as later:
            pass
        lanes.failed(later.lane)
        assert lanes.limit == limit


def test_a_failure_is_not_taken_back_by_pages_that_stay_slow() -> None:
    clock = PlayedClock()
    lanes = Lanes(4, clock)

    def answer(seconds: float, others: int) -> None:
        with ExitStack() as flight:
            occupied = [flight.enter_context(lanes.lane()) for _ in range(others + 1)]
            clock.sleep(1.0)
        lanes.observe(occupied[0].lane, "crm.deal.list", PAGES, seconds)

    answer(1.0, 0)
    answer(2.0, 3)
    assert lanes.limit == 2
    with lanes.lane() as failing:
        clock.sleep(1.0)
    lanes.failed(failing.lane)
    answer(2.0, 0)
    assert lanes.limit == 1


def test_small_answers_say_nothing_about_speed() -> None:
    lanes = Lanes(12, PlayedClock())
    for seconds in (0.001, 50.0, 0.0):
        with lanes.lane() as occupied:
            pass
        lanes.observe(occupied.lane, "crm.deal.list", 4, seconds)
    assert lanes.limit == 4


def test_methods_are_compared_with_themselves_only() -> None:
    lanes = Lanes(12, PlayedClock())
    for method, seconds in (("crm.lead.list", 0.5), ("crm.deal.list", 5.0), ("crm.activity.list", 50.0)):
        with lanes.lane() as occupied:
            pass
        lanes.observe(occupied.lane, method, 50, seconds)
    assert lanes.limit == 4
