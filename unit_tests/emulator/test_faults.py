import random
from typing import Any

import orjson
import pytest

from emulator.app import App
from emulator.faults import ANSWERS, CONNECTION, KINDS, ConnectionFault, Fault, Faults
from emulator.store import Portal
from unit_tests.emulator.client import batch, post, status_and_body

PAGE = "select[]=ID&order[ID]=ASC&start=-1"
COMMANDS = dict.fromkeys("abc", f"crm.lead.list?{PAGE}")
IDS = [{"ID": "1"}, {"ID": "2"}]
USED_UP = {"error": "OPERATION_TIME_LIMIT", "error_description": "Method is blocked due to operation time limit."}
WRONG = {"error": "", "error_description": "Something went wrong inside the portal."}


@pytest.fixture
def leads(app: App, portal: Portal) -> App:
    for _ in range(2):
        portal.create("lead")
    return app


def kinds_of(app: App, requests: int, method: str = "scope") -> list[str]:
    for _ in range(requests):
        post(app, method)
    return [logged.fault for logged in app.log]


def test_a_fault_hits_the_first_request_once(app: App) -> None:
    app.fault("html")
    assert kinds_of(app, 3) == ["html", "", ""]


def test_a_fault_can_hit_later_and_several_times(app: App) -> None:
    app.fault("html", at=2, times=2)
    assert kinds_of(app, 4) == ["", "html", "html", ""]


def test_only_requests_that_call_the_method_count(app: App) -> None:
    app.fault("html", at=2, method="profile")
    post(app, "profile")
    post(app, "scope")
    batch(app, {"a": "server.time", "b": "scope"})
    post(app, "batch", cmd={"a": "scope", "b": "PROFILE"})
    assert [logged.fault for logged in app.log] == ["", "", "", "html"]


def test_a_batch_counts_for_the_methods_of_its_commands(app: App) -> None:
    app.fault("html", method="batch")
    post(app, "batch", cmd=["scope"])
    post(app, "batch", cmd="scope")
    post(app, "batch")
    assert [logged.fault for logged in app.log] == ["", "", "html"]


def test_the_first_of_several_faults_hits(app: App) -> None:
    app.fault("html", at=2)
    app.fault("empty", times=3)
    assert kinds_of(app, 4) == ["empty", "html", "empty", "empty"]


def test_chance_is_drawn_for_every_request_and_reproducible(portal: Portal) -> None:
    portal.clock.sleep(3600)
    runs = []
    for _ in range(2):
        app = App(portal)
        app.fault("html", times=40, chance=0.3)
        runs.append(kinds_of(app, 40))
    assert runs[0] == runs[1]
    assert 0 < runs[0].count("html") < 40
    never, always = Fault("html", chance=0.0), Fault("html", chance=1.0)
    assert [fault.hits(["scope"], random.Random(1)) for fault in (never, always)] == [False, True]


def test_faults_can_be_cleared(app: App) -> None:
    ran: list[int] = []
    app.fault("html")
    app.before("scope", 1, lambda: ran.append(1))
    app.faults.clear()
    assert kinds_of(app, 2) == ["", ""]
    assert ran == []


def test_a_misspelled_fault_is_refused_at_once(app: App) -> None:
    with pytest.raises(ValueError, match="no such fault: rest"):
        app.fault("rest")


def test_before_counts_calls_of_its_method_from_now() -> None:
    ran: list[str] = []
    faults = Faults()
    faults.before_call("a")
    faults.before("a", 2, lambda: ran.append("second"))
    for method in ("a", "b", "a", "a"):
        ran.append(method)
        faults.before_call(method)
    assert ran == ["a", "b", "a", "second", "a"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_front_end_fault_replaces_the_answer(app: App, kind: str) -> None:
    app.fault(kind)
    ran: list[int] = []
    app.before("scope", 1, lambda: ran.append(1))
    answers = post(app, "scope")
    assert (answers.status, answers.body.decode()) == ANSWERS[kind]  # P7.10, P7.13
    assert (app.log[0].status, ran) == (answers.status, [])
    assert post(app, "scope").status == 200


@pytest.mark.parametrize("kind", CONNECTION)
def test_a_broken_connection_is_raised_and_logged(app: App, kind: str) -> None:
    app.fault(kind)
    ran: list[int] = []
    app.before("scope", 1, lambda: ran.append(1))
    with pytest.raises(ConnectionFault) as raised:
        post(app, "scope")
    assert (raised.value.kind, app.log[0].fault) == (kind, kind)
    reached = kind == "cut_connection"  # the only one under which the method runs
    assert (ran, b"crm" in raised.value.body) == ([1] * reached, reached)
    assert post(app, "scope").status == 200


@pytest.mark.parametrize(("kind", "error"), [("command_error", WRONG), ("command_time_limit", USED_UP)])
def test_one_command_of_a_batch_fails_and_the_others_do_not(leads: App, kind: str, error: dict[str, str]) -> None:
    leads.fault(kind, command=1)
    answers = batch(leads, COMMANDS)
    assert (answers["result"], answers["result_error"]) == ({"a": IDS, "c": IDS}, {"b": error})  # P1.12, P1.13
    assert batch(leads, COMMANDS)["result"] == {"a": IDS, "b": IDS, "c": IDS}


@pytest.mark.parametrize(
    ("kind", "status", "error"), [("command_error", 400, WRONG), ("command_time_limit", 429, USED_UP)]
)
def test_a_direct_call_fails_the_same_way(leads: App, kind: str, status: int, error: dict[str, str]) -> None:
    leads.fault(kind)
    assert status_and_body(leads, "scope") == (status, error)


def test_one_command_is_missing_from_every_map(leads: App) -> None:
    leads.fault("command_missing", command=2)
    answers = orjson.loads(post(leads, "batch", cmd=COMMANDS | {"d": "nope"}).body)["result"]
    assert {name: list(part) for name, part in answers.items()} == {
        "result": ["a", "b"],
        "result_error": ["d"],
        "result_total": ["a", "b"],
        "result_next": [],
        "result_time": ["a", "b"],
    }
    leads.fault("command_missing", command=3)
    assert batch(leads, COMMANDS | {"d": "nope"})["result_error"] == {}


def test_a_body_is_cut_in_half(leads: App) -> None:
    leads.fault("cut_body", at=2)
    whole, half = post(leads, "batch", cmd=COMMANDS), post(leads, "batch", cmd=COMMANDS)
    assert (half.status, half.headers) == (whole.status, whole.headers)
    assert half.body == whole.body[: len(whole.body) // 2]
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(half.body)


def test_a_request_that_takes_too_long_is_cut_after_60_seconds(leads: App) -> None:
    leads.fault("too_long")
    before = leads.portal.clock.now()
    answers = post(leads, "batch", cmd=COMMANDS)
    assert (answers.status, answers.body.decode()) == ANSWERS["gateway_timeout"]  # P7.6
    assert leads.portal.clock.now() - before == 60


@pytest.mark.parametrize(
    ("filter_", "found"),
    [({">DATE_MODIFY": "2030-01-01"}, ["1", "2"]), ({">DATE_MODIFY": "2030-01-01", ">ID": 1}, ["2"])],
)
def test_filter_ignored_keeps_only_conditions_on_ids(leads: App, filter_: dict[str, Any], found: list[str]) -> None:
    leads.fault("filter_ignored")
    params = {"select": ["ID"], "order": {"ID": "ASC"}, "filter": filter_}
    answers = [orjson.loads(post(leads, "crm.lead.list", **params).body)["result"] for _ in range(2)]
    assert answers == [[{"ID": number} for number in found], []]


def test_rows_come_in_the_wrong_order(leads: App) -> None:
    leads.fault("rows_reversed", times=2)
    assert batch(leads, COMMANDS | {"d": "profile"})["result"]["c"] == IDS[::-1]
    assert batch(leads, list(COMMANDS.values()))["result"] == [IDS[::-1]] * 3
    assert batch(leads, COMMANDS)["result"]["c"] == IDS


def test_rows_reversed_does_nothing_without_rows(leads: App) -> None:
    leads.fault("rows_reversed")
    assert batch(leads, {"a": "nope"})["result"] == []


def test_every_kind_is_in_one_group() -> None:
    assert len(KINDS) == len(set(KINDS)) == 34
