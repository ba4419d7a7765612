"""Rate limits: syncs that need more requests or operating time than the portal allows."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.limits import BatchAccount
from emulator.store import OwnerLists, sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, Warehouse, differences, records

_KEYS = {"deals": ["ID"], "contacts": ["ID"], "deal_products": ["OWNER_ID", "POSITION"]}


def _portal(deals: int = 1, contacts: int = 1) -> App:
    return App(sample_portal(PlayedClock(), deals, holes=0, contacts=contacts, companies=1, leads=1, activities=1))


def _slow_connector(app: App, folder: Path, in_flight: int = 1, page: float = 20.0) -> Connector:
    connector = Connector(app, folder, concurrent_requests=in_flight)
    connector.streams()
    app.limits.latency.page = page  # seconds: 24 pages of 20 s use up the operating time of ten minutes
    app.portal.clock.sleep(1200)
    app.log.clear()
    return connector


def _rate_limited(messages: list[Message]) -> list[str]:
    statuses = [message["trace"].get("stream_status") or {} for message in messages if message["type"] == "TRACE"]
    return [status["stream_descriptor"]["name"] for status in statuses if status.get("reasons")]


@pytest.mark.parametrize("in_flight", [1, 4, 12])
@pytest.mark.parametrize("kind", [*BatchAccount])
def test_a_sync_uses_nearly_all_operating_time_of_batches_and_never_exceeds_it(
    tmp_path: Path, kind: BatchAccount, in_flight: int
) -> None:
    app = _portal(deals=25_000)
    connector = _slow_connector(app, tmp_path, in_flight, page=3.0)
    app.limits.operating.batch_account = kind
    messages = connector.read("deals")
    batches = [entry for entry in app.log if entry.method == "batch"]
    windows = (batches[-1].at - batches[0].at) // 600  # complete ones
    spent = sum(entry.seconds for entry in batches if entry.at < batches[0].at + 600 * windows)
    assert app.statistics()["limit_errors"] == 0
    assert windows >= 1
    assert spent > 0.95 * 480 * windows
    assert differences(records(messages, "deals"), expected_rows(app.portal, "deals"), ["ID"]) == []


@pytest.mark.parametrize(
    "shown",
    [
        1_796_100_000,
        4_000_000_000,
        1_796_000_000_000,
        0,
        -1,
        1.5,
        "1999999999",
        "1999999999.5",
        "soon",
        "",
        None,
        True,
        [],
        {},
        1e300,
    ],
    ids=repr,
)
@pytest.mark.parametrize("kind", [*BatchAccount])
def test_no_wait_is_longer_than_the_ten_minutes_whatever_the_portal_says_of_the_reset(
    tmp_path: Path, kind: BatchAccount, shown: object
) -> None:
    app = _portal(deals=300)
    app.portal.lists_of_owners = OwnerLists.REFUSE
    connector = _slow_connector(app, tmp_path)
    app.limits.operating.batch_account = kind
    app.limits.operating.shown_reset = lambda _: shown
    app.fault("command_time_limit", method="crm.deal.productrows.get", at=2)
    rows = records(connector.read("deal_products"), "deal_products")
    assert differences(rows, expected_rows(app.portal, "deal_products"), _KEYS["deal_products"]) == []
    ends = [entry.at + entry.seconds for entry in app.log]
    assert max(later - earlier for earlier, later in pairwise(ends)) <= 600 + 60  # the wait and the request behind it


def test_four_requests_in_flight_use_the_request_rate_to_nine_tenths_and_never_exceed_it(tmp_path: Path) -> None:
    app = _portal(deals=6000)
    app.portal.lists_of_owners = OwnerLists.REFUSE
    connector = Connector(app, tmp_path, concurrent_requests=4)
    connector.streams()
    app.limits.latency.request = 0.8  # seconds: one in flight makes 1.25 requests a second, four make 5
    app.portal.clock.sleep(1200)
    app.log.clear()
    began = app.portal.clock.monotonic()
    connector.read("deal_products")
    elapsed = app.portal.clock.monotonic() - began
    requests = len(app.log)
    assert connector.exit_code == 0
    assert app.statistics()["limit_errors"] == 0
    burst, rate = app.limits.bucket.burst, app.limits.bucket.per_second
    assert requests > 2 * burst
    assert elapsed < 1.1 * (requests - burst) / rate + 5


def test_while_a_stream_waits_for_operating_time_other_streams_are_read(tmp_path: Path) -> None:
    app = _portal(deals=2500, contacts=2500)
    connector = _slow_connector(app, tmp_path, in_flight=4, page=1.0)
    app.limits.operating.add("batch crm.deal.list", 450.0)
    messages = connector.read("deals", "contacts")
    requests = [next(iter(entry.methods)) if entry.method == "batch" else "direct" for entry in app.log]
    after = [entry.methods for entry in app.log[requests.index("direct") :]]
    # the last request tells the numbers of the rows of both, when all rows are out
    assert [methods for methods in after if methods["crm.contact.list"]] == [after[-1]]
    assert after[-1]["crm.contact.list"] == after[-1]["crm.deal.list"] == 1
    streams = [message["record"]["stream"] for message in messages if message["type"] == "RECORD"]
    assert "contacts" not in streams[-1000:]
    assert app.statistics()["limit_errors"] == 0
    assert set(_rate_limited(messages)) == {"deals"}
    for name in ("deals", "contacts"):
        assert differences(records(messages, name), expected_rows(app.portal, name), _KEYS[name]) == []


@pytest.mark.parametrize("kill_after", [900, 1500, 2600])
def test_when_a_sync_of_interleaved_streams_is_killed_the_next_one_completes_all_tables(
    tmp_path: Path, kill_after: int
) -> None:
    app = _portal(deals=1500, contacts=1500)
    connector = _slow_connector(app, tmp_path)
    warehouse = Warehouse(connector.streams())
    printed: list[dict[str, Any]] = []
    for message in connector.read_lines("deals", "contacts", "deal_products"):
        printed.append(message)
        if len(printed) == kill_after:
            break
    warehouse.take(printed)
    warehouse.take(connector.read("deals", "contacts", "deal_products", state=warehouse.state))
    for name, key in _KEYS.items():
        assert differences(warehouse.rows(name), expected_rows(app.portal, name), key) == []
