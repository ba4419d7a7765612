"""The CDK's standard tests with acceptance-test-config.yml, against a mounted emulator."""

import pytest
import requests
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.source import SourceBitrix24

_ORIGIN = "http://127.0.0.1:28024"  # of integration_tests/configs; conftest.py serves it to the CDK's own program
_COMMAND_OF_TEST = {
    "test_config_matches_spec": "spec",
    "test_check": "check",
    "test_discover": "discover",
    "test_basic_read": "read",
    "test_fail_read_with_bad_catalog": "read",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test only the configs for its command. The CDK's own hook gives it all and skips most."""
    if "scenario" in metafunc.fixturenames:
        command = _COMMAND_OF_TEST.get(metafunc.function.__name__)
        scenarios = [scenario for scenario in TestSuite.get_scenarios() if command in (None, *scenario.commands)]
        metafunc.parametrize("scenario", scenarios, ids=str)


def _connector() -> SourceBitrix24:
    app = App(sample_portal(PlayedClock(), deals=60), _ORIGIN)
    session = requests.Session()
    session.mount(app.origin, EmulatorAdapter(app))
    return SourceBitrix24(app.portal.clock, session)


class TestSuite(SourceTestSuiteBase):
    """Reads all streams; none may be empty."""

    connector = staticmethod(_connector)
