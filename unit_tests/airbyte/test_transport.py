import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests
from airbyte_cdk.sources.streams.http import HttpClient

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import CONNECTION
from emulator.messages import Request, Response
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from source_bitrix24.airbyte.transport import HttpTransport
from source_bitrix24.portal.errors import (
    ExpiredCertificate,
    NotTrusted,
    PortalError,
    ProxyRefused,
    TimedOut,
    Unreachable,
    WrongCertificate,
)
from source_bitrix24.portal.reply import Reply
from source_bitrix24.portal.webhook import Webhook
from unit_tests.mounted import transport_of

TOKEN = "S3cretT0ken"


def nothing() -> None:
    """Most tests do not care when the portal starts to answer."""


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=0), token=TOKEN)


@pytest.fixture
def served(app: App) -> Iterator[App]:
    """The same portal on a socket of this machine."""
    with serving(PortalServer(app)):
        yield app


def over_a_socket(app: App, read_seconds: float = 5) -> HttpTransport:
    return HttpTransport(Webhook.parse(app.webhook_url), read_seconds)


class Canned(App):
    """A portal that answers every request alike, and keeps the requests."""

    def __init__(self, response: Response) -> None:
        super().__init__(sample_portal(PlayedClock(), deals=0), token=TOKEN)
        self._response = response
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        """Return the one answer."""
        self.requests.append(request)
        return self._response


def assert_no_token_is_shown(error: PortalError, *texts: str) -> None:
    printed = "".join(traceback.format_exception(error))
    for text in (printed, repr(error), str(error), *texts):
        assert TOKEN not in text


ERRORS: dict[str, tuple[type[PortalError], str]] = {
    "reset": (Unreachable, "no connection"),
    "refused": (Unreachable, "no connection"),
    "dns": (Unreachable, "no connection"),
    "tls": (NotTrusted, "unable to get local issuer certificate"),
    "tls_name": (WrongCertificate, "Hostname mismatch, certificate is not valid for 'portal.test'."),
    "tls_expired": (ExpiredCertificate, "certificate has expired"),
    "proxy_refuses": (ProxyRefused, "the proxy answers 407"),
    "hang": (TimedOut, "no complete answer in time"),
    "connect_timeout": (Unreachable, "no connection in time"),
    "cut_connection": (Unreachable, "the connection broke while the answer came"),
}


@pytest.mark.parametrize("kind", CONNECTION)
def test_a_broken_connection_is_an_error_in_our_own_words(
    kind: str, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app.fault(kind)
    with pytest.raises(PortalError) as caught:
        transport_of(app).post(app.webhook_url + "profile", b"{}", nothing)
    assert (type(caught.value), str(caught.value)) == ERRORS[kind]
    assert_no_token_is_shown(caught.value, caplog.text)


def test_a_request_waits_for_its_answer_as_long_as_it_may(app: App) -> None:
    app.fault("hang")
    with pytest.raises(TimedOut):
        transport_of(app, read_seconds=25).post(app.webhook_url + "profile", b"{}", nothing)
    assert app.portal.clock.monotonic() == 25


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (requests.exceptions.ProxyError, "the proxy cannot be reached"),
        (requests.exceptions.ContentDecodingError, "the answer came damaged"),
        (requests.exceptions.InvalidURL, "the request could not be sent"),
        (requests.exceptions.RequestException, "the request could not be sent"),
    ],
)
def test_other_errors_of_requests_are_raised_without_their_texts(
    error: type[requests.RequestException], message: str, app: App
) -> None:
    class Broken(EmulatorAdapter):
        def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
            raise error(f"Max retries exceeded with url: {request.path_url}", request=request)

    session = requests.Session()
    session.mount("https://", Broken(app))
    with pytest.raises(Unreachable) as caught:
        HttpTransport(Webhook.parse(app.webhook_url), 90, session).post(app.webhook_url + "profile", b"{}", nothing)
    assert str(caught.value) == message
    assert_no_token_is_shown(caught.value)


@pytest.mark.parametrize("host", ["https://", "https://*.test", "https://[::1"])
def test_an_invalid_address_cannot_be_reached(host: str, app: App) -> None:
    with pytest.raises(Unreachable) as caught:
        transport_of(app).post(f"{host}/rest/1/{TOKEN}/profile", b"{}", nothing)
    assert_no_token_is_shown(caught.value)


def test_a_post_sends_json_and_returns_status_and_body() -> None:
    portal = Canned(Response(418, {"Content-Type": "text/html"}, b"\xff<html>"))
    assert transport_of(portal).post(portal.webhook_url + "batch", b'{"halt":0}', nothing) == Reply(418, b"\xff<html>")
    (request,) = portal.requests
    assert (request.method, request.path, request.body) == ("POST", f"/rest/1/{TOKEN}/batch", b'{"halt":0}')
    assert request.headers["Content-Type"] == "application/json"  # P7.11: anything else would lose the parameters


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_no_status_is_an_error_and_no_request_is_repeated(status: int) -> None:
    portal = Canned(Response.json({"error": "", "error_description": "Access denied."}, status))
    assert transport_of(portal).post(portal.webhook_url + "profile", b"{}", nothing).status == status
    assert len(portal.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_returned_and_not_followed(status: int) -> None:
    """P7.12"""
    target = f"https://new.test/rest/1/{TOKEN}/batch"
    portal = Canned(Response(status, {"Location": target}, b"<html></html>"))
    reply = transport_of(portal).post(portal.webhook_url + "batch", b"{}", nothing)
    assert reply == Reply(status, b"<html></html>", location=target)
    assert len(portal.requests) == 1


def test_a_location_without_a_redirect_means_nothing() -> None:
    portal = Canned(Response(200, {"Location": "https://new.test/"}, b"{}"))
    assert transport_of(portal).post(portal.webhook_url + "batch", b"{}", nothing).location is None


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
    body = transport_of(portal).post(portal.webhook_url + "batch", b"{}", nothing).body.decode()
    assert shown in body
    assert TOKEN not in body


def test_a_portal_on_a_socket_answers(served: App) -> None:
    reply = over_a_socket(served).post(served.webhook_url + "profile", b"{}", nothing)
    assert (reply.status, reply.location) == (200, None)
    assert reply.body.startswith(b'{"result":{"ID":"1",')


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        ("cut_connection", Unreachable, "the connection broke while the answer came"),
        ("reset", Unreachable, "no connection"),
        ("hang", TimedOut, "no complete answer in time"),
    ],
)
def test_a_connection_that_breaks_on_a_socket_is_the_same_error(
    kind: str, error: type[PortalError], message: str, served: App
) -> None:
    served.fault(kind)
    transport = over_a_socket(served, read_seconds=0.2)
    with pytest.raises(PortalError) as caught:
        transport.post(served.webhook_url + "profile", b"{}", nothing)
    assert type(caught.value) is error
    assert str(caught.value) == message
    assert_no_token_is_shown(caught.value)
    assert over_a_socket(served).post(served.webhook_url + "profile", b"{}", nothing).status == 200


def test_a_server_without_tls_cannot_be_reached(served: App) -> None:
    address = served.webhook_url.replace("http://", "https://")
    with pytest.raises(Unreachable) as caught:
        over_a_socket(served).post(address + "profile", b"{}", nothing)
    assert str(caught.value) == "the secure connection failed"
    assert_no_token_is_shown(caught.value)


@pytest.fixture
def http_clients(monkeypatch: pytest.MonkeyPatch) -> list[HttpClient]:
    """The clients of the CDK that are made in a test."""
    made: list[HttpClient] = []
    initialize = HttpClient.__init__

    def noting(self: HttpClient, *args: object, **kwargs: object) -> None:
        made.append(self)
        initialize(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(HttpClient, "__init__", noting)
    return made


@pytest.mark.parametrize("kind", [*CONNECTION, "internal_error", "html", ""])
def test_the_cdks_client_keeps_nothing_of_a_request_that_is_over(
    kind: str, app: App, http_clients: list[HttpClient]
) -> None:
    """It counts the attempts of each prepared request, whose body can be long, and forgets only those that succeed."""
    if kind:
        app.fault(kind, times=3)
    transport = transport_of(app)
    for _ in range(3):
        with suppress(PortalError):
            transport.post(app.webhook_url + "profile", b"{}", nothing)
    (client,) = http_clients
    assert client._request_attempt_count == {}


def test_a_session_keeps_as_many_connections_as_requests_can_be_open(app: App, http_clients: list[HttpClient]) -> None:
    HttpTransport(Webhook.parse(app.webhook_url), 90)
    (client,) = http_clients
    for scheme in ("https://", "http://"):
        adapter = client._session.get_adapter(scheme + "portal.test")
        assert isinstance(adapter, requests.adapters.HTTPAdapter)
        pools = adapter.poolmanager
        assert pools.connection_pool_kw["maxsize"] >= 2 * 8  # a slot is free before its answer is complete
        assert pools.pools._maxsize >= 2


def test_the_portal_starts_to_answer_before_the_reply_is_complete(app: App) -> None:
    started: list[int] = []
    reply = transport_of(app).post(app.webhook_url + "profile", b"{}", lambda: started.append(1))
    assert (started, reply.status) == ([1], 200)
    app.fault("reset")
    with pytest.raises(Unreachable):
        transport_of(app).post(app.webhook_url + "profile", b"{}", lambda: started.append(2))
    assert started == [1]


def test_threads_that_share_a_transport_get_their_own_errors(app: App) -> None:
    transport = transport_of(app)
    app.fault("hang", method="crm.deal.fields", times=99)
    app.fault("reset", method="profile", times=99)
    found: dict[str, set[type[PortalError]]] = {"crm.deal.fields": set(), "profile": set()}

    def post(method: str) -> None:
        for _ in range(20):
            try:
                transport.post(app.webhook_url + method, b"{}", nothing)
            except PortalError as error:
                found[method].add(type(error))

    threads = [threading.Thread(target=post, args=(method,)) for method in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"crm.deal.fields": {TimedOut}, "profile": {Unreachable}}
