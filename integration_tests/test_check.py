"""`check`: one connection status, and one message if it failed."""

import json
import logging
import threading
from socket import create_server
from typing import Any

import pytest

from emulator.registry import METHODS, RestError
from integration_tests.failure_cases import MISTAKES, REFUSALS, Mistake, Refusal
from integration_tests.harness import Connector, errors
from source_bitrix24 import source as source_module
from source_bitrix24.portal.profile import NOT_AN_ADMINISTRATOR
from source_bitrix24.source import SourceBitrix24


def _status(connector: Connector) -> dict[str, Any]:
    messages = connector.messages("check")
    (status,) = [message["connectionStatus"] for message in messages if message["type"] == "CONNECTION_STATUS"]
    return dict(status)


def test_check_succeeds_with_a_good_webhook_and_requests_the_deal_fields_first(connector: Connector) -> None:
    assert _status(connector) == {"status": "SUCCEEDED"}
    assert [entry.method for entry in connector.app.log] == ["crm.deal.fields", "profile", "scope"]


@pytest.mark.parametrize("answer", [False, None, "crm", {}], ids=repr)
def test_check_succeeds_where_the_portal_does_not_list_the_scopes(
    connector: Connector, answer: object, caplog: pytest.LogCaptureFixture
) -> None:
    connector.app.portal.odd["scope"] = lambda result: answer
    assert _status(connector) == {"status": "SUCCEEDED"}
    assert "The portal does not say what the webhook may read: scope is no list" in caplog.text


@pytest.mark.parametrize("command", ["check", "discover", "read"])
@pytest.mark.parametrize("lanes", [1, 12])
def test_every_command_warns_once_of_a_user_who_is_no_administrator(
    connector: Connector, command: str, lanes: int, caplog: pytest.LogCaptureFixture
) -> None:
    connector.settings["concurrent_requests"] = lanes
    files = {"catalog": connector.catalog()} if command == "read" else {}
    connector.app.portal.user_is_admin = False
    caplog.clear()
    connector.messages(command, **files)
    assert connector.exit_code == 0
    warnings = [record for record in caplog.records if "administrator" in record.getMessage()]
    assert [(one.levelname, one.getMessage()) for one in warnings] == [("WARNING", NOT_AN_ADMINISTRATOR)]


@pytest.mark.parametrize("command", ["check", "discover", "read"])
def test_no_command_warns_of_an_administrator(
    connector: Connector, command: str, caplog: pytest.LogCaptureFixture
) -> None:
    files = {"catalog": connector.catalog()} if command == "read" else {}
    connector.messages(command, **files)
    assert "administrator" not in caplog.text


@pytest.mark.parametrize(
    "names", [["deal_custom_field_values"], ["deal_products"], ["deal_pipelines"], ["deals", "deal_pipelines"]], ids=str
)
def test_the_warning_of_a_read_costs_no_request(
    connector: Connector, names: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    catalog = connector.catalog(names)
    connector.app.log.clear()
    connector.messages("read", catalog=catalog)
    usual = [entry.method for entry in connector.app.log]
    connector.app.log.clear()
    connector.app.portal.user_is_admin = False
    connector.messages("read", catalog=catalog)
    assert [entry.method for entry in connector.app.log] == usual
    assert caplog.text.count(NOT_AN_ADMINISTRATOR) == 1


@pytest.mark.parametrize(
    "pasted",
    [
        "https://portal.test/rest/1/emu1ator0webh00k",
        "https://portal.test/rest/1/emu1ator0webh00k/profile.json",
        "  https://portal.test/rest/1/emu1ator0webh00k/crm.deal.list?start=-1 ",
        "HTTPS://Portal.TEST/rest/1/emu1ator0webh00k/",
        "\ufeff“https://portal.test/\u200brest/1/emu1\u00adator0webh00k”",
        "<https://portal.test/rest/1/emu1ator0webh00k>",
        "`https://portal.test/rest/1/emu1ator0webh00k`",
    ],
)
def test_check_accepts_other_spellings_of_the_webhook_url(connector: Connector, pasted: str) -> None:
    connector.settings["webhook_url"] = pasted
    assert _status(connector) == {"status": "SUCCEEDED"}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.case)
def test_check_reports_every_error_of_the_portal_with_its_message(connector: Connector, refusal: Refusal) -> None:
    connector.app.webhook.refusal = RestError(refusal.code, refusal.text, refusal.status)
    status = _status(connector)
    assert status["status"] == "FAILED"
    assert status["message"].startswith(refusal.sentence)
    assert "emu1ator" not in status["message"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("refused", "The portal cannot be reached"),
        ("dns", "The portal cannot be reached"),
        ("tls", "The portal's certificate is not trusted here"),
        ("tls_name", "The portal's certificate is for another name"),
        ("tls_expired", "The portal's certificate has expired or is not valid yet"),
        ("proxy_refuses", "The proxy on the way to the portal refuses"),
        ("proxy_login", "The proxy on the way to the portal refuses"),
        ("page_401", "Something in front of the portal"),
        ("page_403", "Something in front of the portal"),
        ("page_404", "This address does not answer like a Bitrix24 portal"),
        ("login_page", "This address leads to a page where people log in"),
        ("login_redirect", "This address leads to a page where people log in"),
        ("refused_in_russian", "The portal refuses this call; the brackets hold its own words"),
        ("hang", "The portal does not answer in time"),
        (
            "revoked",
            "Bitrix24 does not accept this webhook: it is mistyped, was revoked or has expired, or its user was dismissed",
        ),
        ("html", "The portal keeps failing"),
    ],
)
def test_check_reports_a_connection_fault_with_its_message_within_two_minutes(
    connector: Connector, fault: str, sentence: str
) -> None:
    connector.app.fault(fault, times=1000)
    started = connector.app.portal.clock.monotonic()
    status = _status(connector)
    assert status["status"] == "FAILED"
    assert status["message"].startswith(sentence)
    assert "emu1ator" not in status["message"]
    assert connector.app.portal.clock.monotonic() - started < 120


@pytest.mark.parametrize("kind", ["revoked", "page_401", "page_403", "page_404", "refused_in_russian"])
@pytest.mark.parametrize("at", [1, 2])
def test_check_succeeds_when_a_refusal_passes_after_a_moment(connector: Connector, kind: str, at: int) -> None:
    connector.app.fault(kind, at=at, times=2)
    assert _status(connector) == {"status": "SUCCEEDED"}


_DENIED = RestError("", "Access denied.")
_BROKEN = RestError("", "The module behind deals is not there.")


@pytest.mark.parametrize("refusal", [_DENIED, _BROKEN, RestError("INTERNAL_SERVER_ERROR", "Internal", 500)], ids=str)
def test_check_succeeds_with_a_warning_where_deals_cannot_be_read_but_another_table_can(
    connector: Connector, refusal: RestError, caplog: pytest.LogCaptureFixture
) -> None:
    connector.app.webhook.refuses = {name: refusal for name in METHODS if name.startswith("crm.deal.")}
    assert _status(connector) == {"status": "SUCCEEDED"}
    assert _warnings(caplog) == [
        f"Deals cannot be read, other tables such as activities can: crm.deal.fields: {_words(refusal)}"
    ]


def test_check_fails_where_no_table_can_be_read(connector: Connector) -> None:
    connector.app.webhook.refuses = {name: _DENIED for name in METHODS if "." in name}
    status = _status(connector)
    assert status["status"] == "FAILED"
    assert status["message"].startswith("The user of the webhook may not read this in Bitrix24")


@pytest.mark.parametrize("refusal", [_DENIED, _BROKEN, RestError("INTERNAL_SERVER_ERROR", "Internal", 500)], ids=str)
def test_check_succeeds_with_a_warning_where_the_portal_does_not_say_who_the_user_is(
    connector: Connector, refusal: RestError, caplog: pytest.LogCaptureFixture
) -> None:
    connector.app.webhook.refuses = {"profile": refusal}
    assert _status(connector) == {"status": "SUCCEEDED"}
    assert _warnings(caplog) == [
        "The portal does not say who the webhook's user is, nor what that user may see: profile: " + _words(refusal)
    ]


def _words(refusal: RestError) -> str:
    return f"[{refusal.code}] {refusal.text}" if refusal.code else refusal.text


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("to_http", [False, True])
def test_check_succeeds_where_the_web_server_adds_a_slash(connector: Connector, to_http: bool) -> None:
    connector.app.adds_slash, connector.app.redirects_to_http = True, to_http
    assert _status(connector) == {"status": "SUCCEEDED"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.case)
@pytest.mark.parametrize("command", ["check", "discover", "read"])
def test_every_command_reports_a_mistake_in_the_settings_with_its_message(
    connector: Connector, command: str, mistake: Mistake
) -> None:
    connector.settings = mistake.settings
    files: dict[str, Any] = {"catalog": {"streams": []}} if command == "read" else {}
    printed = list(connector.lines(command, **files))
    messages = [json.loads(line) for line in printed]
    statuses = [message["connectionStatus"] for message in messages if message["type"] == "CONNECTION_STATUS"]
    reported = [status["message"] for status in statuses]
    reported += [error["message"] for error in errors(messages) if error["failure_type"] == "config_error"]
    assert [text[: len(mistake.sentence)] for text in reported] == [mistake.sentence]
    assert "Traceback" not in "".join(printed)
    assert "emu1ator" not in "".join(printed)


def test_check_ends_at_its_deadline_when_the_portal_answers_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "DEADLINE", 1.0)
    finished = threading.Event()

    def trickle() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not finished.wait(0.1):
                connection.sendall(b" ")

    with create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/rest/1/abcdefgh12345678/"
        try:
            succeeded, message = SourceBitrix24().check_connection(logging.getLogger(), {"webhook_url": url})
        finally:
            finished.set()
            thread.join()
    assert (succeeded, str(message).partition(".")[0]) == (False, "The portal does not answer in time")
