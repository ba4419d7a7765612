"""`make report`: the page in headless Chromium, in light and dark, on a laptop and on a phone."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from integration_tests.duckdb_sync import ANALYTICS, PYTHON, DuckDBSync
from integration_tests.process import ROOT
from source_bitrix24.catalog.tables import TABLES

pytestmark = [
    pytest.mark.warehouse,
    pytest.mark.skipif(not (PYTHON.exists() and ANALYTICS.exists()), reason="run make test-warehouse"),
    pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium: install Debian's package chromium"),
]

CHARTS = {"funnel", "won_by_month", "won_by_manager", "time_in_stage", "sources", "products", "activities"}
WINDOWS = {
    "laptop-light": ("1280", "800", "light"),
    "laptop-dark": ("1280", "800", "dark"),
    "phone-light": ("390", "844", "light"),
    "phone-dark": ("390", "844", "dark"),
}


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> DuckDBSync:
    app = App(sample_portal(RealClock(), deals=120))
    synced = DuckDBSync(app, tmp_path_factory.mktemp("file") / "bitrix24.duckdb", tmp_path_factory.mktemp("temporary"))
    with serving(PortalServer(app)):
        assert synced.sync() == 0, synced.output
    assert synced.report() == 0, synced.output
    return synced


@pytest.mark.parametrize("window", WINDOWS)
def test_the_page_draws_every_chart_without_an_error_and_without_the_network(
    synced: DuckDBSync, window: str, tmp_path: Path
) -> None:
    width, height, scheme = WINDOWS[window]
    picture = tmp_path / "page.png"
    found = _look(synced.file.with_name("report.html"), picture, width, height, scheme)
    assert (found["errors"], found["requests"]) == ([], [])
    charts = CHARTS | ({"calls"} if "calls" in {table.name for table in TABLES} else set())
    assert {name for name, marks in found["marks"].items() if marks > 1} == charts
    assert found["overflow"] <= 0
    assert ("18, 22, 28" in found["background"]) == (scheme == "dark")
    assert "won in the last twelve months" in found["text"]
    assert picture.stat().st_size > 10_000


def test_the_page_is_one_file_that_names_its_place(synced: DuckDBSync) -> None:
    page = synced.file.with_name("report.html")
    assert f"The report is in {page}" in synced.output
    text = page.read_text(encoding="utf-8")
    assert 'src="' not in text.partition("<script")[0]
    assert synced.app.webhook.token not in text


def test_a_file_that_is_not_there_is_said_in_a_sentence(synced: DuckDBSync, tmp_path: Path) -> None:
    other = DuckDBSync(synced.app, tmp_path / "nothing.duckdb", tmp_path)
    assert other.report() == 1
    assert f"There is no file {other.file}. Write it first: make sync" in other.output


def test_a_part_of_the_tables_gives_a_part_of_the_page(synced: DuckDBSync, tmp_path: Path) -> None:
    other = DuckDBSync(synced.app, tmp_path / "part.duckdb", tmp_path)
    with serving(PortalServer(synced.app)):
        assert other.sync(TABLES="leads,activities") == 0, other.output
    assert other.report() == 0, other.output
    assert "analytics.bitrix24__deals" not in other.output
    found = _look(tmp_path / "report.html", tmp_path / "page.png", *WINDOWS["laptop-light"])
    assert (found["errors"], list(found["marks"])) == ([], ["activities"])
    assert "from a lead to its first activity" in found["text"]


def _look(page: Path, picture: Path, width: str, height: str, scheme: str) -> dict[str, Any]:
    """What is on the page, as `analytics.browser` tells it."""
    size = ["--width", width, "--height", height, "--scheme", scheme]
    line = [str(ANALYTICS), "-m", "analytics.browser", str(page), str(picture), *size]
    output = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(output)
    return found
