import logging
import threading
import traceback
from collections.abc import Iterator

import pytest
import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import CONNECTION
from emulator.messages import Request, Response
from emulator.server import PortalServer
from emulator.store import sample_portal
from source_bitrix24.portal.errors import PortalError, TimedOut, Unreachable
from source_bitrix24.portal.reply import Reply
from source_bitrix24.portal.webhook import Webhook
from source_bitrix24.airbyte.transport import HttpTransport

TOKEN = "S3cretT0ken"


def nothing() -> None:
    """When the portal begins to answer does not matter to most tests."""


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=0), token=TOKEN)


def mounted(app: App, read_seconds: float = 90) -> HttpTransport:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    return HttpTransport(Webhook.parse(app.webhook_url), read_seconds, session)


@pytest.fixture
def served(app: App) -> Iterator[App]:
    """The same portal on a socket of this machine."""
    server = PortalServer(app)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join()


def over_a_socket(app: App, read_seconds: float = 5) -> HttpTransport:
    return HttpTransport(Webhook.parse(app.webhook_url), read_seconds)


class Canned(App):
    """A portal that answers every request alike, and notes the requests."""

    def __init__(self, response: Response) -> None:
        super().__init__(sample_portal(PlayedClock(), deals=0), token=TOKEN)
        self._response = response
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        """The same answer as ever."""
        self.requests.append(request)
        return self._response


def assert_no_token_is_shown(error: PortalError, *texts: str) -> None:
    printed = "".join(traceback.format_exception(error))
    for text in (printed, repr(error), str(error), *texts):
        assert TOKEN not in text


REASONS = {
    "reset": "no connection",
    "refused": "no connection",
    "dns": "no connection",
    "tls": "the secure connection failed",
    "hang": "no answer in time",
    "connect_timeout": "no connection in time",
    "cut_connection": "the connection broke while the answer came",
}


@pytest.mark.parametrize("kind", CONNECTION)
def test_whatever_breaks_the_connection_is_told_in_words_of_our_own(
    kind: str, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app.fault(kind)
    with pytest.raises(PortalError) as caught:
        mounted(app).post(app.webhook_url + "profile", b"{}", nothing)
    assert type(caught.value) is (TimedOut if kind == "hang" else Unreachable)
    assert str(caught.value) == REASONS[kind]
    assert_no_token_is_shown(caught.value, caplog.text)


def test_an_answer_is_waited_for_as_long_as_it_was_said(app: App) -> None:
    app.fault("hang")
    with pytest.raises(TimedOut):
        mounted(app, read_seconds=25).post(app.webhook_url + "profile", b"{}", nothing)
    assert app.portal.clock.monotonic() == 25


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.exceptions.ProxyError, "the proxy refused"),
        (requests.exceptions.ContentDecodingError, "the answer came damaged"),
        (requests.exceptions.InvalidURL, "the request could not be sent"),
        (requests.exceptions.RequestException, "the request could not be sent"),
    ],
)
def test_other_mishaps_of_requests_are_told_without_its_texts(
    error: type[requests.RequestException], told: str, app: App
) -> None:
    class Broken(EmulatorAdapter):
        def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
            raise error(f"Max retries exceeded with url: {request.path_url}", request=request)

    session = requests.Session()
    session.mount("https://", Broken(app))
    with pytest.raises(Unreachable) as caught:
        HttpTransport(Webhook.parse(app.webhook_url), 90, session).post(app.webhook_url + "profile", b"{}", nothing)
    assert str(caught.value) == told
    assert_no_token_is_shown(caught.value)


@pytest.mark.parametrize("host", ["https://", "https://*.test", "https://[::1"])
def test_an_address_that_is_none_is_out_of_reach(host: str, app: App) -> None:
    with pytest.raises(Unreachable) as caught:
        mounted(app).post(f"{host}/rest/1/{TOKEN}/profile", b"{}", nothing)
    assert_no_token_is_shown(caught.value)


def test_a_post_sends_json_and_brings_back_status_and_body() -> None:
    portal = Canned(Response(418, {"Content-Type": "text/html"}, b"\xff<html>"))
    assert mounted(portal).post(portal.webhook_url + "batch", b'{"halt":0}', nothing) == Reply(418, b"\xff<html>")
    (request,) = portal.requests
    assert (request.method, request.path, request.body) == ("POST", f"/rest/1/{TOKEN}/batch", b'{"halt":0}')
    assert request.headers["Content-Type"] == "application/json"  # P7.11: anything else would lose the parameters


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_no_status_is_an_error_and_nothing_is_repeated(status: int) -> None:
    portal = Canned(Response.json({"error": "", "error_description": "Access denied."}, status))
    assert mounted(portal).post(portal.webhook_url + "profile", b"{}", nothing).status == status
    assert len(portal.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_told_and_not_followed(status: int) -> None:
    """P7.12"""
    where = f"https://new.test/rest/1/{TOKEN}/batch"
    portal = Canned(Response(status, {"Location": where}, b"<html></html>"))
    reply = mounted(portal).post(portal.webhook_url + "batch", b"{}", nothing)
    assert reply == Reply(status, b"<html></html>", location=where)
    assert len(portal.requests) == 1


def test_a_location_without_a_redirect_means_nothing() -> None:
    portal = Canned(Response(200, {"Location": "https://new.test/"}, b"{}"))
    assert mounted(portal).post(portal.webhook_url + "batch", b"{}", nothing).location is None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (f'{{"url":"https:\\/\\/p.test\\/rest\\/1\\/{TOKEN}\\/download\\/?token=crm"}}', r"\/rest\/1\/****\/download"),
        (f'{{"url":"https://p.test/rest/1/{TOKEN}/download/?token=crm"}}', "/rest/1/****/download"),
        (f'{{"a":"{TOKEN}","b":"x{TOKEN}{TOKEN}y"}}', '{"a":"****","b":"x********y"}'),
        (f"<html>{TOKEN}", "<html>****"),
    ],
)
def test_the_token_is_masked_wherever_an_answer_holds_it(sent: str, shown: str) -> None:
    portal = Canned(Response(200, {}, sent.encode()))
    body = mounted(portal).post(portal.webhook_url + "batch", b"{}", nothing).body.decode()
    assert shown in body
    assert TOKEN not in body


def test_a_portal_on_a_socket_answers(served: App) -> None:
    reply = over_a_socket(served).post(served.webhook_url + "profile", b"{}", nothing)
    assert (reply.status, reply.location) == (200, None)
    assert reply.body.startswith(b'{"result":{"ID":"1",')


@pytest.mark.parametrize(
    ("kind", "error", "told"),
    [
        ("cut_connection", Unreachable, "the connection broke while the answer came"),
        ("reset", Unreachable, "no connection"),
        ("hang", TimedOut, "no answer in time"),
    ],
)
def test_what_breaks_on_a_socket_is_told_in_the_same_words(
    kind: str, error: type[PortalError], told: str, served: App
) -> None:
    served.fault(kind)
    transport = over_a_socket(served, read_seconds=0.2)
    with pytest.raises(PortalError) as caught:
        transport.post(served.webhook_url + "profile", b"{}", nothing)
    assert type(caught.value) is error
    assert str(caught.value) == told
    assert_no_token_is_shown(caught.value)
    assert over_a_socket(served).post(served.webhook_url + "profile", b"{}", nothing).status == 200


def test_what_speaks_no_tls_is_out_of_reach(served: App) -> None:
    address = served.webhook_url.replace("http://", "https://")
    with pytest.raises(Unreachable) as caught:
        over_a_socket(served).post(address + "profile", b"{}", nothing)
    assert str(caught.value) == "the secure connection failed"
    assert_no_token_is_shown(caught.value)
