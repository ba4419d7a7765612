"""Estimates by themselves; against real syncs in integration_tests/test_estimates.py."""

import pytest

from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.doctor.estimates import Account, Estimate, Speed, played
from source_bitrix24.doctor.loads import Load
from source_bitrix24.portal.limits import ENTERPRISE
from unit_tests.doctor.examined import healthy

SPEED = Speed(overhead=0.1, request=0.1, empty_command=0.01)
NO_ACCOUNT = Account(is_kept=False)


def load(requests: int, seconds: float = 1.0) -> Load:
    return Load(seconds, rest=[seconds] * (requests - 1), methods={"crm.deal.list": requests * seconds})


def test_nothing_takes_nothing() -> None:
    assert played([], Account(), SPEED) == Estimate(0, 0)


def test_a_request_takes_its_time_and_what_is_around_it() -> None:
    assert played([load(1)], Account(), SPEED).seconds == pytest.approx(1 + 1.2)


def test_what_follows_the_first_request_is_sent_at_once() -> None:
    estimate = played([load(4)], Account(), SPEED)
    assert estimate.seconds == pytest.approx(1 + 2 * 1.2)
    assert estimate.requests == 4


def test_the_request_rate_bounds_many_short_requests() -> None:
    estimate = played([load(1050, 0.01)], NO_ACCOUNT, SPEED)
    assert estimate.by == "request rate"
    assert estimate.seconds == pytest.approx(1 + 500)
    on_enterprise = played([load(1050, 0.01)], Account(ENTERPRISE, is_kept=False), SPEED)
    assert on_enterprise.seconds < estimate.seconds / 2


def test_the_operating_time_bounds_heavy_requests_of_one_method() -> None:
    assert played([load(100, 10)], Account(), SPEED).seconds > 1200
    assert played([load(100, 10)], NO_ACCOUNT, SPEED).seconds < 200


def test_methods_do_not_share_operating_time_unless_batches_do() -> None:
    loads = [Load(1, methods={method: 450}) for method in ("crm.deal.list", "crm.lead.list")]
    assert played(loads, Account(), SPEED).seconds < 100
    assert played(loads, Account(batches_share=True), SPEED).seconds > 600


def test_every_table_has_an_estimate() -> None:
    estimates = healthy().estimates
    names = {table.name for table in TABLES} - {"departments"}
    assert estimates.tables.keys() == names | {f"smart_process_{number}" for number in (130, 1030, 1036)}
    for one in estimates.tables.values():
        assert one.first
        assert one.hourly
        assert 1 <= one.hourly.seconds <= one.first.seconds + 1


def test_all_tables_together_take_less_than_each_by_itself() -> None:
    estimates = healthy().estimates
    alone = sum(one.first.seconds for one in estimates.tables.values() if one.first)
    assert estimates.first.seconds < alone
