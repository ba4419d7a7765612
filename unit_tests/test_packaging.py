"""What the packaging says in several places agrees. The version is set in setup.py; the other places follow it."""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from airbyte_cdk.models.connector_metadata import ConnectorLanguage, MetadataFile
from packaging.requirements import Requirement

from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.config import DOCUMENTATION_URL

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "source_bitrix24"
LOCKS = ("requirements.lock", "requirements-dev.lock")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setup_keywords() -> dict[str, Any]:
    """Return the literal keywords of setup.py."""
    calls = [node for node in ast.walk(ast.parse(text_of("setup.py"))) if isinstance(node, ast.Call)]
    (call,) = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "setup"]
    return {
        keyword.arg: ast.literal_eval(keyword.value)
        for keyword in call.keywords
        if keyword.arg and not isinstance(keyword.value, ast.Call)
    }


SETUP = setup_keywords()
FILE: dict[str, Any] = yaml.safe_load(text_of("metadata.yaml"))
METADATA = FILE["data"]
DOCKERFILE = re.sub(r"\\\n\s*", "", text_of("Dockerfile"))


def in_dockerfile(pattern: str) -> list[str]:
    return re.findall(pattern, DOCKERFILE, re.MULTILINE)


def pins(lock: str) -> list[tuple[Requirement, list[str]]]:
    """The requirements of a lock with their hashes."""
    lines = [line for line in text_of(lock).splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [(Requirement(line.partition(" --hash")[0]), re.findall(r"--hash=(\S+)", line)) for line in joined]


@pytest.mark.parametrize(
    ("place", "version"),
    [
        ("metadata.yaml, dockerImageTag", [METADATA["dockerImageTag"]]),
        ("Dockerfile, io.airbyte.version", in_dockerfile(r'io\.airbyte\.version="(.+?)"')),
        ("CHANGELOG.md, the first release", re.findall(r"^## (\d\S*)", text_of("CHANGELOG.md"), re.MULTILINE)[:1]),
    ],
)
def test_the_version_is_that_of_setup(place: str, version: list[str]) -> None:
    assert version == [SETUP["version"]], f"{place} has to follow setup.py"


def test_the_version_is_semantic() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", SETUP["version"])


def test_the_licence_is_one() -> None:
    assert [SETUP["license"], METADATA["license"], text_of("LICENSE").split()[0]] == ["MIT"] * 3


def test_the_metadata_can_be_read_by_the_cdk() -> None:
    data = MetadataFile.from_file(ROOT / "metadata.yaml").data
    assert data.language is ConnectorLanguage.PYTHON
    assert data.connectorBuildOptions
    assert [data.connectorBuildOptions.baseImage] == in_dockerfile(r"^ARG BASE_IMAGE=(\S+)$")


def test_the_metadata_are_valid_by_the_registrys_own_model() -> None:
    models = pytest.importorskip(
        "airbyte_connector_models.metadata.v0.connector_metadata_definition_v0",
        reason="airbyte-connector-models is there for Python 3.11 and 3.12 only",
    )
    models.ConnectorMetadataDefinitionV0.model_validate(FILE)


def test_the_connector_keeps_its_identity() -> None:
    assert UUID(METADATA["definitionId"]) == UUID("f057a76f-b134-4198-9b05-fa5af0007d08")
    assert METADATA["dockerRepository"] == "airbyte/source-bitrix24"


def test_the_metadata_name_streams_and_a_page_that_the_connector_knows() -> None:
    assert set(METADATA["suggestedStreams"]["streams"]) <= {table.name for table in TABLES}
    assert METADATA["documentationUrl"] == DOCUMENTATION_URL


def test_the_icon_is_square_and_refers_to_nothing_outside() -> None:
    icon = text_of(METADATA["icon"])
    width, height = (re.findall(rf'<svg[^>]* {side}="(\d+)"', icon) for side in ("width", "height"))
    assert width == height != []
    assert not re.search(r"href|url\(|<image|<script|<!ENTITY", icon)


def test_the_image_is_labelled_with_its_name() -> None:
    assert in_dockerfile(r'io\.airbyte\.name="(.+?)"') == [METADATA["dockerRepository"]]


def test_both_stages_use_the_base_image_that_is_pinned_by_digest() -> None:
    assert in_dockerfile(r"^FROM (\S+)") == ["${BASE_IMAGE}"] * 2
    (base,) = in_dockerfile(r"^ARG BASE_IMAGE=(\S+)$")
    assert re.search(r":\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$", base)


def test_the_entry_point_is_what_the_platform_starts_and_what_setup_installs() -> None:
    (entry_point,) = map(json.loads, in_dockerfile(r"^ENTRYPOINT (.+)$"))
    script, doctor = SETUP["entry_points"]["console_scripts"]
    assert doctor == "source-bitrix24-doctor=source_bitrix24.doctor.run:run"
    assert entry_point == in_dockerfile(r'AIRBYTE_ENTRYPOINT="(.+?)"')
    assert entry_point == [f"/opt/venv/bin/{script.partition('=')[0]}"]


def test_the_image_runs_as_a_user_who_is_not_root() -> None:
    assert in_dockerfile(r"^USER (\S+)$") == ["airbyte"]
    assert DOCKERFILE.rstrip().splitlines()[-1] == "USER airbyte"


def test_the_dockerfile_is_plain_enough_for_every_engine() -> None:
    assert not in_dockerfile(r"<<|^# *syntax|^RUN --mount|^ADD |^HEALTHCHECK")


def test_only_what_the_image_is_made_of_is_sent_to_the_engine() -> None:
    rules = [line for line in text_of(".dockerignore").splitlines() if line and not line.startswith("#")]
    allowed = {rule[1:].rstrip("/") for rule in rules if rule.startswith("!")}
    copied = {name for sources in in_dockerfile(r"^COPY (?!--from)(.+) \S+$") for name in sources.split()}
    assert rules[0] == "*"
    assert allowed == copied
    assert [rule for rule in rules[1:] if not rule.startswith("!")] == ["**/__pycache__/", "**/*.pyc"]


def test_every_file_that_the_package_reads_is_installed_with_it() -> None:
    shipped = {path for pattern in SETUP["package_data"]["source_bitrix24"] for path in PACKAGE.glob(pattern)}
    held = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert held <= shipped


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_has_one_version_and_its_hashes(lock: str) -> None:
    for requirement, hashes in pins(lock):
        assert [one.operator for one in requirement.specifier] == ["=="], requirement
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_no_address(lock: str) -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host|^-", text_of(lock), re.MULTILINE)


def test_the_requirements_of_setup_are_locked_and_tests_run_with_the_shipped_versions() -> None:
    shipped, tested = ({str(one.name): str(one.specifier)[2:] for one, _ in pins(lock)} for lock in LOCKS)
    for requirement in map(Requirement, SETUP["install_requires"]):
        assert requirement.specifier.contains(shipped[requirement.name])
    assert shipped.items() <= tested.items()


def test_every_package_that_is_imported_is_a_requirement_of_setup() -> None:
    required = {Requirement(one).name.replace("-", "_") for one in SETUP["install_requires"]}
    comes_with = {"urllib3": "requests", "attributes_doc": "airbyte_cdk"}
    imported = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
    }
    others = imported - set(sys.stdlib_module_names)
    assert {comes_with.get(name, name) for name in others} <= required


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []
