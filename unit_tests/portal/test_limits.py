import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.clock import PlayedClock
from emulator.limits import LeakyBucket, OperatingTime
from source_bitrix24.portal.limits import ENTERPRISE, OPERATING_WINDOW, STANDARD, RateLimiter, RequestRate, Usage

T = TypeVar("T")
DEALS = "crm.deal.list"
GAPS = st.just(0.0) | st.floats(0, 40)
RATES = [pytest.param(STANDARD, id="standard"), pytest.param(ENTERPRISE, id="enterprise")]


def limiter_of(rate: RequestRate = STANDARD, limit: float = 480.0) -> tuple[RateLimiter, PlayedClock]:
    clock = PlayedClock()
    return RateLimiter(rate, clock, limit), clock


@pytest.fixture
def frequent_thread_switches() -> Iterator[None]:
    """Let Python switch threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(count: int, work: Callable[[], T]) -> list[T]:
    """Return what `work` returns in `count` threads that start together."""
    start = threading.Barrier(count)

    def run(_: int) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("rate", RATES)
def test_all_but_one_request_of_the_burst_go_at_once_and_the_next_ones_at_the_rate_of_the_leak(
    rate: RequestRate,
) -> None:
    limiter, _ = limiter_of(rate)
    waits = [limiter.reserve_request() for _ in range(rate.burst + 3)]
    later = [place / rate.per_second for place in range(1, 5)]
    assert waits == pytest.approx([0.0] * (rate.burst - 1) + later, abs=1e-9)


def test_the_plans_differ_in_burst_and_rate() -> None:
    assert RequestRate(per_second=2, burst=50) == STANDARD  # P7.1
    assert RequestRate(per_second=5, burst=250) == ENTERPRISE


@given(gaps=st.lists(GAPS, max_size=150), rate=st.sampled_from([STANDARD, ENTERPRISE, RequestRate(1, 4)]))
def test_the_portal_admits_every_request_that_waits_its_time_however_requests_are_bunched(
    gaps: list[float], rate: RequestRate
) -> None:
    """Requests are reserved at any time, also while others still wait, as threads do."""
    limiter, clock = limiter_of(rate)
    sent = []
    for gap in gaps:
        clock.sleep(gap)
        sent.append(clock.monotonic() + limiter.reserve_request())
    assert sent == sorted(sent)
    clock = PlayedClock()
    bucket = LeakyBucket(clock, rate.per_second, rate.burst)
    for moment in sent:
        clock.sleep(moment - clock.monotonic())
        assert bucket.admits()


@given(quarters=st.lists(st.integers(0, 3) | st.integers(0, 100), max_size=150))
def test_a_request_waits_no_longer_than_a_bucket_with_one_place_less_demands(quarters: list[int]) -> None:
    limiter, clock = limiter_of(RequestRate(per_second=2, burst=10))
    bucket = LeakyBucket(clock, per_second=2, burst=9)
    for gap in quarters:
        clock.sleep(gap / 4)
        if wait := limiter.reserve_request():
            assert not bucket.admits()
            clock.sleep(wait)
        assert bucket.admits()


def test_threads_that_reserve_at_the_same_moment_get_different_places() -> None:
    limiter, _ = limiter_of(RequestRate(per_second=2, burst=4))
    waits = in_threads(12, limiter.reserve_request)
    assert sorted(waits) == [0.0, 0.0, 0.0, *(place / 2 for place in range(1, 10))]


def test_a_bucket_that_ran_over_counts_as_full() -> None:
    limiter, clock = limiter_of()
    bucket = LeakyBucket(clock)
    while bucket.admits():
        pass
    limiter.bucket_ran_over()
    waits = [limiter.reserve_request() for _ in range(3)]
    assert waits == [1.0, 1.5, 2.0]
    clock.sleep(waits[0])
    assert bucket.admits()


def test_a_bucket_that_is_reserved_further_ahead_is_not_emptied_by_running_over() -> None:
    limiter, _ = limiter_of()
    for _ in range(100):
        limiter.reserve_request()
    limiter.bucket_ran_over()
    assert limiter.reserve_request() == 26.0


def test_a_method_whose_time_others_have_used_up_waits_until_the_portal_resets_it() -> None:
    limiter, clock = limiter_of()
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=1.0, operating=479.0, reset_in=130.0)])
    assert limiter.reserve_operating({DEALS: 1}) == 130.0
    clock.sleep(100)
    assert limiter.reserve_operating({DEALS: 1}) == 30.0
    clock.sleep(30)
    assert limiter.reserve_operating({DEALS: 1}) == 0


def test_time_that_we_used_ourselves_counts_for_ten_minutes() -> None:
    limiter, clock = limiter_of()
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=300.0, operating=300.0)])
    assert limiter.reserve_operating({DEALS: 1}) == OPERATING_WINDOW
    clock.sleep(OPERATING_WINDOW - 1)
    assert limiter.reserve_operating({DEALS: 1}) == 1.0
    clock.sleep(1)
    assert limiter.reserve_operating({DEALS: 1}) == 0


def test_other_methods_do_not_wait_for_the_operating_time_of_one_unless_they_share_its_request() -> None:
    limiter, _ = limiter_of()
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=1.0, operating=480.0, reset_in=60.0)])
    assert limiter.reserve_operating({"crm.lead.list": 50}) == 0
    assert limiter.reserve_operating({"crm.lead.list": 1, DEALS: 1}) == 60.0


@pytest.mark.parametrize(("reset_in", "wait"), [(240.0, 240.0), (None, 60.0)], ids=["known reset", "no known reset"])
def test_a_method_that_the_portal_refused_waits_until_its_reset_or_a_minute(
    reset_in: float | None, wait: float
) -> None:
    limiter, clock = limiter_of()
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=1.0, operating=1.0, reset_in=reset_in)])
    limiter.operating_time_used_up(DEALS)
    assert limiter.reserve_operating({DEALS: 1}) == wait
    clock.sleep(wait)
    assert limiter.reserve_operating({DEALS: 1}) == 0


def test_a_portal_without_operating_time_causes_no_wait() -> None:
    """P7.3: self-hosted portals send no operating time."""
    limiter, _ = limiter_of()
    for _ in range(20):
        assert limiter.reserve_operating({DEALS: 50}) == 0
        limiter.answered({DEALS: 50}, [Usage(DEALS, 50, seconds=50.0)])


def test_calls_that_are_too_short_to_be_counted_use_no_operating_time() -> None:
    limiter, _ = limiter_of(limit=1.0)
    for _ in range(50):
        assert limiter.reserve_operating({DEALS: 1}) == 0
        limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=0.1, operating=0.0)])


@pytest.mark.usefixtures("frequent_thread_switches")
def test_requests_in_flight_hold_the_operating_time_they_are_expected_to_need() -> None:
    for _ in range(40):
        limiter, _ = limiter_of()
        assert limiter.reserve_operating({DEALS: 1}) == 0
        limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=100.0, operating=100.0, reset_in=550.0)])
        waits = in_threads(8, partial(limiter.reserve_operating, {DEALS: 1}))
        assert sorted(waits) == [0.0] * 3 + [550.0] * 5


def test_a_request_that_failed_gives_its_reservation_back() -> None:
    limiter, _ = limiter_of()
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=200.0, operating=200.0, reset_in=550.0)])
    assert [limiter.reserve_operating({DEALS: 1}) for _ in range(2)] == [0, 550.0]
    limiter.answered({DEALS: 1}, [])
    assert [limiter.reserve_operating({DEALS: 1}) for _ in range(2)] == [0, 550.0]


@given(calls=st.lists(st.tuples(st.floats(0, 90), GAPS), max_size=60))
def test_a_method_that_only_we_use_is_never_refused_and_never_waits_longer_than_the_window(
    calls: list[tuple[float, float]],
) -> None:
    """P7.4: against the portal's own account of minutes. A call: its seconds, and the gap behind it."""
    limiter, clock = limiter_of()
    portal = OperatingTime(clock)
    for seconds, gap in calls:
        started = clock.monotonic()
        while wait := limiter.reserve_operating({DEALS: 1}):
            clock.sleep(wait)
        assert clock.monotonic() - started <= OPERATING_WINDOW
        assert portal.spent(DEALS) < portal.limit
        clock.sleep(seconds)
        portal.add(DEALS, seconds)
        usage = Usage(DEALS, 1, seconds, portal.spent(DEALS), portal.reset_at(DEALS) - clock.now())
        limiter.answered({DEALS: 1}, [usage])
        clock.sleep(gap)


def test_a_method_that_other_programs_use_is_called_at_each_reset_until_it_is_admitted() -> None:
    limiter, clock = limiter_of()
    portal = OperatingTime(clock)
    for _ in range(5):
        portal.add(DEALS, 120)
        clock.sleep(60)
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, 0, portal.spent(DEALS), portal.reset_at(DEALS) - clock.now())])
    sent: list[float] = []
    while not sent or portal.spent(DEALS) >= portal.limit:
        if sent:
            limiter.operating_time_used_up(DEALS)
        while wait := limiter.reserve_operating({DEALS: 1}):
            clock.sleep(wait)
        sent.append(clock.monotonic())
    assert sent == [580, 640]


def test_there_is_headroom_until_a_fifth_of_the_burst_is_used_and_again_when_it_has_leaked() -> None:
    limiter, clock = limiter_of(RequestRate(per_second=2, burst=50))
    for _ in range(10):
        assert limiter.has_headroom
        limiter.reserve_request()
    limiter.reserve_request()
    assert not limiter.has_headroom
    clock.sleep(0.5)
    assert limiter.has_headroom


def test_looking_at_the_wait_reserves_nothing() -> None:
    limiter, _ = limiter_of()
    assert limiter.reserve_operating({DEALS: 1}) == 0
    limiter.answered({DEALS: 1}, [Usage(DEALS, 1, seconds=200.0, operating=200.0, reset_in=550.0)])
    assert [limiter.operating_wait({DEALS: 1}) for _ in range(3)] == [0, 0, 0]
    assert [limiter.reserve_operating({DEALS: 1}) for _ in range(2)] == [0, 550.0]
