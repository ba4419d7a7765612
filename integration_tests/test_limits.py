"""Reads that need more of the portal's time than it gives."""

from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, Warehouse, differences, records

_KEYS = {"deals": ["ID"], "contacts": ["ID"], "deal_products": ["ID"]}


def _portal(deals: int = 1, contacts: int = 1) -> App:
    return App(sample_portal(PlayedClock(), deals, holes=0, contacts=contacts, companies=1, leads=1, activities=1))


def _slow_connector(app: App, folder: Path) -> Connector:
    connector = Connector(app, folder)
    connector.streams()
    app.limits.latency.page = 20.0  # seconds: 24 pages use up ten minutes' worth
    app.portal.clock.sleep(1200)
    app.log.clear()
    return connector


def _elapsed(app: App, folder: Path, *names: str) -> tuple[float, list[Message]]:
    connector = _slow_connector(app, folder)
    began = app.portal.clock.monotonic()
    messages = connector.read(*names)
    assert connector.exit_code == 0
    return app.portal.clock.monotonic() - began, messages


def _rate_limited(messages: list[Message]) -> list[str]:
    statuses = [message["trace"].get("stream_status") or {} for message in messages if message["type"] == "TRACE"]
    return [one["stream_descriptor"]["name"] for one in statuses if one.get("reasons")]


def test_operating_time_is_used_to_nine_tenths_and_never_overdrawn(tmp_path: Path) -> None:
    app = _portal(deals=4000)
    elapsed, messages = _elapsed(app, tmp_path, "deals")
    spent = sum(logged.seconds for logged in app.log)
    assert app.statistics()["limit_errors"] == 0
    assert spent > 0.9 * 480 * elapsed / 600
    assert differences(records(messages, "deals"), expected_rows(app.portal, "deals"), ["ID"]) == []


def test_while_one_method_is_used_up_other_streams_go_on(tmp_path: Path) -> None:
    alone = sum(_elapsed(_portal(deals=2500, contacts=2500), tmp_path, name)[0] for name in ("deals", "contacts"))
    app = _portal(deals=2500, contacts=2500)
    together, messages = _elapsed(app, tmp_path, "deals", "contacts")
    assert together < 0.9 * alone
    assert app.statistics()["limit_errors"] == 0
    assert set(_rate_limited(messages)) == {"deals", "contacts"}
    for name in ("deals", "contacts"):
        assert differences(records(messages, name), expected_rows(app.portal, name), _KEYS[name]) == []


@pytest.mark.parametrize("kill_after", [900, 1500, 2600])
def test_streams_that_take_turns_can_be_killed_like_any(tmp_path: Path, kill_after: int) -> None:
    app = _portal(deals=1500, contacts=1500)
    connector = _slow_connector(app, tmp_path)
    warehouse = Warehouse(connector.streams())
    taken: list[dict[str, Any]] = []
    for message in connector.read_lines("deals", "contacts", "deal_products"):
        taken.append(message)
        if len(taken) == kill_after:
            break
    warehouse.take(taken)
    warehouse.take(connector.read("deals", "contacts", "deal_products", state=warehouse.state))
    for name, key in _KEYS.items():
        assert differences(warehouse.rows(name), expected_rows(app.portal, name), key) == []
