"""The doctor's way out."""

import pytest

from demo.patient import patient
from source_bitrix24.doctor.transport import RequestsTransport
from source_bitrix24.portal.errors import PortalError, TimedOut, Unreachable
from source_bitrix24.portal.webhook import Webhook
from unit_tests.mounted import session_of


def test_a_reply_comes_with_its_status_and_without_the_token() -> None:
    app = patient()
    webhook = Webhook.parse(app.webhook_url)
    app.portal.odd["profile"] = lambda result: {"link": f"https://portal.test/rest/1/{webhook.token}/"}
    first_bytes: list[bool] = []
    reply = RequestsTransport(webhook, session_of(app)).post(
        webhook.base + "profile", b"{}", lambda: first_bytes.append(True)
    )
    assert (reply.status, reply.location, first_bytes) == (200, None, [True])
    assert webhook.token.encode() not in reply.body
    assert b"****" in reply.body


def test_a_redirect_is_not_followed() -> None:
    app = patient()
    app.moved_to = "https://new.test"
    webhook = Webhook.parse(app.webhook_url)
    reply = RequestsTransport(webhook, session_of(app)).post(webhook.base + "profile", b"{}", lambda: None)
    assert (reply.location or "").startswith("https://new.test/rest/")
    assert len(app.log) == 1


@pytest.mark.parametrize(
    ("fault", "kind"), [("hang", TimedOut), ("reset", Unreachable), ("cut_connection", Unreachable)]
)
def test_what_breaks_on_the_way_is_an_error_that_does_not_show_the_address(fault: str, kind: type[PortalError]) -> None:
    app = patient()
    app.fault(fault)
    webhook = Webhook.parse(app.webhook_url)
    with pytest.raises(kind) as failure:
        RequestsTransport(webhook, session_of(app)).post(webhook.base + "profile", b"{}", lambda: None)
    assert webhook.token not in str(failure.value)


def test_without_a_session_it_makes_one() -> None:
    webhook = Webhook.parse("http://127.0.0.1:9/rest/1/abcdefgh12345678/")
    with pytest.raises(Unreachable):
        RequestsTransport(webhook).post(webhook.base + "profile", b"{}", lambda: None)
