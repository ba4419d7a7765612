"""The commands of the protocol: what they print, and how they fail."""

import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import Type

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.airbyte.messages import Output
from source_bitrix24.entrypoint import Entrypoint
from source_bitrix24.source import SourceBitrix24
from unit_tests.mounted import session_of


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=20))


@pytest.fixture(autouse=True)
def _log_levels() -> Iterator[None]:
    """Put the levels of the loggers back, and the folder of temporary files."""
    loggers = [logging.getLogger(name) for name in ("airbyte", "bitrix24", "airbyte.source-bitrix24")]
    before = [logger.level for logger in loggers]
    yield
    tempfile.tempdir = None
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


class Program:
    """The program without its process."""

    def __init__(self, app: App, folder: Path) -> None:
        self.exit_code: int | str | None = 0
        self.outputs: list[Output] = []
        self._folder = folder
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        tempfile.tempdir = str(self._temporary)
        self.temporary_files: list[Path] = []
        self._entrypoint = Entrypoint(SourceBitrix24(app.portal.clock, session_of(app)))

    def run(self, *arguments: str, **files: Any) -> list[dict[str, Any]]:
        """Return the messages of a command; `files`: what its files hold."""
        options = []
        for name, content in files.items():
            path = self._folder / f"{name}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            options += [f"--{name}", str(path)]
        self.exit_code, self.outputs = 0, []
        try:
            parsed = self._entrypoint.parse_args([*arguments, *options])
            for output in self._entrypoint.outputs(parsed):
                self.outputs.append(output)
                self.temporary_files += list(self._temporary.iterdir())
        except SystemExit as end:
            self.exit_code = end.code
        return [json.loads(line) for output in self.outputs for line in output.lines.splitlines()]


@pytest.fixture
def program(app: App, tmp_path: Path) -> Program:
    return Program(app, tmp_path)


def config(app: App, **settings: Any) -> dict[str, Any]:
    return {"webhook_url": app.webhook_url, **settings}


def catalog_of(program: Program, app: App, *names: str) -> dict[str, Any]:
    (found,) = [one["catalog"] for one in program.run("discover", config=config(app)) if one["type"] == "CATALOG"]
    return {
        "streams": [
            {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
            for stream in found["streams"]
            if stream["name"] in names
        ]
    }


def of_type(messages: list[dict[str, Any]], type_: str) -> list[dict[str, Any]]:
    return [message for message in messages if message["type"] == type_]


def test_spec_prints_the_settings(program: Program) -> None:
    (spec,) = of_type(program.run("spec"), "SPEC")
    assert spec["spec"]["connectionSpecification"]["required"] == ["webhook_url"]
    assert program.exit_code == 0


def test_check_succeeds_where_the_portal_answers(program: Program, app: App) -> None:
    (status,) = of_type(program.run("check", config=config(app)), "CONNECTION_STATUS")
    assert status["connectionStatus"] == {"status": "SUCCEEDED"}


def test_check_says_in_a_sentence_which_setting_cannot_be_used(program: Program, app: App) -> None:
    messages = program.run("check", config=config(app, label_language="english"))
    (status,) = of_type(messages, "CONNECTION_STATUS")
    assert status["connectionStatus"]["status"] == "FAILED"
    assert "label_language must be two lowercase letters" in status["connectionStatus"]["message"]


def test_read_prints_records_and_a_state_as_lines_of_their_type(program: Program, app: App) -> None:
    catalog = catalog_of(program, app, "deals")
    messages = program.run("read", config=config(app), catalog=catalog)
    records = [message["record"]["data"]["ID"] for message in of_type(messages, "RECORD")]
    assert records == sorted((row["ID"] for row in app.portal.visible("deal")), reverse=True)
    assert {output.type for output in program.outputs} == {Type.RECORD, Type.STATE, None}
    assert program.exit_code == 0


@pytest.mark.parametrize("command", ["read", "discover"])
def test_settings_that_cannot_be_used_end_the_program_with_a_sentence(command: str, program: Program, app: App) -> None:
    files: dict[str, Any] = {"catalog": {"streams": []}} if command == "read" else {}
    messages = program.run(command, config=config(app, start_date="soon"), **files)
    (trace,) = of_type(messages, "TRACE")
    assert trace["trace"]["error"]["message"].startswith("The start date is not a date.")
    assert trace["trace"]["error"]["failure_type"] == "config_error"
    assert "stack_trace" not in trace["trace"]["error"]
    assert (program.exit_code, app.log) == (1, [])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config", "{", "The file with the settings does not hold what it should, as JSON."),
        ("catalog", "[]", "The file with the configured catalog does not hold what it should, as JSON."),
        ("state", "5", "The file with the saved state does not hold what it should, as JSON."),
    ],
)
def test_a_file_that_cannot_be_read_ends_the_program_with_a_sentence(
    name: str, content: str, message: str, program: Program, app: App
) -> None:
    files: dict[str, Any] = {"config": config(app), "catalog": {"streams": []}, name: content}
    (trace,) = of_type(program.run("read", **files), "TRACE")
    assert trace["trace"]["error"]["message"].startswith(message)
    assert program.exit_code == 1


def test_a_read_with_a_failed_stream_prints_the_others_and_then_fails(program: Program, app: App) -> None:
    catalog = catalog_of(program, app, "deals", "leads")
    app.webhook.may_not_read = {"crm.deal.list"}
    messages = program.run("read", config=config(app), catalog=catalog)
    assert {message["record"]["stream"] for message in of_type(messages, "RECORD")} == {"leads"}
    failures = [
        one["trace"]["error"]["message"] for one in of_type(messages, "TRACE") if one["trace"]["type"] == "ERROR"
    ]
    assert failures[-1].startswith("These streams failed: deals.")
    assert program.exit_code == 1


@pytest.mark.parametrize(("arguments", "level"), [((), logging.INFO), (("--debug",), logging.DEBUG)])
def test_the_log_of_a_read_is_as_detailed_as_requested(
    arguments: tuple[str, ...], level: int, program: Program, app: App
) -> None:
    program.run("read", *arguments, config=config(app), catalog={"streams": []})
    assert logging.getLogger("airbyte").level == logging.getLogger("bitrix24").level == level


@pytest.mark.parametrize("command", ["spec", "check", "discover"])
def test_no_command_writes_a_temporary_file_since_a_killed_process_would_leave_it(
    app: App, tmp_path: Path, command: str
) -> None:
    program = Program(app, tmp_path)
    settings = {} if command == "spec" else {"config": {"webhook_url": app.webhook_url}}
    assert program.run(command, **settings)
    assert program.exit_code == 0
    assert program.temporary_files == []


def test_without_a_command_there_is_a_sentence(app: App, tmp_path: Path) -> None:
    program = Program(app, tmp_path)
    assert program.run() == []
    assert program.exit_code == "A command is missing: spec, check, discover or read."
