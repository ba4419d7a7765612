"""The image against the emulator, with minimal privileges. The engine must share the loopback of this machine."""

import gc
import json
import os
import re
import tarfile
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
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, errors, records
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.config import connection_specification

pytestmark = pytest.mark.image

ROOT = Path(__file__).parent.parent
GIVEN_IMAGE = os.environ.get("SOURCE_BITRIX24_IMAGE", "")  # empty: build one
METADATA = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]
LOCKED_DOWN: dict[str, Any] = {
    "cap_drop": ["ALL"],
    "network_mode": "host",
    "read_only": True,
    "security_opt": ["no-new-privileges"],
    "tmpfs": {"/tmp": ""},  # noqa: S108  # the container's
}
SECRETS = re.compile(
    rb"/rest/[1-9][0-9]*/(?!abcdefgh12345678/)[A-Za-z0-9]{8,}/"  # a webhook, except the example in the spec
    rb"|-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{200}"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bpypi-AgEI[A-Za-z0-9_-]{20}"
    rb"|(?i:index[-_]url)\s*=\s*\S+@"
)
PRIVATE_FILES = re.compile(r"(^|/)(secrets/.+|\.git(/.+)?|\.env|\.netrc|\.pypirc|id_rsa|id_ed25519)$")
PRIVATE_WORDS = re.compile(r"(?i)(token|secret|passw|credential|api_?key)\w*=\S|://[^\s/]+@")


class Result(NamedTuple):
    """Exit code and output of a container."""

    code: int
    out: str
    err: str


class ContainedConnector(Connector):
    """The connector in its image: each command runs in a new container."""

    def __init__(self, image: Any, app: App, folder: Path, **settings: Any) -> None:
        super().__init__(app, folder, concurrent_requests=4, **settings)
        self._image = image
        folder.chmod(0o755)  # the container has another user

    def start(self, *arguments: str, files: dict[str, Any], **options: Any) -> Any:
        """Start a container. `files` are mounted in /secrets and passed to the entry point as options."""
        for name, content in files.items():
            (self.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
            arguments += (f"--{name}", f"/secrets/{name}.json") if "entrypoint" not in options else ()
        settings = LOCKED_DOWN | {"volumes": {str(self.folder): {"bind": "/secrets", "mode": "ro"}}} | options
        return self._image.client.containers.run(self._image, list(arguments), detach=True, **settings)

    def run(self, *arguments: str, files: dict[str, Any] | None = None, **options: Any) -> Result:
        """Run a command until its container exits."""
        return result_of(self.start(*arguments, files=files or {}, **options))

    def lines(self, command: str, **files: Any) -> Iterator[str]:
        """The lines that a command prints. It must succeed."""
        result = self.run(command, files=files if command == "spec" else {"config": self.settings, **files})
        assert (result.code, result.err) == (0, ""), result
        yield from result.out.splitlines()


def result_of(container: Any, seconds: float = 120) -> Result:
    """Wait until a container exits, then remove it."""
    try:
        code = container.wait(timeout=seconds)["StatusCode"]
        out, err = (container.logs(stdout=which, stderr=not which).decode() for which in (True, False))
        return Result(code, out, err)
    finally:
        container.remove(force=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    reason = None
    try:
        client = docker.from_env(timeout=600)  # requests the version of the engine
    except docker.errors.DockerException as error:
        reason = f"no container engine answers: {error}"
    if reason:
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            gc.collect()  # docker leaves the unanswered socket open
        (pytest.fail if GIVEN_IMAGE else pytest.skip)(reason)
    yield client
    client.close()


@pytest.fixture(scope="module")
def image(engine: Any) -> Any:
    """The given image, or one built from this checkout."""
    if GIVEN_IMAGE:
        return engine.images.get(GIVEN_IMAGE)
    return engine.images.build(path=str(ROOT), tag="airbyte/source-bitrix24:test", rm=True, forcerm=True)[0]


@pytest.fixture
def app() -> Iterator[App]:
    """A small portal on a local port."""
    app = App(sample_portal(RealClock(), deals=120))
    with serving(PortalServer(app)):
        yield app


@pytest.fixture
def contained(image: Any, app: App, tmp_path: Path) -> ContainedConnector:
    return ContainedConnector(image, app, tmp_path)


def problems(warehouse: Warehouse, app: App) -> dict[str, list[str]]:
    """All differences between warehouse and portal, by table."""
    found = {t.name: differences(warehouse.rows(t.name), expected_rows(app.portal, t.name), t.key) for t in TABLES}
    return {name: texts for name, texts in found.items() if texts}


def files_of_layers(saved: Path) -> Iterator[tuple[str, bytes]]:
    """All files of all layers of a saved image, including those that a later layer hides."""
    with tarfile.open(saved) as archive:
        manifest = archive.extractfile("manifest.json")
        for layer in json.load(manifest)[0]["Layers"] if manifest else []:
            with tarfile.open(fileobj=archive.extractfile(layer)) as files:
                for member in files:
                    file = files.extractfile(member) if member.isreg() else None
                    if file:
                        yield member.name, file.read()


def test_spec_prints_the_connection_specification(contained: ContainedConnector) -> None:
    specs = [message["spec"] for message in contained.messages("spec") if message["type"] == "SPEC"]
    assert [spec["connectionSpecification"] for spec in specs] == [connection_specification()]


@pytest.mark.parametrize(("token", "status"), [(SAMPLE_TOKEN, "SUCCEEDED"), ("an0therT0ken", "FAILED")])
def test_check_succeeds_only_with_a_good_webhook(contained: ContainedConnector, token: str, status: str) -> None:
    contained.settings["webhook_url"] = f"{contained.app.origin}/rest/1/{token}/"
    messages = contained.messages("check")
    statuses = [message["connectionStatus"] for message in messages if message["type"] == "CONNECTION_STATUS"]
    assert [found["status"] for found in statuses] == [status]
    assert token not in json.dumps(messages)


def test_a_read_with_invalid_settings_exits_with_1_and_one_config_error(contained: ContainedConnector) -> None:
    result = contained.run("read", files={"config": {"webhook_url": "https://example.com"}, "catalog": {"streams": []}})
    (error,) = errors([json.loads(line) for line in result.out.splitlines()])
    assert (result.code, result.err, error["failure_type"]) == (1, "", "config_error")


def test_discover_prints_the_same_catalog_as_outside_the_image(contained: ContainedConnector, tmp_path: Path) -> None:
    assert contained.streams() == Connector(contained.app, tmp_path).streams()


def test_a_first_read_copies_the_portal_and_the_next_one_reads_the_changes(contained: ContainedConnector) -> None:
    warehouse, portal = Warehouse(contained.streams()), contained.app.portal
    first = contained.read()
    warehouse.take(first)
    assert {message["type"] for message in first} <= {"LOG", "RECORD", "STATE", "TRACE"}
    assert problems(warehouse, contained.app) == {}

    deal = next(iter(portal.tables["deal"]))["ID"]
    portal.update("deal", deal, TITLE="Signed")
    lead = portal.create("lead", TITLE="From the fair")
    second = contained.read(state=warehouse.state)
    warehouse.take(second)
    assert problems(warehouse, contained.app) == {}
    assert "Signed" in [row["TITLE"] for row in records(second, "deals")]
    assert lead in [row["ID"] for row in records(second, "leads")]
    assert len(records(second, "deals")) < len(records(first, "deals")) / 4


def test_a_read_that_gets_sigterm_exits_with_143_and_the_next_one_resumes(contained: ContainedConnector) -> None:
    warehouse, latency = Warehouse(contained.streams()), contained.app.limits.latency
    latency.request = 1.0
    container = contained.start("read", files={"config": contained.settings, "catalog": contained.catalog()})
    while b'"type":"STATE"' not in container.logs() and container.status != "exited":
        time.sleep(0.1)
        container.reload()
    container.kill("SIGTERM")
    result = result_of(container, seconds=10)
    latency.request = 0.0
    assert (result.code, result.err) == (143, "")
    warehouse.take(json.loads(line) for line in result.out.splitlines())
    assert problems(warehouse, contained.app)
    warehouse.take(contained.read(state=warehouse.state))
    assert problems(warehouse, contained.app) == {}


def test_airbytes_shell_command_runs_the_entry_point(contained: ContainedConnector) -> None:
    script = 'eval "$AIRBYTE_ENTRYPOINT check --config /secrets/config.json"'
    result = contained.run("-c", script, files={"config": contained.settings}, entrypoint=["sh"], working_dir="/source")
    assert (result.code, "SUCCEEDED" in result.out) == (0, True)


@pytest.mark.parametrize(("user", "user_id"), [({}, "1000"), ({"user": "12345:12345"}, "12345")])
def test_the_image_runs_as_user_1000_and_as_any_other(
    contained: ContainedConnector, user: dict[str, Any], user_id: str
) -> None:
    assert contained.run("-u", entrypoint=["id"], **user).out.strip() == user_id
    assert contained.run("check", files={"config": contained.settings}, **user).code == 0


def test_labels_user_and_entry_point_of_the_image_are_those_of_the_metadata(image: Any) -> None:
    config = image.attrs["Config"]
    environment = dict(pair.split("=", 1) for pair in config["Env"])
    assert image.labels["io.airbyte.name"] == METADATA["dockerRepository"]
    assert image.labels["io.airbyte.version"] == METADATA["dockerImageTag"]
    assert config["User"] == "airbyte"
    assert config["Entrypoint"] == [environment["AIRBYTE_ENTRYPOINT"]]
    assert environment["AIRBYTE_ENTRYPOINT"].startswith("/")


def test_layers_and_history_contain_no_secret_and_only_our_package(image: Any, tmp_path: Path) -> None:
    lines = [*image.attrs["Config"]["Env"], *(line["CreatedBy"] for line in image.history())]
    installed = set()
    with (tmp_path / "image.tar").open("wb") as file:
        file.writelines(image.save(chunk_size=1 << 20))
    secrets = [line for line in lines if PRIVATE_WORDS.search(line)]
    for name, content in files_of_layers(tmp_path / "image.tar"):
        installed.add(name.partition("/site-packages/")[2])
        in_base_image = name.startswith("usr/")  # its packages contain keys for their tests
        if content and not in_base_image and (PRIVATE_FILES.search(name) or SECRETS.search(content)):
            secrets.append(name)
    assert secrets == []
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {name.partition("/")[0] for name in installed} & packages == {"source_bitrix24"}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "source_bitrix24").rglob("*.py")}
    compiled = {
        re.sub(r"__pycache__/(.+)\.cpython-\d+\.pyc$", r"\1.py", name) for name in installed if name.endswith("c")
    }
    assert modules <= installed & compiled
