"""The webhook's token is never shown: not in messages and not in logs, at any level, in any encoding, after any failure."""

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import SHUT_RDWR, create_server
from typing import Any

import pytest
from airbyte_cdk.logger import AirbyteLogFormatter
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.messages import Request, Response
from emulator.store import sample_portal
from integration_tests.harness import Connector, State, records
from integration_tests.test_run import catalog_of, command_line, portal_on_a_socket, run_program

Caplog = pytest.LogCaptureFixture
TOKEN = "emu1ator0webh00k"
_URL = f"https://portal.test/rest/1/{TOKEN}/batch"
COMMANDS = ("check", "discover", "read")
_STREAMS = ("deals", "deal_products", "deal_pipelines")


def _in_base64(text: str) -> Iterator[str]:
    """The part that no surrounding byte changes, for each of the three alignments."""
    for before in range(3):
        yield base64.b64encode(b"-" * before + text.encode()).decode()[4 if before else 0 : -4]


def encodings(token: str = TOKEN) -> list[str]:
    """All encodings of the token, and of the path that contains it."""
    found = []
    for secret in (token, f"1/{token}"):
        found += [secret, secret.replace("/", r"\/"), secret.encode().hex(), *_in_base64(secret)]
        found += ["".join(form.format(ord(letter)) for letter in secret) for form in ("%{:02x}", "\\u{:04x}", "&#{};")]
    return found


def found_in(text: str) -> list[str]:
    """The encodings that occur in a text."""
    lowered = text.lower()
    return [secret for secret in encodings() if secret in text or secret.lower() in lowered]


@pytest.mark.parametrize(
    "encode",
    [
        str.upper,
        lambda url: json.dumps(url).replace("/", r"\/"),
        lambda url: base64.b64encode(url.encode()).decode(),
        lambda url: base64.b64encode(b"u:" + url.encode()).decode(),
        lambda url: "".join(f"%{ord(letter):02X}" for letter in url),
        lambda url: "".join(f"\\u{ord(letter):04x}" for letter in url),
    ],
)
def test_the_search_finds_every_encoding(encode: Callable[[str], str]) -> None:
    assert found_in(f"before {encode(_URL)} after")
    assert not found_in(f"before {encode('https://portal.test/rest/1/****/batch')} after")


@pytest.fixture(autouse=True)
def like_a_new_process(caplog: Caplog) -> None:
    """No secret is registered yet, and everything is logged."""
    update_secrets([])
    caplog.set_level(logging.DEBUG, "airbyte")
    caplog.set_level(logging.INFO, "urllib3")


def _printed(lines: Iterator[str], caplog: Caplog) -> str:
    """Everything that a run prints: its messages, and its log in the program's format."""
    printed = [*lines]
    log = AirbyteLogFormatter()
    printed += [log.format(record) for record in caplog.records]
    return "\n".join(
        [*printed, *(record.getMessage() for record in caplog.records if record.name.startswith("airbyte"))]
    )


def _lines(connector: Connector, command: str, state: State | None = None) -> Iterator[str]:
    files: dict[str, Any] = {"catalog": catalog_of(*_STREAMS)} if command == "read" else {}
    return connector.lines(command, **files, **({"state": state} if state else {}))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("at", "times"), [(1, 2), (2, 10_000)], ids=["transient", "permanent"])
def test_no_fault_shows_the_token(
    connector: Connector, caplog: Caplog, command: str, kind: str, at: int, times: int
) -> None:
    connector.app.fault(kind, at=at, times=times)
    assert found_in(_printed(_lines(connector, command), caplog)) == []


class FixedAnswer(App):
    """A portal that gives the same answer to every request."""

    def __init__(self, status: int, body: str, **headers: str) -> None:
        super().__init__(sample_portal(PlayedClock(), deals=1))
        self._response = Response(status, {"Content-Type": "text/html", **headers}, body.encode())

    def handle(self, request: Request) -> Response:
        return self._response


_ERROR = json.dumps({"error": "ODD", "error_description": f"cannot {_URL}"})
_ANSWERS: dict[str, tuple[int, str, dict[str, str]]] = {
    "an HTML page": (404, f"<html><body>No such page: {_URL}</body></html>", {}),
    "an HTML page with status 200": (200, f"<html><a href='{_URL}'>back</a></html>", {}),
    "a server error": (500, f"Traceback in /rest/1/{TOKEN}/", {}),
    "an error": (400, _ERROR, {}),
    "an error with escaped slashes": (400, _ERROR.replace("/", r"\/"), {}),
    "an error code": (400, json.dumps({"error": _URL, "error_description": _URL}), {}),
    "an error instead of rows": (200, json.dumps({"result": {"result": [], "result_error": {"a": _URL}}}), {}),
    "a text": (200, json.dumps(_URL), {}),
    "a result that is a text": (200, json.dumps({"result": _URL}), {}),
    "a header": (403, "{}", {"Set-Cookie": f"back={_URL}", "X-Url": _URL}),
} | {
    f"a redirect to {location}": (302, "<html></html>", {"Location": location})
    for location in (
        f"https://renamed.test/rest/1/{TOKEN}/batch",
        f"http://renamed.test/rest/1/{TOKEN}/batch",
        f"https://a:{TOKEN}@renamed.test/rest/1/{TOKEN}/batch",
        f"/auth/?back=%2Frest%2F1%2F{TOKEN}%2Fbatch",
        f"https://renamed.test/login?back={_URL}",
        f"https://renamed.test/rest/2/{TOKEN}/batch",
        f"//{TOKEN}.renamed.test/",
        f"https://renamed.test:{TOKEN}/rest/1/{TOKEN}/",
    )
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("answer", _ANSWERS)
def test_no_answer_that_contains_the_webhook_url_shows_the_token(
    tmp_path: Path, caplog: Caplog, command: str, answer: str
) -> None:
    status, body, headers = _ANSWERS[answer]
    connector = Connector(FixedAnswer(status, body, **headers), tmp_path)
    assert found_in(_printed(_lines(connector, command), caplog)) == []


def test_a_redirect_that_is_followed_does_not_show_the_token(connector: Connector, caplog: Caplog) -> None:
    connector.app.moved_to = "https://renamed.test"
    assert found_in(_printed(_lines(connector, "read"), caplog)) == []
    assert "The portal portal.test is now at renamed.test" in caplog.text


def test_the_token_is_masked_in_rows_that_contain_the_webhook_url(connector: Connector, caplog: Caplog) -> None:
    deal = connector.app.portal.create("deal", TITLE=f"See {_URL}", COMMENTS=f"token {TOKEN}", UF_CRM_URL=_URL)
    link = {"id": 7, "showUrl": "/x", "downloadUrl": f"/rest/download.json?auth={TOKEN}&token=crm%7C{TOKEN}"}
    connector.app.portal.update("deal", deal, UF_CRM_FILE=link)
    lines = list(connector.lines("read", catalog=catalog_of("deals", "deal_custom_field_values")))
    assert found_in(_printed(iter(lines), caplog)) == []
    (row, *_) = records((json.loads(line) for line in lines), "deals")
    assert row["ID"] == deal
    assert row["TITLE"] == "See https://portal.test/rest/1/****/batch"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "settings",
    [
        {"webhook_url": f"https://portal.test/crm/{TOKEN}/"},
        {"webhook_url": f"portal.test/rest/1/{TOKEN}/"},
        {"webhook_url": f"https://a:{TOKEN}@portal.test/rest/1/{TOKEN}/"},
        {"webhook_url": f"https://portal.test:{TOKEN}/rest/1/{TOKEN}/"},
        {"webhook_url": {_URL: _URL}},
        {"webhook_url": _URL, "start_date": _URL},
        {"webhook_url": _URL, "portal_plan": _URL},
        {"webhook_url": _URL, "label_language": TOKEN},
        {"webhook_url": _URL, "concurrent_requests": _URL},
        {"webhook": _URL},
    ],
    ids=str,
)
def test_no_mistake_in_the_settings_shows_the_token(
    connector: Connector, caplog: Caplog, command: str, settings: dict[str, Any]
) -> None:
    connector.settings = settings
    assert found_in(_printed(_lines(connector, command), caplog)) == []


@pytest.mark.parametrize("blob", [{"DATE_MODIFY": _URL}, {_URL: 1}, {"scan": {"mark": TOKEN}}, {"scan": _URL}], ids=str)
def test_no_state_that_contains_the_token_shows_it(connector: Connector, caplog: Caplog, blob: dict[str, Any]) -> None:
    state = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "deals"}, "stream_state": blob}}]
    assert found_in(_printed(_lines(connector, "read", state), caplog)) == []


@contextmanager
def _port_that_answers(raw: bytes) -> Iterator[int]:
    """A local port that sends the same bytes to every client."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                with listening.accept()[0] as connection:
                    connection.recv(65536)
                    connection.sendall(raw)

    with create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "raw",
    [
        "",
        f"no http at all: {_URL}",
        f"HTTP/1.1 400 {_URL}\r\nConnection: close\r\n\r\n",
        f"HTTP/1.1 401 No\r\na header without a colon {_URL}\r\nConnection: close\r\n\r\n{{}}",
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n{_URL}",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{_URL}\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{_URL}",
    ],
    ids=["nothing", "no http", "reason", "header", "no gzip", "no chunk", "cut"],
)
def test_no_broken_connection_shows_the_token(connector: Connector, caplog: Caplog, command: str, raw: str) -> None:
    with _port_that_answers(raw.encode()) as port:
        connector.settings["webhook_url"] = f"http://127.0.0.1:{port}/rest/1/{TOKEN}/"
        assert found_in(_printed(_lines(connector, command), caplog)) == []
    assert found_in(_printed(_lines(connector, command), caplog)) == []  # now the connection is refused


@pytest.mark.parametrize(
    ("command", "options", "level"),
    [
        ("read", [], "info"),
        ("read", ["--debug"], "info"),
        ("read", [], "debug"),
        ("check", ["--debug"], "info"),
        ("discover", ["--debug"], "debug"),
    ],
)
def test_the_program_shows_the_token_at_no_log_level(
    tmp_path: Path, command: str, options: list[str], level: str
) -> None:
    with portal_on_a_socket() as app:
        app.portal.create("deal", TITLE=app.webhook_url)
        if command == "read":
            app.fault("reset", at=2)
        catalog = {"catalog": catalog_of(*_STREAMS)} if command == "read" else {}
        line = command_line(tmp_path, command, *options, config={"webhook_url": app.webhook_url}, **catalog)
        process = run_program(line, LOG_LEVEL=level)
    assert (process.returncode, process.stderr, found_in(process.stdout)) == (0, "", [])
