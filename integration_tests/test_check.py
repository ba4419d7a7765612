"""`check` as a user sees it: one status, one sentence."""

import json
import logging
import threading
from socket import create_server
from typing import Any

import pytest

from emulator.registry import RestError
from integration_tests.cases import MISTAKES, REFUSALS, Mistake, Refusal
from integration_tests.harness import Connector, errors
from source_bitrix24 import source as source_module
from source_bitrix24.source import SourceBitrix24


def _status(connector: Connector) -> dict[str, Any]:
    (status,) = [one["connectionStatus"] for one in connector.messages("check") if one["type"] == "CONNECTION_STATUS"]
    return dict(status)


def test_a_good_webhook_succeeds_and_asks_for_the_fields_of_deals_first(connector: Connector) -> None:
    assert _status(connector) == {"status": "SUCCEEDED"}
    assert [logged.method for logged in connector.app.log] == ["crm.deal.fields", "profile"]


@pytest.mark.parametrize(
    "pasted",
    [
        "https://portal.test/rest/1/emu1ator0webh00k",
        "https://portal.test/rest/1/emu1ator0webh00k/profile.json",
        "  https://portal.test/rest/1/emu1ator0webh00k/crm.deal.list?start=-1 ",
        "HTTPS://Portal.TEST/rest/1/emu1ator0webh00k/",
    ],
)
def test_an_address_pasted_in_another_spelling_works(connector: Connector, pasted: str) -> None:
    connector.settings["webhook_url"] = pasted
    assert _status(connector) == {"status": "SUCCEEDED"}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.case)
def test_every_way_a_portal_refuses_is_told_in_one_sentence(connector: Connector, refusal: Refusal) -> None:
    connector.app.webhook.refusal = RestError(refusal.code, refusal.text, refusal.status)
    status = _status(connector)
    assert status["status"] == "FAILED"
    assert status["message"].startswith(refusal.told)
    assert "emu1ator" not in status["message"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("refused", "The portal cannot be reached"),
        ("dns", "The portal cannot be reached"),
        ("tls", "The portal cannot be reached"),
        ("hang", "The portal does not answer in time"),
        ("revoked", "Bitrix24 does not accept this webhook: it was revoked or mistyped"),
        ("html", "The portal keeps failing"),
    ],
)
def test_what_keeps_an_answer_away_is_told_in_one_sentence_within_two_minutes(
    connector: Connector, fault: str, told: str
) -> None:
    connector.app.fault(fault, times=1000)
    began = connector.app.portal.clock.monotonic()
    status = _status(connector)
    assert status["status"] == "FAILED"
    assert status["message"].startswith(told)
    assert "emu1ator" not in status["message"]
    assert connector.app.portal.clock.monotonic() - began < 120


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.case)
@pytest.mark.parametrize("command", ["check", "discover", "read"])
def test_settings_that_cannot_be_used_are_told_in_one_sentence(
    connector: Connector, command: str, mistake: Mistake
) -> None:
    connector.settings = mistake.settings
    files: dict[str, Any] = {"catalog": {"streams": []}} if command == "read" else {}
    printed = list(connector.lines(command, **files))
    messages = [json.loads(line) for line in printed]
    told = [one["connectionStatus"]["message"] for one in messages if one["type"] == "CONNECTION_STATUS"]
    told += [one["message"] for one in errors(messages) if one["failure_type"] == "config_error"]
    assert [message[: len(mistake.told)] for message in told] == [mistake.told]
    assert "Traceback" not in "".join(printed)
    assert "emu1ator" not in "".join(printed)


def test_a_portal_that_answers_byte_by_byte_cannot_hold_it_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "DEADLINE", 1.0)
    over = threading.Event()

    def trickle() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not over.wait(0.1):
                connection.sendall(b" ")

    with create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/rest/1/abcdefgh12345678/"
        try:
            good, told = SourceBitrix24().check_connection(logging.getLogger(), {"webhook_url": url})
        finally:
            over.set()
            thread.join()
    assert (good, str(told).partition(".")[0]) == (False, "The portal does not answer in time")
