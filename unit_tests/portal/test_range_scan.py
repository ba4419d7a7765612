"""Lists whose operating time for batches is used up: pages come by direct calls, which have an account of their own."""

import pytest

from emulator.app import App
from emulator.limits import BatchAccount
from source_bitrix24.portal.limits import ENTERPRISE
from source_bitrix24.portal.scan import Scan
from source_bitrix24.portal.scan_context import Chunk, News
from unit_tests.portal.test_scan import ALL, assert_chunks_say_what_is_left, context_of, ids_of, portal_of

NUMBERS = range(1, 12_001)
SPENT = 455.0  # seconds, before this scan's requests


def scanned(app: App, lanes: int) -> list[Chunk | News]:
    context = context_of(app, lanes=lanes)
    scan = Scan(context, ALL)
    found = list(scan.chunks())
    scan.close()
    chunks = [one for one in found if isinstance(one, Chunk)]
    assert ids_of(chunks) == list(reversed(NUMBERS))
    assert_chunks_say_what_is_left([chunk for chunk in chunks if chunk.rows or chunk.below == 1])
    return found


def portal(kind: BatchAccount, spent: float = SPENT) -> App:
    app = portal_of(NUMBERS)
    app.limits.latency.page = 0.15
    app.limits.bucket.per_second, app.limits.bucket.burst = ENTERPRISE.per_second, ENTERPRISE.burst
    app.limits.operating.batch_account = kind
    account = "direct batch" if kind is BatchAccount.BATCH else "batch crm.lead.list"
    app.limits.operating.add(account, spent)
    return app


def direct_calls(app: App) -> int:
    return sum(logged.method == "crm.lead.list" for logged in app.log)


@pytest.mark.parametrize("lanes", [1, 4, 12])
@pytest.mark.parametrize("kind", [*BatchAccount])
def test_pages_come_by_direct_calls_while_batches_have_no_operating_time(kind: BatchAccount, lanes: int) -> None:
    app = portal(kind)
    found = scanned(app, lanes)
    assert direct_calls(app) > 100
    assert app.statistics()["limit_errors"] == 0
    assert app.portal.clock.monotonic() < 300  # without them, ten minutes until batches have time again
    assert any(one.not_before for one in found if isinstance(one, News))


def test_direct_calls_end_when_batches_have_operating_time_again() -> None:
    app = portal(BatchAccount.BATCH)
    app.portal.clock.sleep(550)
    scanned(app, lanes=4)
    methods = [logged.method for logged in app.log]
    assert "batch" in methods[methods.index("crm.lead.list") :]
    assert app.statistics()["limit_errors"] == 0


def test_where_direct_calls_have_no_operating_time_either_the_scan_waits() -> None:
    app = portal(BatchAccount.BATCH)
    app.limits.operating.add("direct crm.lead.list", 480.0)
    scanned(app, lanes=4)
    assert app.statistics()["limit_errors"] == 1  # only an answer shows what others have used
    assert app.portal.clock.monotonic() > 300


def test_nothing_comes_by_direct_calls_while_batches_have_operating_time() -> None:
    app = portal(BatchAccount.BATCH, spent=0.0)
    scanned(app, lanes=12)
    assert direct_calls(app) == 0
