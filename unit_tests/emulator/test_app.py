import threading
from functools import partial
from typing import Any

import orjson
import pytest

from emulator.app import SAMPLE_TOKEN, App
from emulator.messages import LogEntry
from emulator.store import Portal
from unit_tests.emulator.client import ORDER, batch, call, post, send, status_and_body

TOO_MANY = {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}


def test_the_webhook_url(portal: Portal) -> None:
    assert App(portal).webhook_url == f"https://portal.test/rest/1/{SAMPLE_TOKEN}/"
    assert App(portal, "http://other", "t0ken").webhook_url == "http://other/rest/1/t0ken/"


def test_requests_over_the_limit_are_refused_until_the_bucket_leaks(app: App) -> None:
    answer = [status_and_body(app, "scope")[0] for _ in range(52)]
    assert answer == [200] * 50 + [503] * 2
    assert status_and_body(app, "no.such.method") == (503, TOO_MANY)  # P7.1: in front of everything
    assert "Retry-After" not in post(app, "scope").headers  # P7.2
    app.portal.clock.sleep(0.5)
    assert [status_and_body(app, "scope")[0] for _ in range(2)] == [200, 503]


def test_a_batch_is_one_request_for_the_bucket(app: App) -> None:
    commands = {f"c{number}": "scope" for number in range(50)}
    assert [len(batch(app, commands)["result"]) for _ in range(50)] == [50] * 50  # P1.16
    assert status_and_body(app, "batch", cmd=commands) == (503, TOO_MANY)  # P7.1


@pytest.mark.parametrize("method", ["scope", "batch"])
def test_a_request_of_more_than_60_seconds_is_cut_to_a_page_of_html(app: App, method: str) -> None:
    app.limits.latency.command = 30.5
    cut = post(app, method, cmd={"a": "scope", "b": "profile"})
    assert cut.status == (504 if method == "batch" else 200)  # P1.14, P7.6: the whole batch together
    app.limits.latency.command = 60.5
    before = app.portal.clock.now()
    cut = post(app, method, cmd={"a": "profile"})
    assert (cut.status, cut.headers, cut.body[:6]) == (504, {"Content-Type": "text/html"}, b"<html>")  # P7.13
    assert app.portal.clock.now() - before == 60
    assert app.log[-1].status == 504


def test_the_time_that_the_emulator_itself_takes_is_a_part_of_the_latency(app: App) -> None:
    app.limits.latency.request = 1.0
    clock = app.portal.clock
    for busy, took in ((0.25, 1.0), (1.5, 1.5)):
        app.before("scope", 1, partial(clock.sleep, busy))
        before = clock.now()
        call(app, "scope")
        assert clock.now() - before == took


def test_requests_in_flight_at_once_overlap_in_played_time(app: App) -> None:
    app.limits.latency.request = 1.0
    threads = [threading.Thread(target=call, args=(app, "scope")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(logged.at, logged.seconds) for logged in app.log] == [(1_796_000_000.0, 1.0)] * 4
    assert app.portal.clock.monotonic() == 1.0


def test_a_portal_that_moved_redirects_and_answers_at_its_new_address(app: App) -> None:
    app.moved_to = "https://new.test"
    path = f"/rest/1/{SAMPLE_TOKEN}/scope"
    answer = send(app, f"{path}?a=1", b"{}")
    assert (answer.status, answer.headers["Location"]) == (302, f"https://new.test{path}?a=1")  # P7.12
    assert answer.body.startswith(b"<html>")  # P7.13
    assert send(app, path, host="new.test").status == 200
    assert [logged.status for logged in app.log] == [302, 200]


@pytest.mark.parametrize(("to_http", "host"), [(False, ""), (True, "http://portal.test")])
def test_a_web_server_that_adds_a_slash_redirects_and_answers_there(app: App, to_http: bool, host: str) -> None:
    app.adds_slash, app.redirects_to_http = True, to_http
    path = f"/rest/1/{SAMPLE_TOKEN}/scope"
    answer = send(app, path, b"{}")
    assert (answer.status, answer.headers["Location"]) == (301, f"{host}{path}/")  # P7.12
    assert send(app, f"{path}/").status == 200  # P7.8


def test_a_front_end_that_wants_a_login_redirects_to_its_page(app: App) -> None:
    app.fault("login_redirect")
    answer = send(app, f"/rest/1/{SAMPLE_TOKEN}/scope", b"{}")
    assert (answer.status, answer.headers["Location"]) == (302, "/auth/?backurl=%2Frest%2F")  # P7.16


def test_an_action_runs_before_a_call_which_sees_its_effect(app: App, portal: Portal) -> None:
    app.before("crm.lead.list", 2, lambda: portal.create("lead"))
    assert [len(call(app, "crm.lead.list", start=-1)["result"]) for _ in range(3)] == [0, 1, 1]
    app.before("crm.lead.list", 1, lambda: portal.delete("lead", 1))
    command = "crm.lead.list?select[]=ID&start=-1"
    assert batch(app, {"s": "scope", "a": command, "b": command})["result"] == {"s": ["crm"], "a": [], "b": []}


def test_an_action_can_run_between_two_commands_of_a_batch(app: App, portal: Portal) -> None:
    app.before("crm.lead.list", 2, lambda: portal.create("lead"))
    command = "crm.lead.list?select[]=ID&start=-1"
    assert batch(app, {"a": command, "b": command})["result"] == {"a": [], "b": [{"ID": "1"}]}


def test_every_request_is_logged(app: App, portal: Portal) -> None:
    portal.create("lead")
    app.limits.latency.request, app.limits.latency.command = 1.0, 2.0
    answer: list[LogEntry] = []
    app.on_logged = answer.append
    batch(app, {"a": "crm.lead.list", "b": "CRM.lead.list?start=-1", "c": "scope", "d": 5})
    status_and_body(app, "no.such.method")
    send(app, "/")
    assert [orjson.loads(orjson.dumps(logged)) for logged in answer] == [
        _logged(0, "batch", {"crm.lead.list": 2, "scope": 1}, rows=2, seconds=7.0),
        _logged(7, "no.such.method", {"no.such.method": 1}, 404, seconds=1.0),
        _logged(8, "", {"": 1}, 404, seconds=1.0),
    ]
    assert answer == app.log


def _logged(
    later: float, method: str, methods: dict[str, int], status: int = 200, rows: int = 0, seconds: float = 0.0
) -> dict[str, Any]:
    answer = {"at": 1_796_000_000 + later, "method": method, "methods": methods, "status": status}
    return answer | {"rows": rows, "seconds": seconds, "refused": 0, "fault": "", "queued": 0.0}


def test_control_requests_are_not_logged_and_take_no_time(app: App) -> None:
    app.limits.latency.request = 5.0
    assert send(app, "/emulator/nothing").status == 404
    assert (app.log, app.portal.clock.now()) == ([], 1_796_000_000.0)


def test_requests_can_come_from_several_threads(app: App, portal: Portal) -> None:
    for _ in range(60):
        portal.create("lead")
    app.limits.bucket.enabled = False
    answers: list[dict[str, Any]] = []

    def read() -> None:
        for _ in range(10):
            answers.append(call(app, "crm.lead.list", select=["ID"], order=ORDER, start=50))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = [{"ID": str(number)} for number in range(51, 61)]
    assert answers == [{"result": rows, "total": 60}] * 40
    assert len(app.log) == 40
