import random
from typing import Any

import orjson
import pytest

from emulator.app import App
from emulator.faults import ANSWERS, CONNECTION, KINDS, ConnectionFault, Fault, Faults
from emulator.store import Portal
from unit_tests.emulator.asking import batch, post, refusal

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


def struck(app: App, requests: int, method: str = "scope") -> list[str]:
    for _ in range(requests):
        post(app, method)
    return [logged.fault for logged in app.log]


def test_a_fault_strikes_once_at_the_first_request(app: App) -> None:
    app.fault("html")
    assert struck(app, 3) == ["html", "", ""]


def test_a_fault_strikes_from_a_request_on_and_several_times(app: App) -> None:
    app.fault("html", at=2, times=2)
    assert struck(app, 4) == ["", "html", "html", ""]


def test_only_requests_that_contain_the_method_count(app: App) -> None:
    app.fault("html", at=2, method="profile")
    post(app, "profile")
    post(app, "scope")
    batch(app, {"a": "server.time", "b": "scope"})
    post(app, "batch", cmd={"a": "scope", "b": "PROFILE"})
    assert [logged.fault for logged in app.log] == ["", "", "", "html"]


def test_a_batch_is_known_by_its_commands_or_by_their_absence(app: App) -> None:
    app.fault("html", method="batch")
    post(app, "batch", cmd=["scope"])
    post(app, "batch", cmd="scope")
    post(app, "batch")
    assert [logged.fault for logged in app.log] == ["", "", "html"]


def test_of_several_faults_the_first_one_that_strikes_counts(app: App) -> None:
    app.fault("html", at=2)
    app.fault("empty", times=3)
    assert struck(app, 4) == ["empty", "html", "empty", "empty"]


def test_a_chance_is_drawn_at_every_request_and_is_the_same_in_every_run(portal: Portal) -> None:
    portal.clock.sleep(3600)
    runs = []
    for _ in range(2):
        app = App(portal)
        app.fault("html", times=40, chance=0.3)
        runs.append(struck(app, 40))
    assert runs[0] == runs[1]
    assert 0 < runs[0].count("html") < 40
    never, always = Fault("html", chance=0.0), Fault("html", chance=1.0)
    assert [fault.hits(["scope"], random.Random(1)) for fault in (never, always)] == [False, True]


def test_everything_can_go_well_again(app: App) -> None:
    ran: list[int] = []
    app.fault("html")
    app.before("scope", 1, lambda: ran.append(1))
    app.faults.clear()
    assert struck(app, 2) == ["", ""]
    assert ran == []


def test_a_misspelled_fault_is_refused_at_once(app: App) -> None:
    with pytest.raises(ValueError, match="no such fault: rest"):
        app.fault("rest")


def test_before_counts_calls_of_its_method_from_now_on() -> None:
    ran: list[str] = []
    faults = Faults()
    faults.before_call("a")
    faults.before("a", 2, lambda: ran.append("second"))
    for method in ("a", "b", "a", "a"):
        ran.append(method)
        faults.before_call(method)
    assert ran == ["a", "b", "a", "second", "a"]


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_fault_of_the_front_end_stands_in_place_of_the_answer(app: App, kind: str) -> None:
    app.fault(kind)
    ran: list[int] = []
    app.before("scope", 1, lambda: ran.append(1))
    told = post(app, "scope")
    assert (told.status, told.body.decode()) == ANSWERS[kind]  # P7.10, P7.13
    assert (app.log[0].status, ran) == (told.status, [])
    assert post(app, "scope").status == 200


@pytest.mark.parametrize("kind", CONNECTION)
def test_a_broken_connection_is_raised_and_logged(app: App, kind: str) -> None:
    app.fault(kind)
    ran: list[int] = []
    app.before("scope", 1, lambda: ran.append(1))
    with pytest.raises(ConnectionFault) as raised:
        post(app, "scope")
    assert (raised.value.kind, app.log[0].fault) == (kind, kind)
    asked = kind == "cut_connection"  # the only one under which the portal did what it was asked
    assert (ran, b"crm" in raised.value.body) == ([1] * asked, asked)
    assert post(app, "scope").status == 200


@pytest.mark.parametrize(("kind", "error"), [("command_error", WRONG), ("command_time_limit", USED_UP)])
def test_one_command_of_a_batch_fails_and_the_others_do_not(leads: App, kind: str, error: dict[str, str]) -> None:
    leads.fault(kind, command=1)
    told = batch(leads, COMMANDS)
    assert (told["result"], told["result_error"]) == ({"a": IDS, "c": IDS}, {"b": error})  # P1.12, P1.13
    assert batch(leads, COMMANDS)["result"] == {"a": IDS, "b": IDS, "c": IDS}


@pytest.mark.parametrize(
    ("kind", "status", "error"), [("command_error", 400, WRONG), ("command_time_limit", 429, USED_UP)]
)
def test_a_direct_call_fails_the_same_way(leads: App, kind: str, status: int, error: dict[str, str]) -> None:
    leads.fault(kind)
    assert refusal(leads, "scope") == (status, error)


def test_one_command_is_missing_from_every_map(leads: App) -> None:
    leads.fault("command_missing", command=2)
    told = orjson.loads(post(leads, "batch", cmd=COMMANDS | {"d": "nope"}).body)["result"]
    assert {name: list(part) for name, part in told.items()} == {
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
    told = post(leads, "batch", cmd=COMMANDS)
    assert (told.status, told.body.decode()) == ANSWERS["gateway_timeout"]  # P7.6
    assert leads.portal.clock.now() - before == 60


@pytest.mark.parametrize(
    ("asked", "found"),
    [({">DATE_MODIFY": "2030-01-01"}, ["1", "2"]), ({">DATE_MODIFY": "2030-01-01", ">ID": 1}, ["2"])],
)
def test_a_filter_is_ignored_but_for_ids(leads: App, asked: dict[str, Any], found: list[str]) -> None:
    leads.fault("filter_ignored")
    params = {"select": ["ID"], "order": {"ID": "ASC"}, "filter": asked}
    told = [orjson.loads(post(leads, "crm.lead.list", **params).body)["result"] for _ in range(2)]
    assert told == [[{"ID": number} for number in found], []]


def test_rows_come_in_the_wrong_order(leads: App) -> None:
    leads.fault("rows_reversed", times=2)
    assert batch(leads, COMMANDS | {"d": "profile"})["result"]["c"] == IDS[::-1]
    assert batch(leads, list(COMMANDS.values()))["result"] == [IDS[::-1]] * 3
    assert batch(leads, COMMANDS)["result"]["c"] == IDS


def test_no_row_can_come_in_the_wrong_order_where_none_comes(leads: App) -> None:
    leads.fault("rows_reversed")
    assert batch(leads, {"a": "nope"})["result"] == []


def test_every_kind_is_told_apart() -> None:
    assert len(KINDS) == len(set(KINDS)) == 22
