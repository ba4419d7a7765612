from dataclasses import replace

from benchmarks.limits import STATED
from benchmarks.portal import app_with, rows_held
from benchmarks.portal_process import Contents
from benchmarks.workloads import CUSTOM, WORKLOADS
from emulator.limits import BatchAccount


def test_a_portal_gets_the_limits_of_its_workload() -> None:
    limits = app_with(Contents(10), replace(STATED, workers=12, cores=6, batch_account="batch")).limits
    assert (limits.workers.count, limits.workers.cores) == (12, 6)
    assert limits.operating.batch_account is BatchAccount.BATCH


def test_each_deal_has_a_row_for_each_custom_field() -> None:
    portal = app_with(Contents(10), STATED).portal
    assert rows_held(portal, [CUSTOM]) == {CUSTOM: 10 * len(portal.user_fields["deal"])}


def test_every_workload_says_what_its_rows_take() -> None:
    for workload in WORKLOADS:
        part = workload.part(0.01)
        assert part.need(dict.fromkeys(part.tables, 100)).commands > 0
        assert part.limits == workload.limits
