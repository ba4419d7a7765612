"""The program as a process: exit codes, stdout and stderr, termination."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from integration_tests.harness import Message, errors, records, states
from source_bitrix24.catalog.tables import TABLES

ROOT = Path(__file__).parent.parent
_MESSAGES = {"LOG", "SPEC", "CONNECTION_STATUS", "CATALOG", "RECORD", "STATE", "TRACE"}
_WITHOUT_NETWORK = """
import os, runpy, sys
sys.addaudithook(lambda event, _: event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") and os._exit(99))
runpy.run_module("source_bitrix24.run", run_name="__main__")
"""
# the grace period of SIGTERM never ends: a process that ends has process by itself
_ENDLESS_GRACE_PERIOD = """
from source_bitrix24 import run
run._GRACE_SECONDS = 3600.0
run.run()
"""
_SLOW_ANSWER = 50.0  # seconds, within which the emulator answers nothing
_AT_ONCE = 20.0  # seconds: far less than a slow answer, far more than a loaded machine needs
_STARTUP = 60.0  # seconds


@contextmanager
def portal_on_a_socket(deals: int = 30) -> Iterator[App]:
    """A portal on a local port, in real time and without a request limit."""
    app = App(sample_portal(RealClock(), deals=deals, contacts=30, leads=5, activities=5))
    app.limits.bucket.enabled = False
    with serving(PortalServer(app)):
        yield app


def command_line(folder: Path, command: str, *options: str, **files: Any) -> list[str]:
    """The command line of the program. `files`: contents of --config, --catalog and --state, as text or as JSON values."""
    line = [sys.executable, "-m", "source_bitrix24.run", command, *options]
    for name, content in files.items():
        path = folder / f"{name}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        line += [f"--{name}", str(path)]
    return line


def run_program(line: Sequence[str], **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the program until it exits."""
    return subprocess.run(
        line, capture_output=True, text=True, cwd=ROOT, env=os.environ | environment, timeout=60, check=False
    )


def catalog_of(*names: str) -> dict[str, Any]:
    """A minimal configured catalog; every stream is incremental."""
    return {
        "streams": [
            {
                "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
            for name in names
        ]
    }


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with portal_on_a_socket() as portal:
        yield portal


def _messages(printed: str) -> list[Message]:
    messages = [json.loads(line) for line in printed.splitlines()]
    assert {message["type"] for message in messages} <= _MESSAGES
    return messages


def _of_type(messages: list[Message], kind: str) -> list[Message]:
    return [message for message in messages if message["type"] == kind]


def test_spec_needs_no_network() -> None:
    process = run_program([sys.executable, "-c", _WITHOUT_NETWORK, "spec"])
    assert (process.returncode, process.stderr) == (0, "")
    (spec,) = _of_type(_messages(process.stdout), "SPEC")
    assert spec["spec"]["connectionSpecification"]["required"] == ["webhook_url"]


def test_check_succeeds_with_a_good_webhook(app: App, tmp_path: Path) -> None:
    process = run_program(command_line(tmp_path, "check", config={"webhook_url": app.webhook_url}))
    assert (process.returncode, process.stderr) == (0, "")
    (status,) = _of_type(_messages(process.stdout), "CONNECTION_STATUS")
    assert status["connectionStatus"] == {"status": "SUCCEEDED"}


def test_check_exits_with_0_when_the_portal_does_not_accept_the_webhook(app: App, tmp_path: Path) -> None:
    revoked = app.webhook_url.replace(app.webhook.token, "revoked0webh00k0")
    process = run_program(command_line(tmp_path, "check", config={"webhook_url": revoked}))
    assert (process.returncode, process.stderr) == (0, "")
    (status,) = _of_type(_messages(process.stdout), "CONNECTION_STATUS")
    assert status["connectionStatus"]["status"] == "FAILED"
    assert status["connectionStatus"]["message"].startswith("Bitrix24 does not accept this webhook")


def test_discover_prints_one_catalog(app: App, tmp_path: Path) -> None:
    process = run_program(command_line(tmp_path, "discover", config={"webhook_url": app.webhook_url}))
    assert (process.returncode, process.stderr) == (0, "")
    (catalog,) = _of_type(_messages(process.stdout), "CATALOG")
    names = [stream["name"] for stream in catalog["catalog"]["streams"]]
    smart = {f"smart_process_{number}" for number in (130, 1030, 1036)}
    assert (len(names), set(names)) == (len(set(names)), {table.name for table in TABLES} | smart)


def test_a_read_that_completes_exits_with_0(app: App, tmp_path: Path) -> None:
    line = command_line(
        tmp_path, "read", config={"webhook_url": app.webhook_url}, catalog=catalog_of("deals", "contacts")
    )
    process = run_program(line)
    assert (process.returncode, process.stderr) == (0, "")
    messages = _messages(process.stdout)
    for name, entity in (("deals", "deal"), ("contacts", "contact")):
        assert len(records(messages, name)) == len(list(app.portal.visible(entity)))
        before, *_, last = states(messages, name)  # the first one names the rows that come
        assert ("scan" in before, "scan" in last) == (True, False)


def test_when_a_stream_fails_the_others_are_read_and_the_exit_code_is_1(tmp_path: Path) -> None:
    with portal_on_a_socket() as app:
        app.webhook.may_not_read = {"crm.deal.list"}
        config = {"webhook_url": app.webhook_url}
        process = run_program(command_line(tmp_path, "read", config=config, catalog=catalog_of("deals", "contacts")))
    assert (process.returncode, process.stderr) == (1, "")
    messages = _messages(process.stdout)
    assert errors(messages)[0]["message"].startswith("The user of the webhook may not read this in Bitrix24")
    assert records(messages, "contacts")


def test_a_read_with_invalid_settings_exits_with_1_and_prints_one_config_error(tmp_path: Path) -> None:
    config = {"webhook_url": "https://portal.test/crm/deal/kanban/"}
    process = run_program(command_line(tmp_path, "read", config=config, catalog=catalog_of("deals")))
    assert (process.returncode, process.stderr) == (1, "")
    (error,) = errors(_messages(process.stdout))
    assert error["message"].startswith("This is not the URL of an inbound webhook")
    assert error["failure_type"] == "config_error"
    assert "Traceback" not in process.stdout


def test_an_unknown_stream_of_the_catalog_is_incomplete_and_the_others_are_read(app: App, tmp_path: Path) -> None:
    config = {"webhook_url": app.webhook_url}
    process = run_program(
        command_line(tmp_path, "read", config=config, catalog=catalog_of("no_such_table", "contacts"))
    )
    assert (process.returncode, process.stderr) == (0, "")
    messages = _messages(process.stdout)
    statuses = [message["trace"]["stream_status"] for message in _of_type(messages, "TRACE")]
    unknown = [status["status"] for status in statuses if status["stream_descriptor"]["name"] == "no_such_table"]
    assert unknown == ["INCOMPLETE"]
    assert records(messages, "contacts")


def test_debug_logs_are_json_lines_without_the_token(app: App, tmp_path: Path) -> None:
    config = {"webhook_url": app.webhook_url}
    process = run_program(command_line(tmp_path, "read", "--debug", config=config, catalog=catalog_of("deals")))
    assert (process.returncode, process.stderr) == (0, "")
    assert _of_type([json.loads(line) for line in process.stdout.splitlines()], "DEBUG")
    assert app.webhook.token not in process.stdout


def _slow_from_the_first_request_on(app: App) -> None:
    app.limits.latency.request = _SLOW_ANSWER


def _slow_after_the_first_request(app: App) -> None:
    """Answer no request of rows behind the first one, which has 10 pages."""
    app.limits.cut_after = _SLOW_ANSWER
    app.fault("too_long", method="crm.deal.list", at=2, times=10**9)


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _STARTUP
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _read_until(process: "subprocess.Popen[str]", text: str) -> list[str]:
    """The lines that the process prints up to the first one with `text`, or up to its end."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            break
    return lines


@contextmanager
def _reading(folder: Path, app: App, table: str, unbuffered: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A read of a table in progress. A process that hangs is killed, which ends its output."""
    arguments = command_line(folder, "read", config={"webhook_url": app.webhook_url}, catalog=catalog_of(table))
    line = [sys.executable, "-c", _ENDLESS_GRACE_PERIOD, *arguments[3:]]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        watchdog = threading.Timer(2 * _STARTUP, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def _terminate(process: "subprocess.Popen[str]") -> str:
    """Send SIGTERM; return the rest of the output. The process must end at once, with 143 and nothing on stderr."""
    assert process.stdout and process.stderr
    terminated_at = time.monotonic()
    process.terminate()
    printed = process.stdout.read()
    assert (process.wait(_STARTUP), process.stderr.read()) == (143, "")
    assert time.monotonic() - terminated_at < _AT_ONCE
    return printed


def _records_and_states(messages: list[Message]) -> list[str]:
    return [message["type"] for message in messages if message["type"] in ("RECORD", "STATE")]


def test_terminated_while_it_waits_for_the_first_answer_it_ends_at_once(tmp_path: Path) -> None:
    with portal_on_a_socket(deals=600) as app, _reading(tmp_path, app, "deals") as process:
        _slow_from_the_first_request_on(app)
        _wait_until(lambda: app.log)
        messages = _messages(_terminate(process))
    assert _records_and_states(messages) == []


def test_terminated_while_it_waits_for_more_rows_it_ends_at_once_behind_the_last_state(tmp_path: Path) -> None:
    with portal_on_a_socket(deals=600) as app:
        _slow_after_the_first_request(app)
        with _reading(tmp_path, app, "deals") as process:
            printed = _read_until(process, '"type":"STATE"')  # before the rows
            printed += _read_until(process, '"type":"STATE"')  # behind them
            _wait_until(lambda: sum("crm.deal.list" in entry.methods for entry in app.log) > 1)
            messages = _messages("".join(printed) + _terminate(process))
    assert (
        len(records(messages, "deals")) == 450
    )  # of ten pages, the last one holds the lowest IDs, which come at the end
    assert _records_and_states(messages)[-1:] == ["STATE"]


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_terminated_between_rows_it_ends_at_once_behind_the_state_that_covers_them(
    tmp_path: Path, unbuffered: str
) -> None:
    table = "deal_custom_field_values"
    with portal_on_a_socket(deals=600) as app:
        _slow_after_the_first_request(app)
        with _reading(tmp_path, app, table, unbuffered) as process:
            printed = _read_until(process, '{"type":"RECORD"')
            messages = _messages("".join(printed) + _terminate(process))
        expected = [row["ID"] for row in app.portal.visible("deal")]
    assert _records_and_states(messages)[-1:] == ["STATE"]
    below = states(messages, table)[-1]["scan"]["below"]
    assert {row["ID"] for row in records(messages, table)} == {number for number in expected if number >= below}
