"""Every command in the user documentation is run, here or by the test that ELSEWHERE names."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from source_bitrix24.entrypoint import Entrypoint
from source_bitrix24.source import SourceBitrix24

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "docs/bitrix24.md", "docs/questions.md")
EXAMPLE = "https://example.bitrix24.com/rest/1/abcdefgh12345678/"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

_IN_THE_IMAGE = "integration_tests/test_image.py"
_LOCKED_DOWN = (
    'docker run --rm --user "$(id -u)" --read-only --tmpfs /tmp --cap-drop ALL '
    '-v "$PWD:/config:ro" airbyte/source-bitrix24:dev'
)
# commands that are not run as written, and the file that runs the same
ELSEWHERE = {
    "make demo": "integration_tests/test_documents.py",
    "make report": "integration_tests/test_report.py",
    "make test": ".ci/run",
    "make setup": "Makefile",  # the prerequisite of every target
    "make image": _IN_THE_IMAGE,
    "docker run --rm airbyte/source-bitrix24:dev spec": _IN_THE_IMAGE,
    f"{_LOCKED_DOWN} check --config /config/config.json": _IN_THE_IMAGE,
    f"{_LOCKED_DOWN} discover --config /config/config.json": _IN_THE_IMAGE,
    _LOCKED_DOWN.replace('ro"', 'ro" -e REQUESTS_CA_BUNDLE=/config/authority.pem')
    + " check --config /config/config.json": "integration_tests/test_network.py",
    f"make sync WEBHOOK_URL={EXAMPLE}": "integration_tests/test_warehouse.py",
    "pipx install .": "integration_tests/test_documents.py",
    "uvx --from . source-bitrix24 spec": "integration_tests/test_documents.py",
}
_SHIPPED = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "source_bitrix24")


def commands(page: str) -> list[str]:
    """The commands in the `sh` blocks of a page, without comments."""
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"))
    lines = (re.sub(r"\s+# .*", "", line).strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture
def webhook_url() -> Iterator[str]:
    """The webhook URL of a portal on a local port, which runs during the test."""
    app = App(sample_portal(RealClock(), deals=20), token="abcdefgh12345678")
    with serving(PortalServer(app)):
        yield app.webhook_url


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the files that the installation needs."""
    for name in _SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    return tmp_path


def _run(command: str, folder: Path, **settings: str) -> str:
    environment = os.environ | settings
    process = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == 0, f"{command}\n{process.stdout}"
    return process.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_order(page: str, webhook_url: str, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent, target_is_directory=True)
    for command in commands(page):
        if command not in ELSEWHERE:
            printed = _run(command.replace(EXAMPLE, webhook_url), tmp_path)
            assert "check" not in command or '"status":"SUCCEEDED"' in printed
            assert "discover" not in command or '"name":"deals"' in printed


def test_the_script_of_the_questions_reads_all_rows_and_then_the_changes(webhook_url: str, tmp_path: Path) -> None:
    (script,) = re.findall(r"(?s)```python\n(.*?)```", (ROOT / "docs" / "questions.md").read_text(encoding="utf-8"))
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent, target_is_directory=True)
    (tmp_path / "config.json").write_text(f'{{"webhook_url": "{webhook_url}"}}', encoding="utf-8")
    (tmp_path / "read.py").write_text(script, encoding="utf-8")
    command = f"{shlex.quote(sys.executable)} read.py"
    first, second = [_run(command, tmp_path, PYTHONPATH=str(ROOT)) for _ in range(2)]
    assert re.fullmatch(r"\{'deals': 20, 'deal_products': \d+\}\n", first)
    assert second == "{'deals': 0, 'deal_products': 0}\n"


def test_commands_that_are_run_elsewhere_are_in_the_pages_and_their_tests_exist() -> None:
    shown = {command for page in PAGES for command in commands(page)}
    assert set(ELSEWHERE) - shown == set()
    assert [place for place in ELSEWHERE.values() if not (ROOT / place).exists()] == []
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", sorted({command.split()[1] for command in ELSEWHERE if command.startswith("make ")}))
def test_every_make_target_of_the_pages_exists(target: str) -> None:
    assert re.search(rf"(?m)^{target}:", MAKEFILE)


@pytest.mark.parametrize("command", [command for command in ELSEWHERE if command.startswith("docker run ")])
def test_every_docker_command_of_the_pages_uses_our_image_with_valid_arguments(command: str) -> None:
    (image,) = re.findall(r"(?m)^IMAGE := (\S+)$", MAKEFILE)
    words = shlex.split(command)
    arguments = Entrypoint(SourceBitrix24()).parse_args(words[words.index(image) + 1 :])
    assert arguments.command in ("spec", "check", "discover")


def test_the_demo_shows_a_first_and_an_incremental_read(tmp_path: Path) -> None:
    assert "python -m demo" in re.split(r"(?m)^demo:", MAKEFILE)[1].partition(".PHONY")[0]
    printed = _run(f"{shlex.quote(sys.executable)} -m demo --deals 30 --folder {shlex.quote(str(tmp_path))}", ROOT)
    first, second = re.findall(r"(?m)^  all +([\d,]+) +\d+ +[\d.]+$", printed)
    assert int(second.replace(",", "")) < int(first.replace(",", ""))
    assert "Renamed while nobody looked" in printed


@pytest.mark.slow
def test_uvx_runs_the_connector_from_a_checkout(checkout: Path) -> None:
    if not shutil.which("uvx"):
        pytest.skip("uvx is not installed")
    assert '"type":"SPEC"' in _run("uvx --from . source-bitrix24 spec", checkout)


@pytest.mark.slow
def test_pipx_installs_the_connector_from_a_checkout(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    pipx = "pipx" if shutil.which("pipx") else "uvx pipx"
    if not shutil.which(pipx.split()[0]):
        pytest.skip("neither pipx nor uvx is installed")
    home = tmp_path_factory.mktemp("pipx")
    _run(f"{pipx} install .", checkout, PIPX_HOME=str(home / "home"), PIPX_BIN_DIR=str(home / "bin"))
    assert '"type":"SPEC"' in _run(f"{shlex.quote(str(home / 'bin' / 'source-bitrix24'))} spec", checkout)
