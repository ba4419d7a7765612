"""The program in a process of its own: exit codes, what it prints and where, how it ends."""

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
from emulator.server import PortalServer
from emulator.store import sample_portal
from integration_tests.harness import Message, errors, records, states

ROOT = Path(__file__).parent.parent
_MESSAGES = {"LOG", "SPEC", "CONNECTION_STATUS", "CATALOG", "RECORD", "STATE", "TRACE"}
_WITHOUT_NETWORK = """
import os, runpy, sys
sys.addaudithook(lambda event, _: event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") and os._exit(99))
runpy.run_module("source_bitrix24.run", run_name="__main__")
"""


@contextmanager
def portal_on_a_socket(deals: int = 30) -> Iterator[App]:
    """A portal on a port of this machine, in real time and without limits."""
    app = App(sample_portal(RealClock(), deals=deals, contacts=30, leads=5, activities=5))
    app.limits.bucket.enabled = False
    server = PortalServer(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()


def command_line(folder: Path, command: str, *options: str, **files: Any) -> list[str]:
    """How the program is called. `files`: contents of --config, --catalog and --state, as text or to be made JSON."""
    line = [sys.executable, "-m", "source_bitrix24.run", command, *options]
    for name, content in files.items():
        path = folder / f"{name}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        line += [f"--{name}", str(path)]
    return line


def run_program(line: Sequence[str], **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the program to its end."""
    return subprocess.run(
        line, capture_output=True, text=True, cwd=ROOT, env=os.environ | environment, timeout=60, check=False
    )


def catalog_of(*names: str) -> dict[str, Any]:
    """A configured catalog as small as it may be, all incremental."""
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
    with portal_on_a_socket() as served:
        yield served


def _messages(printed: str) -> list[Message]:
    messages = [json.loads(line) for line in printed.splitlines()]
    assert {message["type"] for message in messages} <= _MESSAGES
    return messages


def _of_type(messages: list[Message], kind: str) -> list[Message]:
    return [message for message in messages if message["type"] == kind]


def test_spec_needs_no_network() -> None:
    ended = run_program([sys.executable, "-c", _WITHOUT_NETWORK, "spec"])
    assert (ended.returncode, ended.stderr) == (0, "")
    (spec,) = _of_type(_messages(ended.stdout), "SPEC")
    assert spec["spec"]["connectionSpecification"]["required"] == ["webhook_url"]


def test_check_succeeds_with_a_good_webhook(app: App, tmp_path: Path) -> None:
    ended = run_program(command_line(tmp_path, "check", config={"webhook_url": app.webhook_url}))
    assert (ended.returncode, ended.stderr) == (0, "")
    (status,) = _of_type(_messages(ended.stdout), "CONNECTION_STATUS")
    assert status["connectionStatus"] == {"status": "SUCCEEDED"}


def test_a_check_that_fails_is_an_answer_and_no_failure_of_the_program(app: App, tmp_path: Path) -> None:
    revoked = app.webhook_url.replace(app.webhook.token, "revoked0webh00k0")
    ended = run_program(command_line(tmp_path, "check", config={"webhook_url": revoked}))
    assert (ended.returncode, ended.stderr) == (0, "")
    (status,) = _of_type(_messages(ended.stdout), "CONNECTION_STATUS")
    assert status["connectionStatus"]["status"] == "FAILED"
    assert status["connectionStatus"]["message"].startswith("Bitrix24 does not accept this webhook")


def test_discover_prints_one_catalog(app: App, tmp_path: Path) -> None:
    ended = run_program(command_line(tmp_path, "discover", config={"webhook_url": app.webhook_url}))
    assert (ended.returncode, ended.stderr) == (0, "")
    (catalog,) = _of_type(_messages(ended.stdout), "CATALOG")
    assert len(catalog["catalog"]["streams"]) == 20


def test_a_read_that_finishes_exits_with_0(app: App, tmp_path: Path) -> None:
    line = command_line(
        tmp_path, "read", config={"webhook_url": app.webhook_url}, catalog=catalog_of("deals", "contacts")
    )
    ended = run_program(line)
    assert (ended.returncode, ended.stderr) == (0, "")
    messages = _messages(ended.stdout)
    for name, held in (("deals", "deal"), ("contacts", "contact")):
        assert len(records(messages, name)) == len(list(app.portal.visible(held)))
        assert len(states(messages, name)) == 1


def test_a_read_in_which_one_stream_fails_reads_the_others_and_exits_with_1(tmp_path: Path) -> None:
    with portal_on_a_socket() as app:
        app.webhook.may_not_read = {"crm.deal.list"}
        config = {"webhook_url": app.webhook_url}
        ended = run_program(command_line(tmp_path, "read", config=config, catalog=catalog_of("deals", "contacts")))
    assert (ended.returncode, ended.stderr) == (1, "")
    messages = _messages(ended.stdout)
    assert errors(messages)[0]["message"].startswith("The user of the webhook may not read this in Bitrix24")
    assert records(messages, "contacts")


def test_a_read_with_settings_that_cannot_be_used_exits_with_1_and_one_sentence(tmp_path: Path) -> None:
    config = {"webhook_url": "https://portal.test/crm/deal/kanban/"}
    ended = run_program(command_line(tmp_path, "read", config=config, catalog=catalog_of("deals")))
    assert (ended.returncode, ended.stderr) == (1, "")
    (error,) = errors(_messages(ended.stdout))
    assert error["message"].startswith("This is not the URL of an inbound webhook")
    assert error["failure_type"] == "config_error"
    assert "Traceback" not in ended.stdout


def test_a_table_that_the_connector_does_not_know_is_passed_over(app: App, tmp_path: Path) -> None:
    config = {"webhook_url": app.webhook_url}
    ended = run_program(command_line(tmp_path, "read", config=config, catalog=catalog_of("smart_invoices", "contacts")))
    assert (ended.returncode, ended.stderr) == (0, "")
    messages = _messages(ended.stdout)
    told = [one["trace"]["stream_status"] for one in _of_type(messages, "TRACE")]
    assert [one["status"] for one in told if one["stream_descriptor"]["name"] == "smart_invoices"] == ["INCOMPLETE"]
    assert records(messages, "contacts")


def test_debug_prints_more_lines_that_are_json_and_no_token(app: App, tmp_path: Path) -> None:
    config = {"webhook_url": app.webhook_url}
    ended = run_program(command_line(tmp_path, "read", "--debug", config=config, catalog=catalog_of("deals")))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert _of_type([json.loads(line) for line in ended.stdout.splitlines()], "DEBUG")
    assert app.webhook.token not in ended.stdout


def _slow_after_the_first_rows(app: App) -> None:
    app.before("crm.status.list", 1, lambda: setattr(app.limits.latency, "request", 3.0))


def _slow_at_once(app: App) -> None:
    app.limits.latency.request = 3.0


@contextmanager
def _reading(folder: Path, app: App, table: str, unbuffered: str = "") -> Iterator["subprocess.Popen[str]"]:
    line = command_line(folder, "read", config={"webhook_url": app.webhook_url}, catalog=catalog_of(table))
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("slow", "asked", "rows"),
    [(_slow_at_once, 1, False), (_slow_after_the_first_rows, 3, True)],
    ids=["first", "third"],
)
def test_terminated_while_it_waits_for_the_portal_it_ends_at_once(
    tmp_path: Path, slow: Callable[[App], None], asked: int, rows: bool
) -> None:
    with portal_on_a_socket(deals=600) as app, _reading(tmp_path, app, "deals") as process:
        slow(app)
        until = time.monotonic() + 20
        while len(app.log) < asked and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)
        began = time.monotonic()
        process.terminate()
        printed, told = process.communicate(timeout=20)
        assert time.monotonic() - began < 1.5
    assert (process.returncode, told) == (143, "")
    messages = _messages(printed)
    assert bool(records(messages, "deals")) is rows
    assert [one["type"] for one in messages if one["type"] in ("RECORD", "STATE")][-1:] == ["STATE"] * rows


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_terminated_in_the_middle_of_rows_it_ends_behind_the_state_that_covers_them(
    tmp_path: Path, unbuffered: str
) -> None:
    table = "deal_custom_field_values"
    with portal_on_a_socket(deals=600) as app, _reading(tmp_path, app, table, unbuffered) as process:
        _slow_after_the_first_rows(app)
        assert process.stdout
        before = []
        for line in process.stdout:
            before.append(line)
            if line.startswith('{"type":"RECORD"'):
                break
        process.terminate()
        began = time.monotonic()
        before += process.stdout
        assert time.monotonic() - began < 1.9  # it does not wait for what the portal is asked next
        assert (process.wait(20), process.stderr and process.stderr.read()) == (143, "")
    messages = _messages("".join(before))
    assert [one["type"] for one in messages if one["type"] in ("RECORD", "STATE")][-1] == "STATE"
    below = states(messages, table)[-1]["scan"]["below"]
    assert {row["ID"] for row in records(messages, table)} == {
        row["ID"] for row in app.portal.visible("deal") if row["ID"] >= below
    }
