from typing import Any

import pytest
import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import SAMPLE_TOKEN, App
from emulator.faults import ANSWERS, CONNECTION, INSIDE, KINDS
from emulator.store import Portal

RAISED: dict[str, tuple[type[Exception], str]] = {
    "reset": (requests.exceptions.ConnectionError, "Connection reset by peer"),
    "refused": (requests.exceptions.ConnectionError, "Connection refused"),
    "dns": (requests.exceptions.ConnectionError, "Name or service not known"),
    "tls": (requests.exceptions.SSLError, "CERTIFICATE_VERIFY_FAILED"),
    "tls_name": (requests.exceptions.SSLError, "Hostname mismatch"),
    "tls_expired": (requests.exceptions.SSLError, "certificate has expired"),
    "proxy_refuses": (requests.exceptions.ProxyError, "Tunnel connection failed: 407"),
    "hang": (requests.exceptions.ReadTimeout, "Read timed out"),
    "connect_timeout": (requests.exceptions.ConnectTimeout, "ConnectTimeoutError"),
    "cut_connection": (requests.exceptions.ChunkedEncodingError, "IncompleteRead"),
}
COMMANDS = {"a": "crm.lead.list?order[ID]=ASC&start=-1&select[]=ID&filter[%3EDATE_MODIFY]=2020-01-01", "b": "scope"}


class Client:
    def __init__(self, app: App) -> None:
        self._session = requests.Session()
        self._session.mount(app.origin, EmulatorAdapter(app))
        self._url = app.webhook_url

    def post(self, method: str = "batch", timeout: Any = (10, 90), **kwargs: Any) -> requests.Response:
        return self._session.post(self._url + method, timeout=timeout, **{"json": {"cmd": COMMANDS}, **kwargs})


@pytest.fixture
def client(app: App, portal: Portal) -> Client:
    for _ in range(2):
        portal.create("lead")
    return Client(app)


def test_a_session_talks_to_the_portal_without_a_socket(client: Client, app: App) -> None:
    response = client.post("crm.lead.list", json={"select": ["ID"], "order": {"ID": "ASC"}})
    assert (response.status_code, response.headers["content-type"], response.encoding) == (
        200,
        "application/json; charset=utf-8",
        "utf-8",
    )
    assert (response.json()["result"], response.json()["total"]) == ([{"ID": "1"}, {"ID": "2"}], 2)
    assert response.url == f"https://portal.test/rest/1/{SAMPLE_TOKEN}/crm.lead.list"
    assert app.log[-1].method == "crm.lead.list"


@pytest.mark.parametrize(
    "sent", [{"json": None, "data": {"select[]": "ID"}}, {"json": None, "params": {"select[]": "ID"}}]
)
def test_forms_and_queries_arrive_too(client: Client, sent: dict[str, Any]) -> None:
    response = client.post("crm.lead.list?start=-1", **sent).json()
    assert sorted(row["ID"] for row in response["result"]) == ["1", "2"]
    assert {tuple(row) for row in response["result"]} == {("ID",)}


@pytest.mark.parametrize("follows", [True, False])
def test_following_a_redirect_with_a_get_loses_the_body(client: Client, app: App, follows: bool) -> None:
    app.moved_to = "https://portal.test.new"
    client._session.mount(app.moved_to, EmulatorAdapter(app))
    response = client.post(allow_redirects=follows)
    assert response.status_code == (200 if follows else 302)  # P7.12
    if follows:
        assert (response.request.method, response.json()["result"]["result"]) == ("GET", [])
    else:
        assert response.headers["Location"] == f"https://portal.test.new/rest/1/{SAMPLE_TOKEN}/batch"


@pytest.mark.parametrize("kind", CONNECTION)
def test_a_connection_fault_raises_the_exception_of_requests(client: Client, app: App, kind: str) -> None:
    app.fault(kind)
    with pytest.raises(requests.exceptions.RequestException) as raised:
        client.post()
    assert type(raised.value) is RAISED[kind][0]
    assert RAISED[kind][1] in str(raised.value)
    assert SAMPLE_TOKEN in str(raised.value)  # as in a real one: it is for the client to hide it
    assert raised.value.request is not None
    assert client.post().status_code == 200


@pytest.mark.parametrize(("timeout", "seconds"), [((10, 90), 90), (30, 30), (None, 0)])
def test_a_portal_that_hangs_is_waited_for_until_the_read_timeout(
    client: Client, app: App, timeout: Any, seconds: int
) -> None:
    app.fault("hang")
    before = app.portal.clock.now()
    with pytest.raises(requests.exceptions.ReadTimeout, match=f"read timeout={seconds or None}"):
        client.post(timeout=timeout)
    assert app.portal.clock.now() - before == seconds


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_front_end_fault_is_sent_as_it_is(client: Client, app: App, kind: str) -> None:
    app.fault(kind)
    response = client.post(allow_redirects=False)
    assert (response.status_code, response.text) == ANSWERS[kind]
    assert client.post().status_code == 200


def test_a_fault_in_the_answer_is_sent_as_the_app_made_it(client: Client, app: App) -> None:
    rows = [{"ID": "1"}, {"ID": "2"}]
    error = {"error": "", "error_description": "Something went wrong inside the portal."}
    response: dict[str, Any] = {}
    for kind in INSIDE:
        app.fault(kind)
        answer = client.post()
        body = answer.json()["result"] if answer.status_code == 200 and kind != "cut_body" else {}
        response[kind] = (answer.status_code, body.get("result"), body.get("result_error"))
        if kind == "cut_body":
            with pytest.raises(requests.exceptions.JSONDecodeError):
                answer.json()
    used_up = {
        "error": "OPERATION_TIME_LIMIT",
        "error_description": "Method is blocked due to operation time limit.",
    }
    assert response == {
        "command_error": (200, {"b": ["crm"]}, {"a": error}),
        "command_missing": (200, {"b": ["crm"]}, []),
        "command_time_limit": (200, {"b": ["crm"]}, {"a": used_up}),
        "cut_body": (200, None, None),
        "too_long": (504, None, None),
        "filter_ignored": (200, {"a": rows, "b": ["crm"]}, []),
        "filter_null": (200, {"a": [], "b": ["crm"]}, []),
        "short_page": (200, {"a": rows[:-1], "b": ["crm"]}, []),
        "rows_reversed": (200, {"a": rows[::-1], "b": ["crm"]}, []),
    }


def test_every_kind_is_tested() -> None:
    assert {*RAISED, *ANSWERS, *INSIDE} == set(KINDS)


def test_closing_closes_nothing(client: Client, app: App) -> None:
    EmulatorAdapter(app).close()
    client._session.close()
    assert client.post().status_code == 200
