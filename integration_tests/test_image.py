"""The image at work against the emulator, locked down as far as it goes. The engine has to share this machine's loopback."""

import gc
import json
import os
import re
import tarfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import docker  # type: ignore[import-untyped]
import pytest
import yaml

from emulator.app import SAMPLE_TOKEN, App
from emulator.clock import RealClock
from emulator.server import PortalServer
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, errors, records
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.config import connection_specification

pytestmark = pytest.mark.image

ROOT = Path(__file__).parent.parent
GIVEN = os.environ.get("SOURCE_BITRIX24_IMAGE", "")  # empty: build one
METADATA = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]
LOCKED_DOWN: dict[str, Any] = {
    "cap_drop": ["ALL"],
    "network_mode": "host",
    "read_only": True,
    "security_opt": ["no-new-privileges"],
    "tmpfs": {"/tmp": ""},  # noqa: S108  # the container's
}
SECRETS = re.compile(
    rb"/rest/[1-9][0-9]*/(?!abcdefgh12345678/)[A-Za-z0-9]{8,}/"  # a webhook, but not the example of the form
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{200}"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bpypi-AgEI[A-Za-z0-9_-]{20}"
    rb"|(?i:index[-_]url)\s*=\s*\S+@"
)
PRIVATE_FILES = re.compile(r"(^|/)(secrets/.+|\.git(/.+)?|\.env|\.netrc|\.pypirc|id_rsa|id_ed25519)$")
PRIVATE_WORDS = re.compile(r"(?i)(token|secret|passw|credential|api_?key)\w*=\S|://[^\s/]+@")


class Ran(NamedTuple):
    """What is left of a container that has ended."""

    code: int
    out: str
    err: str


class ContainedConnector(Connector):
    """The connector in its image: every command is a container of its own."""

    def __init__(self, image: Any, app: App, folder: Path, **settings: Any) -> None:
        super().__init__(app, folder, concurrent_requests=4, **settings)
        self._image = image
        folder.chmod(0o755)  # the container's user is another one

    def start(self, *arguments: str, files: dict[str, Any], **options: Any) -> Any:
        """A container on its way; `files` are in its folder /secrets, and among the arguments of the entry point."""
        for name, content in files.items():
            (self._folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
            arguments += (f"--{name}", f"/secrets/{name}.json") if "entrypoint" not in options else ()
        settings = LOCKED_DOWN | {"volumes": {str(self._folder): {"bind": "/secrets", "mode": "ro"}}} | options
        return self._image.client.containers.run(self._image, list(arguments), detach=True, **settings)

    def run(self, *arguments: str, files: dict[str, Any] | None = None, **options: Any) -> Ran:
        """Run a command to its end."""
        return ended(self.start(*arguments, files=files or {}, **options))

    def lines(self, command: str, **files: Any) -> Iterator[str]:
        """What a command that goes well prints."""
        ran = self.run(command, files=files if command == "spec" else {"config": self.settings, **files})
        assert (ran.code, ran.err) == (0, ""), ran
        yield from ran.out.splitlines()


def ended(container: Any, seconds: float = 120) -> Ran:
    """Wait for a container's end and remove it."""
    try:
        code = container.wait(timeout=seconds)["StatusCode"]
        out, err = (container.logs(stdout=which, stderr=not which).decode() for which in (True, False))
        return Ran(code, out, err)
    finally:
        container.remove(force=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    why = None
    try:
        client = docker.from_env(timeout=600)  # asks the engine for its version
    except docker.errors.DockerException as problem:
        why = f"no container engine answers: {problem}"
    if why:
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            gc.collect()  # docker leaves the socket open that nobody answers
        (pytest.fail if GIVEN else pytest.skip)(why)
    yield client
    client.close()


@pytest.fixture(scope="module")
def image(engine: Any) -> Any:
    """The image that is given, or built from this checkout."""
    if GIVEN:
        return engine.images.get(GIVEN)
    return engine.images.build(path=str(ROOT), tag="airbyte/source-bitrix24:test", rm=True, forcerm=True)[0]


@pytest.fixture
def served() -> Iterator[App]:
    """A small company's portal on a socket of this machine."""
    app = App(sample_portal(RealClock(), deals=120))
    server = PortalServer(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield app
    server.shutdown()
    thread.join()


@pytest.fixture
def contained(image: Any, served: App, tmp_path: Path) -> ContainedConnector:
    return ContainedConnector(image, served, tmp_path)


def unlike_the_portal(warehouse: Warehouse, app: App) -> dict[str, list[str]]:
    """Where the warehouse differs from the portal, by table."""
    found = {t.name: differences(warehouse.rows(t.name), expected_rows(app.portal, t.name), t.key) for t in TABLES}
    return {name: told for name, told in found.items() if told}


def files_of_layers(saved: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of every layer of a saved image, also where a later layer hides it."""
    with tarfile.open(saved) as archive:
        manifest = archive.extractfile("manifest.json")
        for layer in json.load(manifest)[0]["Layers"] if manifest else []:
            with tarfile.open(fileobj=archive.extractfile(layer)) as files:
                for member in files:
                    file = files.extractfile(member) if member.isreg() else None
                    if file:
                        yield member.name, file.read()


def test_spec_prints_the_form(contained: ContainedConnector) -> None:
    forms = [message["spec"] for message in contained.messages("spec") if message["type"] == "SPEC"]
    assert [one["connectionSpecification"] for one in forms] == [connection_specification()]


@pytest.mark.parametrize(("token", "status"), [(SAMPLE_TOKEN, "SUCCEEDED"), ("an0therT0ken", "FAILED")])
def test_check_tells_if_the_webhook_opens_the_portal(contained: ContainedConnector, token: str, status: str) -> None:
    contained.settings["webhook_url"] = f"{contained.app.origin}/rest/1/{token}/"
    messages = contained.messages("check")
    assert [one["connectionStatus"]["status"] for one in messages if one["type"] == "CONNECTION_STATUS"] == [status]
    assert token not in json.dumps(messages)


def test_settings_that_cannot_be_used_end_a_read_with_1_and_a_sentence(contained: ContainedConnector) -> None:
    ran = contained.run("read", files={"config": {"webhook_url": "https://example.com"}, "catalog": {"streams": []}})
    (error,) = errors([json.loads(line) for line in ran.out.splitlines()])
    assert (ran.code, ran.err, error["failure_type"]) == (1, "", "config_error")


def test_discover_finds_in_the_image_what_it_finds_outside(contained: ContainedConnector, tmp_path: Path) -> None:
    assert contained.streams() == Connector(contained.app, tmp_path).streams()


def test_a_read_copies_the_portal_and_the_next_one_takes_up_what_changed(contained: ContainedConnector) -> None:
    warehouse, portal = Warehouse(contained.streams()), contained.app.portal
    first = contained.read()
    warehouse.take(first)
    assert {message["type"] for message in first} <= {"LOG", "RECORD", "STATE", "TRACE"}
    assert unlike_the_portal(warehouse, contained.app) == {}

    deal = next(iter(portal.tables["deal"]))["ID"]
    portal.update("deal", deal, TITLE="Signed")
    lead = portal.create("lead", TITLE="From the fair")
    second = contained.read(state=warehouse.state)
    warehouse.take(second)
    assert unlike_the_portal(warehouse, contained.app) == {}
    assert "Signed" in [row["TITLE"] for row in records(second, "deals")]
    assert lead in [row["ID"] for row in records(second, "leads")]
    assert len(records(second, "deals")) < len(records(first, "deals")) / 4


def test_sigterm_ends_a_read_with_143_and_the_next_one_goes_on_from_there(contained: ContainedConnector) -> None:
    warehouse, latency = Warehouse(contained.streams()), contained.app.limits.latency
    latency.request = 1.0
    container = contained.start("read", files={"config": contained.settings, "catalog": contained.catalog()})
    while b'"type":"STATE"' not in container.logs() and container.status != "exited":
        time.sleep(0.1)
        container.reload()
    container.kill("SIGTERM")
    ran = ended(container, seconds=10)
    latency.request = 0.0
    assert (ran.code, ran.err) == (143, "")
    warehouse.take(json.loads(line) for line in ran.out.splitlines())
    assert unlike_the_portal(warehouse, contained.app)
    warehouse.take(contained.read(state=warehouse.state))
    assert unlike_the_portal(warehouse, contained.app) == {}


def test_the_platform_starts_it_in_a_shell_of_its_own(contained: ContainedConnector) -> None:
    script = 'eval "$AIRBYTE_ENTRYPOINT check --config /secrets/config.json"'
    ran = contained.run("-c", script, files={"config": contained.settings}, entrypoint=["sh"], working_dir="/source")
    assert (ran.code, "SUCCEEDED" in ran.out) == (0, True)


@pytest.mark.parametrize(("user", "told"), [({}, "1000"), ({"user": "12345:12345"}, "12345")])
def test_it_runs_as_user_1000_or_any_other(contained: ContainedConnector, user: dict[str, Any], told: str) -> None:
    assert contained.run("-u", entrypoint=["id"], **user).out.strip() == told
    assert contained.run("check", files={"config": contained.settings}, **user).code == 0


def test_the_image_says_what_the_metadata_say(image: Any) -> None:
    said = image.attrs["Config"]
    environment = dict(pair.split("=", 1) for pair in said["Env"])
    assert image.labels["io.airbyte.name"] == METADATA["dockerRepository"]
    assert image.labels["io.airbyte.version"] == METADATA["dockerImageTag"]
    assert said["User"] == "airbyte"
    assert said["Entrypoint"] == [environment["AIRBYTE_ENTRYPOINT"]]
    assert environment["AIRBYTE_ENTRYPOINT"].startswith("/")


def test_layers_and_history_hold_no_secret_and_no_more_than_the_package(image: Any, tmp_path: Path) -> None:
    told = [*image.attrs["Config"]["Env"], *(line["CreatedBy"] for line in image.history())]
    ours = set()
    with (tmp_path / "image.tar").open("wb") as file:
        file.writelines(image.save(chunk_size=1 << 20))
    secret = [line for line in told if PRIVATE_WORDS.search(line)]
    for name, content in files_of_layers(tmp_path / "image.tar"):
        ours.add(name.partition("/site-packages/")[2])
        bases = name.startswith("usr/")  # its packages bring keys for their tests
        if content and not bases and (PRIVATE_FILES.search(name) or SECRETS.search(content)):
            secret.append(name)
    assert secret == []
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {name.partition("/")[0] for name in ours} & packages == {"source_bitrix24"}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "source_bitrix24").rglob("*.py")}
    compiled = {re.sub(r"__pycache__/(.+)\.cpython-\d+\.pyc$", r"\1.py", name) for name in ours if name.endswith("c")}
    assert modules <= ours & compiled
