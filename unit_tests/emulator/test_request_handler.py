from typing import Any

import orjson
import pytest

from emulator.app import SAMPLE_TOKEN, App
from emulator.limits import BatchAccount
from emulator.registry import RestError
from emulator.store import Portal
from unit_tests.emulator.client import batch, call, post, send, status_and_body

NO_SUCH_METHOD = {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}
INVALID = {"error": "INVALID_CREDENTIALS", "error_description": "Invalid request credentials"}
USED_UP = {"error": "OPERATION_TIME_LIMIT", "error_description": "Method is blocked due to operation time limit."}
SCOPE = "The request requires higher privileges than provided by the webhook token"
GOOD = f"/rest/1/{SAMPLE_TOKEN}"


def answer(app: App, path: str) -> tuple[int, Any]:
    response = send(app, path)
    body = orjson.loads(response.body)
    return response.status, body.get("result", body)


@pytest.mark.parametrize(
    "path", ["scope", "scope/", "scope.json", "scope.xml", "scope.json/", "SCOPE", "Scope.json", "scope?auth=x"]
)
def test_the_forms_of_an_address(app: App, path: str) -> None:
    assert answer(app, f"{GOOD}/{path}") == (200, ["crm"])  # P7.8


@pytest.mark.parametrize(
    "path",
    [
        f"{GOOD}/no.such.method",
        "/rest/1/wrong/no.such.method",  # before the webhook is looked at
        f"/rest/x/{SAMPLE_TOKEN}/scope",
        f"{GOOD}/",
        "/rest/scope",
        "/",
        f"{GOOD}/scope.txt",
    ],
)
def test_an_unknown_method_and_a_mangled_address_come_before_the_webhook(app: App, path: str) -> None:
    assert answer(app, path) == (404, NO_SUCH_METHOD)  # P7.8


@pytest.mark.parametrize("path", ["/rest/1/wrong/scope", f"/rest/2/{SAMPLE_TOKEN}/scope", "/rest/1/wrong/batch"])
def test_a_wrong_token_and_a_wrong_user_are_refused(app: App, path: str) -> None:
    assert answer(app, path) == (401, INVALID)  # P7.7


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        ("NO_AUTH_FOUND", "Wrong authorization data", 401),
        ("authorization_error", "Unable to authorize user", 401),
        ("INVALID_REQUEST", "Https required.", 401),
        ("ACCESS_DENIED", "REST is available only on commercial plans.", 403),
        ("OVERLOAD_LIMIT", "REST API is blocked due to overload.", 503),
        ("PORTAL_DELETED", "Portal was deleted", 403),
        ("", "Access denied.", 400),
    ],
)
def test_a_portal_can_refuse_in_every_way(app: App, code: str, text: str, status: int) -> None:
    app.webhook.refusal = RestError(code, text, status)
    body = {"error": code, "error_description": text}
    assert status_and_body(app, "scope") == status_and_body(app, "batch", cmd={"a": "scope"}) == (status, body)  # P7.7
    assert answer(app, f"{GOOD}/no.such.method") == (404, NO_SUCH_METHOD)
    assert answer(app, "/rest/1/wrong/scope") == (401, INVALID)


def test_a_missing_scope_has_a_text_in_a_direct_call_and_none_in_a_batch(app: App, portal: Portal) -> None:
    portal.scopes = {"telephony"}
    assert status_and_body(app, "crm.deal.list") == (
        401,
        {"error": "insufficient_scope", "error_description": SCOPE},
    )  # P7.7
    answered = batch(app, {"a": "crm.deal.list", "b": "scope"})
    assert answered["result"] == {"b": ["telephony"]}
    assert answered["result_error"] == {"a": {"error": "insufficient_scope", "error_description": ""}}  # P1.15


@pytest.mark.parametrize("barred", ["deal", "crm.deal.list"])
def test_no_access_is_an_error_with_an_empty_code(app: App, barred: str) -> None:
    app.webhook.may_not_read.add(barred)
    denied = {"error": "", "error_description": "Access denied."}
    assert status_and_body(app, "crm.deal.list", start=-1) == (400, denied)  # P2.19, P7.9
    assert call(app, "crm.lead.list", start=-1) == {"result": [], "total": 0}
    assert ("result" in call(app, "crm.deal.fields")) is (barred != "deal")


@pytest.mark.parametrize("body", [b"{", b"", b'"text"', b"[1]", b"\xff"])
def test_a_body_that_is_no_json_object_counts_as_empty(app: App, portal: Portal, body: bytes) -> None:
    portal.create("lead")
    answer = orjson.loads(send(app, f"{GOOD}/crm.lead.list?select[]=ID", body).body)
    assert (answer["result"], answer["total"]) == ([{"ID": "1"}], 1)  # P7.11


def test_a_good_answer_has_a_time_block_and_an_error_has_none(app: App) -> None:
    app.limits.latency.request, app.limits.latency.command = 1.0, 0.5
    app.portal.clock.sleep(0.25)
    body = orjson.loads(post(app, "scope").body)
    assert body == {
        "result": ["crm"],
        "time": {
            "start": 1796000000,
            "finish": 1796000001.75,
            "duration": 1.5,
            "processing": 0,
            "date_start": "2026-11-30T03:53:20+03:00",
            "date_finish": "2026-11-30T03:53:21+03:00",
            "operating": 0.5,
            "operating_reset_at": 1796000580,
        },
    }  # P7.3
    assert status_and_body(app, "no.such.method") == (404, NO_SUCH_METHOD)


def test_a_self_hosted_portal_has_no_operating_time_and_no_limit(app: App) -> None:
    app.limits.operating.kept = False
    app.limits.latency.command = 500.0
    app.limits.cut_after = 10_000.0
    for _ in range(3):
        body = orjson.loads(post(app, "scope").body)
        assert set(body["time"]) == {"start", "finish", "duration", "processing", "date_start", "date_finish"}  # P7.3


def test_the_call_that_crosses_the_limit_finishes_and_the_next_is_refused(app: App) -> None:
    app.limits.latency.command = 50.0
    body = [status_and_body(app, "scope") for _ in range(11)]
    assert [status for status, _ in body] == [200] * 10 + [429]  # P7.4: 480 s
    assert body[10] == (429, USED_UP)  # P7.5
    assert [body["time"]["operating"] for _, body in body[:10]] == [50.0 * n for n in range(1, 11)]
    assert call(app, "profile")["result"]["ID"] == "1"  # a method has its own account


def test_operating_time_is_free_again_when_the_oldest_basket_expires(app: App) -> None:
    app.limits.latency.command = 50.0
    for _ in range(10):
        reset_at = orjson.loads(post(app, "scope").body)["time"]["operating_reset_at"]
    clock = app.portal.clock
    clock.sleep(reset_at - clock.now() - 1)
    assert status_and_body(app, "scope") == (429, USED_UP)
    clock.sleep(1)
    assert status_and_body(app, "scope")[0] == 200  # P7.4: when the oldest leaves, not all


def test_batches_and_direct_calls_have_separate_accounts(app: App) -> None:
    app.limits.latency.command, app.limits.operating.limit = 10.0, 10.0
    assert [status_and_body(app, "scope")[0] for _ in range(2)] == [200, 429]
    assert batch(app, {"a": "scope"})["result"] == {"a": ["crm"]}
    assert batch(app, {"a": "scope"})["result_error"] == {"a": USED_UP}  # P7.4


def test_the_limit_is_checked_before_every_command_of_a_batch(app: App) -> None:
    app.limits.latency.command, app.limits.operating.limit = 5.0, 10.0
    commands = {"a": "scope", "b": "scope", "c": "scope", "d": "profile", "e": "scope"}
    answered = batch(app, commands)
    assert set(answered["result"]) == {"a", "b", "d"}
    assert answered["result_error"] == {"c": USED_UP, "e": USED_UP}  # P1.13, P7.5
    assert app.log[-1].status == 200


def test_a_command_shows_the_operating_time_of_its_method_so_far(app: App) -> None:
    app.limits.latency.command = 0.25
    body = orjson.loads(post(app, "batch", cmd={"a": "scope", "b": "scope", "c": "profile"}).body)
    assert {key: time["operating"] for key, time in body["result"]["result_time"].items()} == {
        "a": 0.25,
        "b": 0.5,
        "c": 0.25,
    }  # P7.4
    assert body["time"]["operating"] == 0  # batch itself is not charged


def test_quick_requests_cost_no_operating_time(app: App) -> None:
    app.limits.latency.command = 0.05
    for _ in range(3):
        assert orjson.loads(post(app, "scope").body)["time"]["operating"] == 0.0  # P7.4: not above 0.1 s
    batch(app, {"a": "scope", "b": "scope"})
    body = orjson.loads(post(app, "batch", cmd=dict.fromkeys("abc", "scope")).body)
    assert body["result"]["result_time"]["c"]["operating"] == pytest.approx(0.15)


def test_all_types_of_items_share_one_account(app: App) -> None:
    app.limits.latency.command, app.limits.operating.limit = 10.0, 20.0
    body = [status_and_body(app, "crm.item.list", entityTypeId=number)[0] for number in (1, 2, 3)]
    assert body == [200, 200, 429]  # P3.9


def whole_batches(app: App, command_seconds: float, limit: float = 480.0) -> None:
    app.limits.operating.batch_account = BatchAccount.BATCH
    app.limits.latency.command, app.limits.operating.limit = command_seconds, limit


def test_a_newer_portal_charges_a_batch_as_a_whole(app: App) -> None:
    whole_batches(app, 0.25)
    commands = {"a": "scope", "b": "profile", "c": "scope"}
    for number in (1, 2):
        body = orjson.loads(post(app, "batch", cmd=commands).body)
        inner = {key: time["operating"] for key, time in body["result"]["result_time"].items()}
        assert inner == {"a": 0.25, "b": 0.5, "c": 0.75}  # P7.14: of this request alone
        assert body["time"]["operating"] == 0.75 * number  # P7.14: the account
    assert body["time"]["operating_reset_at"] == 1_796_000_580


def test_when_the_account_of_batches_is_used_up_the_whole_request_is_refused(app: App) -> None:
    whole_batches(app, 5.0, limit=10.0)
    answer = batch(app, {"a": "scope", "b": "scope", "c": "scope"})
    assert set(answer["result"]) == {"a", "b", "c"}  # P7.4: what crosses the limit finishes
    assert status_and_body(app, "batch", cmd={"a": "profile"}) == (429, USED_UP)  # P7.14
    assert [(entry.status, entry.refused) for entry in app.log] == [(200, 0), (429, 1)]
    assert app.statistics()["limit_errors"] == 1
    app.portal.clock.sleep(600)
    assert status_and_body(app, "batch", cmd={"a": "profile"})[0] == 200


def test_direct_calls_have_an_account_for_each_method_beside_that_of_batches(app: App) -> None:
    whole_batches(app, 10.0, limit=10.0)
    assert status_and_body(app, "batch", cmd={"a": "scope"})[0] == 200
    assert [status_and_body(app, name)[0] for name in ("scope", "scope", "profile", "profile")] == [200, 429, 200, 429]
    assert status_and_body(app, "batch", cmd={"a": "scope"}) == (429, USED_UP)


def test_quick_batches_cost_nothing_on_a_newer_portal_either(app: App) -> None:
    whole_batches(app, 0.05)
    body = orjson.loads(post(app, "batch", cmd={"a": "scope", "b": "scope"}).body)
    assert body["time"]["operating"] == 0  # P7.4: not above 0.1 s
    body = orjson.loads(post(app, "batch", cmd={"a": "scope", "b": "scope", "c": "scope"}).body)
    assert body["time"]["operating"] == pytest.approx(0.15)


def test_a_newer_self_hosted_portal_keeps_no_account_either(app: App) -> None:
    whole_batches(app, 5.0, limit=10.0)
    app.limits.operating.kept = False
    for _ in range(3):
        body = orjson.loads(post(app, "batch", cmd={"a": "scope", "b": "scope", "c": "scope"}).body)
        assert "operating" not in body["time"] | body["result"]["result_time"]["a"]  # P7.3


def test_operating_time_is_charged_when_a_request_ends(app: App) -> None:
    app.limits.latency.command = 50.0
    app.portal.clock.sleep(30)
    body = orjson.loads(post(app, "scope").body)
    assert (body["time"]["start"], body["time"]["operating_reset_at"]) == (1_796_000_030, 1_796_000_640)  # P7.4
