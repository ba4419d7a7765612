import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.limits import Latency, LeakyBucket, Limits, OperatingTime
from emulator.store import sample_portal
from unit_tests.emulator.client import call


@pytest.fixture
def clock() -> PlayedClock:
    return PlayedClock(start=6_000.0)


def test_a_bucket_holds_50_and_leaks_two_a_second(clock: PlayedClock) -> None:
    bucket = LeakyBucket(clock)
    assert [bucket.admits() for _ in range(52)] == [True] * 50 + [False] * 2  # P7.1
    clock.sleep(1)
    assert [bucket.admits() for _ in range(3)] == [True, True, False]
    clock.sleep(3600)
    assert [bucket.admits() for _ in range(51)] == [True] * 50 + [False]


def test_a_bucket_of_a_larger_plan(clock: PlayedClock) -> None:
    bucket = LeakyBucket(clock, per_second=5, burst=250)
    assert [bucket.admits() for _ in range(251)] == [True] * 250 + [False]  # P7.1
    clock.sleep(1)
    assert [bucket.admits() for _ in range(6)] == [True] * 5 + [False]


def test_a_bucket_can_be_switched_off(clock: PlayedClock) -> None:
    bucket = LeakyBucket(clock, enabled=False)
    assert all(bucket.admits() for _ in range(500))


def test_operating_time_is_kept_for_ten_minutes_by_the_minute(clock: PlayedClock) -> None:
    operating = OperatingTime(clock)
    operating.add("a", 5.0)
    clock.sleep(59)
    operating.add("a", 2.0)
    clock.sleep(1)
    operating.add("a", 1.0)
    operating.add("b", 9.0)
    assert (operating.spent("a"), operating.spent("b"), operating.spent("c")) == (8.0, 9.0, 0)
    assert operating.reset_at("a") == 6_600
    clock.sleep(539)
    assert operating.spent("a") == 8.0
    clock.sleep(1)
    assert (operating.spent("a"), operating.reset_at("a")) == (1.0, 6_660)  # P7.4
    clock.sleep(60)
    assert operating.spent("a") == 0


def test_requests_of_a_tenth_of_a_second_or_less_are_free(clock: PlayedClock) -> None:
    operating = OperatingTime(clock)
    for _ in range(100):
        operating.add("a", 0.1)
    assert operating.spent("a") == 0  # P7.4
    operating.add("a", 0.11)
    assert operating.spent("a") == 0.11


def test_the_usual_limits_are_those_of_the_cloud(clock: PlayedClock) -> None:
    limits = Limits(clock)
    sizes = (limits.bucket.burst, limits.bucket.per_second, limits.operating.limit, limits.cut_after)
    assert sizes == (50, 2, 480, 60)  # P7.1, P7.4, P7.6


@pytest.mark.parametrize(
    ("rows", "counted", "offset", "seconds"),
    [(0, False, 0, 1.0), (50, False, 0, 3.0), (25, False, 0, 2.0), (500, True, 0, 7.0), (50, True, 500, 15.0)],
)
def test_a_page_costs_in_proportion_to_its_rows_and_a_count_and_an_offset_cost_extra(
    rows: int, counted: bool, offset: int, seconds: float
) -> None:
    latency = Latency(command=1.0, page=2.0, count=4.0, offset_1000=16.0)
    assert latency.of(rows, counted=counted, offset=offset) == seconds  # P2.4


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("crm.deal.list", {}),
        ("crm.item.list", {"entityTypeId": 31}),
        ("crm.stagehistory.list", {"entityTypeId": 2}),
        ("crm.productrow.list", {}),
        ("user.get", {}),
        ("voximplant.statistic.get", {}),
    ],
)
def test_a_start_far_beyond_the_end_costs_no_more_than_the_rows_there_are(
    method: str, params: dict[str, object]
) -> None:
    app = App(sample_portal(PlayedClock(), deals=100))
    app.limits.latency = Latency(offset_1000=1.0)
    call(app, method, start=1 << 30, **params)
    assert app.log[-1].seconds <= 1.0
