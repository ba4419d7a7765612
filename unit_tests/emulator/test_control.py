from typing import Any

import orjson
import pytest

from emulator.app import App
from emulator.messages import Request
from emulator.store import Portal
from unit_tests.emulator.client import batch, call, listed, post, status_and_body


def control(app: App, what: str, body: Any = None, method: str = "POST") -> tuple[int, Any]:
    expected = app.handle(Request(method, f"/emulator/{what}", {}, orjson.dumps(body) if body is not None else b""))
    return expected.status, orjson.loads(expected.body)


def test_statistics_count_requests_since_the_last_reset(app: App, portal: Portal) -> None:
    portal.create("lead")
    app.limits.latency.request, app.limits.latency.command = 1.0, 0.5
    batch(app, {"a": "crm.lead.list?start=-1", "b": "scope", "c": "crm.lead.list"})
    app.fault("too_many_requests")
    status_and_body(app, "scope")
    app.fault("operating_time")
    status_and_body(app, "scope")
    expected = {
        "requests": 3,
        "commands": 5,
        "rows_sent": 2,
        "server_seconds": 2.5,
        "queued_seconds": 0.0,
        "limit_errors": 2,
        "by_method": {"crm.lead.list": 2, "scope": 3},
        "first_at": 1_796_000_000.0,
    }
    assert control(app, "statistics", method="GET") == (200, expected)
    assert app.statistics() == expected
    assert control(app, "statistics/reset") == (200, None)
    assert app.statistics() == {
        "requests": 0,
        "commands": 0,
        "rows_sent": 0,
        "server_seconds": 0,
        "queued_seconds": 0,
        "limit_errors": 0,
        "by_method": {},
        "first_at": None,
    }
    call(app, "scope")
    assert app.statistics()["by_method"] == {"scope": 1}


def test_the_log_has_time_and_methods_of_every_request(app: App) -> None:
    call(app, "profile")
    control(app, "statistics/reset")
    app.portal.clock.sleep(5)
    batch(app, {"a": "scope", "b": "scope"})
    assert control(app, "log", method="GET") == (200, [{"at": 1_796_000_005.0, "methods": {"scope": 2}}])


def test_the_portal_can_be_edited_over_http(app: App, portal: Portal) -> None:
    edits: list[dict[str, Any]] = [
        {"do": "create", "name": "lead", "values": {"TITLE": "one"}},
        {"do": "update", "name": "lead", "number": 1, "values": {"TITLE": "two"}},
        {"do": "update", "name": "lead", "number": 1, "values": {"TITLE": "two"}},
        {"do": "delete", "name": "lead", "number": 1},
        {"do": "restore", "name": "lead", "number": 1},
        {"do": "set_product_rows", "name": "lead", "owner": 2, "rows": [{"PRICE": 2, "QUANTITY": 3}]},
        {"do": "create", "name": "contact"},
        {"do": "link_company", "contact": 2, "company": 8},
        {"do": "link_company", "contact": 2, "company": 9},
        {"do": "unlink_company", "contact": 2, "company": 8},
    ]
    expected = [1, True, False, None, 2, [900_000_001], 2, None, None, None]
    assert control(app, "edits", edits) == (200, expected)
    assert call(app, "crm.lead.list", select=["TITLE", "OPPORTUNITY"], start=-1)["result"] == [
        {"ID": "2", "TITLE": "two", "OPPORTUNITY": "6.00"}
    ]
    assert [link["COMPANY_ID"] for link in portal.companies_of(2)] == [9]


def test_a_share_of_the_rows_can_be_touched(app: App, portal: Portal) -> None:
    for _ in range(10):
        portal.create("lead")
    portal.clock.sleep(60)
    assert control(app, "edits", [{"do": "touch", "name": "lead", "share": 0.2}]) == (200, [2])
    assert listed(app, "crm.lead.list", filter={">=DATE_MODIFY": "2026-11-30T03:54:20"}) == [1, 6]


def test_a_share_of_the_rows_can_be_deleted(app: App, portal: Portal) -> None:
    for _ in range(10):
        portal.create("lead")
    assert control(app, "edits", [{"do": "delete_share", "name": "lead", "share": 0.2}]) == (200, [2])
    assert listed(app, "crm.lead.list") == [2, 3, 4, 5, 7, 8, 9, 10]


def test_faults_can_be_scripted_over_http(app: App) -> None:
    assert control(app, "faults", [{"kind": "html", "at": 2}, {"kind": "empty", "method": "scope"}]) == (200, None)
    for _ in range(3):
        post(app, "scope")
    assert [logged.fault for logged in app.log] == ["empty", "html", ""]


@pytest.mark.parametrize(
    ("what", "body", "problem"),
    [
        ("edits", [{"do": "explode"}], "ValueError: no such edit: explode"),
        ("edits", [{}], "KeyError: 'do'"),
        ("edits", [{"do": "delete", "name": "lead", "number": 99}], "KeyError: 99"),
        ("faults", [{"kind": "rest"}], "ValueError: no such fault: rest"),
    ],
)
def test_an_invalid_request_is_answered_with_the_problem(app: App, what: str, body: Any, problem: str) -> None:
    assert control(app, what, body) == (400, {"error": problem})


@pytest.mark.parametrize(("what", "method"), [("nothing", "GET"), ("statistics", "POST"), ("edits", "GET")])
def test_an_unknown_control_is_not_found(app: App, what: str, method: str) -> None:
    assert control(app, what, [], method) == (404, {"error": "no such control"})
