from dataclasses import replace

import pytest

from benchmarks.limits import STATED, PortalLimits
from benchmarks.lower_bound import Need, listing, lower_bound, per_parent

SLOW = replace(STATED, page_ms=200)


def bound(need: Need, limits: PortalLimits = STATED, processor: float = 0.0) -> float:
    return round(lower_bound(need, limits, processor), 2)


def test_a_read_within_the_burst_takes_as_long_as_a_request() -> None:
    assert bound(listing(100_000)) == 0.05


def test_requests_beyond_the_burst_wait_for_the_rate() -> None:
    assert bound(per_parent(10_000, 9_900)) == (204 - 50) / 2 + 0.05


def test_nothing_is_decoded_before_the_first_answer() -> None:
    assert bound(listing(100_000), processor=5) == 5.07


@pytest.mark.parametrize(("cores", "workers", "shared"), [(6, None, 6), (6, 12, 6), (6, 3, 3), (None, 3, 3)])
def test_the_portals_processors_or_processes_share_the_work(
    cores: int | None, workers: int | None, shared: int
) -> None:
    assert bound(listing(100_000), replace(STATED, cores=cores, workers=workers)) == (40 * 0.05 + 2000 * 0.02) / shared


@pytest.mark.parametrize("kind", ["method", "batch"])
def test_what_batches_have_no_operating_time_for_comes_by_direct_calls(kind: str) -> None:
    seconds = bound(listing(150_000), replace(SLOW, batch_account=kind))
    in_batches = (480 + 0.8 * seconds) / 0.2
    requests = in_batches / 50 + 3000 - in_batches
    assert requests == pytest.approx(50 + 2 * (seconds - 0.05), abs=2)


def test_where_the_rate_is_no_limit_direct_calls_double_the_operating_time() -> None:
    fast = replace(SLOW, rate=1000, burst=10_000)
    assert bound(listing(240_000), fast) == 0.05  # 960 s
    assert bound(listing(320_000), fast) == pytest.approx((1280 - 960) / 1.6, abs=0.5)


def test_methods_have_an_account_each_unless_batches_share_one() -> None:
    two = listing(120_000) + listing(120_000)
    assert bound(two, SLOW) == 0.05 + (4800 / 50 - 50) / 2
    assert bound(two, replace(SLOW, batch_account="batch")) > 100
