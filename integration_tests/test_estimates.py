"""The doctor's estimates against what syncs then take, on portals of three sizes."""

from pathlib import Path

import pytest

from demo.patient import patient
from emulator.app import App
from integration_tests.harness import Connector, State, Warehouse
from source_bitrix24.doctor.estimates import MOST_LANES, Estimates
from unit_tests.doctor.examined import examined

_SIZES = (100, 600, 2_400)  # deals; other tables have as many rows in proportion
_FACTOR = 1.5
_START = 1.0  # seconds of the program itself, which a played clock does not count
_SETTLED_AFTER = 3  # syncs: the first checks of a table prove what the portal tells


class Measured:
    """A portal, what the doctor estimates for it, and a connector that has not read it yet."""

    def __init__(self, deals: int, folder: Path) -> None:
        self.app: App = patient(deals)
        self.estimates: Estimates = examined(self.app).estimates
        self.connector = Connector(self.app, folder, concurrent_requests=MOST_LANES)
        self.warehouse = Warehouse(self.connector.streams())

    def sync(self, *names: str, state: State | None = None) -> tuple[float, int]:
        """Read some tables, or all, an hour later; return the seconds and requests."""
        clock = self.app.portal.clock
        clock.sleep(3600)
        self.app.log.clear()
        began = clock.now()
        self.warehouse.take(self.connector.read(*names, state=state))
        assert self.connector.exit_code == 0
        return _START + clock.now() - began, len(self.app.log)


def _is_near(estimate: float, measured: float) -> bool:
    return measured / _FACTOR <= estimate <= measured * _FACTOR


@pytest.mark.parametrize("deals", _SIZES)
def test_syncs_of_all_tables_take_what_the_doctor_has_estimated(deals: int, tmp_path: Path) -> None:
    measured = Measured(deals, tmp_path)
    first, hourly = measured.estimates.first, measured.estimates.hourly
    seconds, requests = measured.sync()
    assert _is_near(first.seconds, seconds), (first, seconds)
    assert _is_near(first.requests, requests), (first, requests)
    for _ in range(_SETTLED_AFTER):
        seconds, requests = measured.sync(state=measured.warehouse.state)
    assert _is_near(hourly.seconds, seconds), (hourly, seconds)
    assert _is_near(hourly.requests, requests), (hourly, requests)


def test_a_sync_of_one_table_takes_what_the_doctor_has_estimated(tmp_path: Path) -> None:
    measured = Measured(_SIZES[1], tmp_path)
    far = {}
    for name, estimate in measured.estimates.tables.items():
        seconds, _ = measured.sync(name)
        if estimate.first and not _is_near(estimate.first.seconds, seconds):
            far[name] = (estimate.first.seconds, seconds)
    assert far == {}
