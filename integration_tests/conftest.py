from pathlib import Path

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector


@pytest.fixture
def app() -> App:
    """A portal of a small company. Its clock advances only by sleeping."""
    return App(sample_portal(PlayedClock(), deals=120))


@pytest.fixture
def connector(app: App, tmp_path: Path) -> Connector:
    """A connector configured for that portal."""
    return Connector(app, tmp_path)
