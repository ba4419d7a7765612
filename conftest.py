"""What `airbyte-cdk connector test` needs: the portal of integration_tests/configs, served by the emulator."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer, serving
from emulator.store import sample_portal

_ROOT = Path(__file__).parent
_WRITTEN_BY_THE_CDK = _ROOT / ".tmp"
_SETTINGS = _ROOT / "integration_tests" / "configs" / "good.json"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the CDK's tests of images: they build one by Airbyte's own Dockerfile. `make test-image` tests ours."""
    for item in items:
        if item.path.is_relative_to(_WRITTEN_BY_THE_CDK) and item.get_closest_marker("image_tests"):
            item.add_marker(pytest.mark.skip("make test-image tests the image that our Dockerfile makes"))


@pytest.fixture(scope="session", autouse=True)
def portal_of_the_settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Serve the portal during the tests that the CDK has written."""
    if not any(item.path.is_relative_to(_WRITTEN_BY_THE_CDK) for item in request.session.items):
        yield
        return
    port = urlsplit(json.loads(_SETTINGS.read_text(encoding="utf-8"))["webhook_url"]).port
    with serving(PortalServer(App(sample_portal(RealClock(), deals=60)), port or 0)):
        yield
