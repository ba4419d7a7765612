from decimal import Decimal

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.client import empty_portal, full_portal


@pytest.fixture
def portal() -> Portal:
    """A portal that holds only what a test puts into it."""
    return empty_portal()


@pytest.fixture
def lead(portal: Portal) -> int:
    """A lead of that portal, created a minute ago."""
    number = portal.create("lead", TITLE="one", OPPORTUNITY=Decimal(5))
    portal.clock.sleep(60)
    return number


@pytest.fixture
def app(portal: Portal) -> App:
    """That portal behind its webhook."""
    return App(portal)


@pytest.fixture(scope="session")
def sample() -> Portal:
    """A portal with 120 rows of everything, which no test edits."""
    return full_portal(120)


@pytest.fixture
def company(sample: Portal) -> App:
    """That portal behind its webhook, with fresh limits."""
    return App(sample)
