import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.app import SAMPLE_TOKEN, App
from emulator.faults import ANSWERS, INSIDE
from emulator.server import PortalServer, serving
from emulator.store import Portal

BATCH = {"cmd": {"a": "crm.lead.list?order[ID]=ASC&start=-1&select[]=ID", "b": "scope"}}
ROWS: dict[str, Any] = {"a": [{"ID": "1"}, {"ID": "2"}], "b": ["crm"]}


@pytest.fixture
def server(app: App, portal: Portal) -> Iterator[PortalServer]:
    for _ in range(2):
        portal.create("lead")
    with serving(PortalServer(app)) as server:
        yield server


@pytest.fixture
def connection(server: PortalServer) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    yield connection
    connection.close()


def post(
    connection: http.client.HTTPConnection,
    method: str = "batch",
    body: Any = BATCH,
    header: str = "Content-Type",
    host: str = "",
) -> http.client.HTTPResponse:
    headers = {header: "application/json"} | ({"Host": host} if host else {})
    connection.request("POST", f"/rest/1/{SAMPLE_TOKEN}/{method}", json.dumps(body), headers)
    return connection.getresponse()


def test_a_portal_answers_on_a_socket_and_keeps_the_connection(
    server: PortalServer, connection: http.client.HTTPConnection
) -> None:
    assert server.app.webhook_url == f"http://127.0.0.1:{server.server_port}/rest/1/{SAMPLE_TOKEN}/"
    for header in ("Content-Type", "content-type"):
        response = post(connection, header=header)
        assert (response.status, response.reason, response.headers["Content-Type"]) == (
            200,
            "OK",
            "application/json; charset=utf-8",
        )
        assert json.loads(response.read())["result"]["result"] == ROWS
        assert not response.will_close


def test_a_get_is_answered_too(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", f"/rest/1/{SAMPLE_TOKEN}/crm.lead.list?select[]=ID&order[ID]=DESC")
    assert json.loads(connection.getresponse().read())["result"] == ROWS["a"][::-1]


def test_an_error_has_its_status_and_reason(connection: http.client.HTTPConnection) -> None:
    response = post(connection, "no.such.method")
    assert (response.status, response.reason) == (404, "Not Found")
    assert json.loads(response.read()) == {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}


def test_a_redirect_is_sent(server: PortalServer, connection: http.client.HTTPConnection) -> None:
    server.app.moved_to = "http://new.test"
    response = post(connection)
    assert (response.status, response.headers["Location"]) == (
        302,
        f"http://new.test/rest/1/{SAMPLE_TOKEN}/batch",
    )  # P7.12
    response.read()
    assert post(connection, host="new.test").status == 200


def test_control_requests_are_answered(server: PortalServer, connection: http.client.HTTPConnection) -> None:
    post(connection).read()
    connection.request("GET", "/emulator/statistics")
    assert json.loads(connection.getresponse().read()) == server.app.statistics()


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_front_end_fault_is_sent_as_it_is(
    server: PortalServer, connection: http.client.HTTPConnection, kind: str
) -> None:
    server.app.fault(kind)
    response = post(connection)
    assert (response.status, response.read().decode()) == ANSWERS[kind]
    assert json.loads(post(connection).read())["result"]["result"] == ROWS


@pytest.mark.parametrize("kind", ["reset", "refused", "dns", "tls", "connect_timeout"])
def test_a_connection_that_breaks_is_reset(
    server: PortalServer, connection: http.client.HTTPConnection, kind: str
) -> None:
    server.app.fault(kind)
    with pytest.raises(ConnectionResetError) as raised:
        post(connection)
    assert type(raised.value) is ConnectionResetError  # and not merely closed
    connection.close()
    assert json.loads(post(connection).read())["result"]["result"] == ROWS


def test_a_connection_that_is_cut_sends_half_an_answer(
    server: PortalServer, connection: http.client.HTTPConnection
) -> None:
    whole = post(connection).read()
    server.app.fault("cut_connection")
    response = post(connection)
    assert response.headers["Content-Length"] == str(len(whole))
    with pytest.raises(http.client.IncompleteRead) as raised:
        response.read()
    assert raised.value.partial == whole[: len(whole) // 2]


def test_a_portal_that_hangs_still_serves_other_connections(
    server: PortalServer, connection: http.client.HTTPConnection
) -> None:
    arrived = threading.Event()
    server.app.on_logged = lambda logged: arrived.set()
    server.app.fault("hang")
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=0.2) as waiting:
        waiting.sendall(f"GET /rest/1/{SAMPLE_TOKEN}/scope HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert arrived.wait(20)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
    assert [logged.fault for logged in server.app.log] == ["hang"]
    assert json.loads(post(connection).read())["result"]["result"] == ROWS


@pytest.mark.parametrize("kind", INSIDE)
def test_a_fault_in_the_answer_is_the_same_on_a_socket(
    server: PortalServer, connection: http.client.HTTPConnection, kind: str
) -> None:
    server.app.fault(kind)
    response = post(connection)
    body = response.read()
    assert server.app.log[-1].fault == kind
    assert response.status == (504 if kind == "too_long" else 200)
    try:
        answered = json.loads(body)["result"]
    except json.JSONDecodeError:
        assert kind in ("cut_body", "too_long")
    else:
        found = {"rows_reversed": ROWS | {"a": ROWS["a"][::-1]}, "filter_ignored": ROWS}
        found |= {"filter_null": ROWS, "short_page": ROWS | {"a": ROWS["a"][:-1]}}
        assert answered["result"] == found.get(kind, {"b": ["crm"]})


def test_it_stops_after_some_time_without_requests(app: App) -> None:
    thread = threading.Thread(target=PortalServer(app, end_after=0.01).run, daemon=True)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()
