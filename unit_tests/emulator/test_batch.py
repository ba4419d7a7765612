from functools import partial
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from emulator.app import SAMPLE_TOKEN, App
from emulator.batch import resolve, run_batch
from emulator.store import Portal
from unit_tests.emulator.client import batch, post, send

IDS = "select[]=ID&order[ID]=ASC&start=-1"
LEADS = f"crm.lead.list?{IDS}"
NO_SUCH_METHOD = {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}
NOTHING: dict[str, Any] = {"result": [], "result_error": [], "result_total": [], "result_next": []}
PARTS: dict[str, Any] = {
    "result": {"a": [{"ID": "7", "COMPANY_ID": None}, {"ID": "9"}], "n": 5, "flag": True, "none": []},
    "error": {"b": {"error": "NOT_FOUND"}},
    "total": {"a": 2},
    "next": {"a": 50},
    "time": {"a": {"operating": 1.5}},
}


@pytest.fixture
def three_leads(portal: Portal) -> Portal:
    for title in ("one", "two", "three"):
        portal.create("lead", TITLE=title)
    return portal


def test_commands_run_in_the_order_of_the_map(app: App) -> None:
    ran: list[str] = []
    for method in ("scope", "profile", "server.time"):
        app.before(method, 1, partial(ran.append, method))
    batch(app, {"z": "server.time", "a": "scope", "m": "profile"})
    assert ran == ["server.time", "scope", "profile"]  # P1.1


def test_commands_past_the_50th_have_an_error_each_and_the_status_stays_200(app: App) -> None:
    commands = {f"c{number}": "scope" for number in range(52)}
    too_long = {"error": "ERROR_BATCH_LENGTH_EXCEEDED", "error_description": "Max batch length exceeded"}
    assert batch(app, commands) == NOTHING | {
        "result": {f"c{number}": ["crm"] for number in range(50)},
        "result_error": {"c50": too_long, "c51": too_long},
    }  # P1.2
    assert app.log[-1].status == 200


@pytest.mark.parametrize("command", [5, None, True, ["scope"], {"method": "scope"}])
def test_a_command_that_is_not_text_has_no_entry(app: App, command: Any) -> None:
    assert batch(app, {"a": command, "b": "scope"}) == NOTHING | {"result": {"b": ["crm"]}}  # P1.3


@pytest.mark.parametrize("commands", [{}, [], "scope", None])
def test_without_commands_every_map_is_an_empty_list(app: App, commands: Any) -> None:
    assert batch(app, commands) == NOTHING  # P1.11


def test_a_form_is_encoded_once_more_than_json(app: App, three_leads: Portal) -> None:
    command = f"crm.lead.list?{IDS}&filter[TITLE]=" + quote("two")
    in_json = batch(app, {"a": command})
    form = f"cmd[a]={quote(command)}&halt=0".encode()
    in_form = send(app, f"/rest/1/{SAMPLE_TOKEN}/batch", form, "application/x-www-form-urlencoded")
    assert in_json["result"] == orjson.loads(in_form.body)["result"]["result"] == {"a": [{"ID": "2"}]}  # P1.4


def test_an_unescaped_plus_breaks_a_date(app: App, three_leads: Portal) -> None:
    command = f"crm.lead.list?{IDS}&filter[%3E%3DDATE_MODIFY]=2020-01-01T00:00:00"
    answered = batch(app, {"bare": f"{command}+03:00", "escaped": f"{command}%2B03:00", "utc": f"{command}Z"})
    everything = [{"ID": "1"}, {"ID": "2"}, {"ID": "3"}]
    assert answered["result"] == {"bare": [], "escaped": everything, "utc": everything}  # P1.4, P2.14


def test_variables_of_a_command_past_the_limit_are_dropped() -> None:
    answer = run_batch(
        {"cmd": {"a": "m?id[]=1&id[]=2&start=-1"}}, lambda name, params: {"result": (name, params)}, max_input_vars=2
    )
    assert answer["result"] == {"a": ("m", {"id": ["1", "2"]})}  # P1.4


@pytest.mark.parametrize("method", ["scope", "SCOPE", "Scope", "/scope/"])
def test_the_case_of_a_method_does_not_matter(app: App, method: str) -> None:
    assert batch(app, {"a": method})["result"] == {"a": ["crm"]}  # P1.6


@pytest.mark.parametrize("method", ["batch", "download", "upload", "Batch"])
def test_some_methods_are_not_allowed_in_a_batch(app: App, method: str) -> None:
    refused = {
        "error": "ERROR_BATCH_METHOD_NOT_ALLOWED",
        "error_description": "Method is not allowed for batch usage",
    }
    assert batch(app, {"a": f"{method}?cmd[x]=scope"}) == NOTHING | {"result_error": {"a": refused}}  # P1.6


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("$result[a][1][ID]", "9"),
        ("$RESULT[a][1][ID]", "9"),
        ("$result[n]", 5),
        ("$result[flag]", True),
        ("$total[a]", 2),
        ("$next[a]", 50),
        ("$time[a][operating]", 1.5),
        ("$error[b][error]", "NOT_FOUND"),
        ("$result[a]", PARTS["result"]["a"]),
        ("no $result[a][0][ID] here", "no 7 here"),
        ("$result[a][0][ID] $result[a][1][ID]", "7 9"),
        ("x$result[n]", "x5"),
        ("x$result[a]", "x$result[a]"),
        ("x$result[flag]", "x$result[flag]"),
        ("$result[a][0][ID],$result[a][1][ID]", "7"),  # all brackets of the token are one path
        ("$results[a]", PARTS["result"]["a"]),
        ("$other[a]", "$other[a]"),
        ("$5", "$5"),
        (5, 5),
        ({"filter": {"@ID": ["$result[n]", 1]}}, {"filter": {"@ID": [5, 1]}}),
        ({"$result[n]": 1}, {"$result[n]": 1}),  # never in a name
    ],
)
def test_a_reference_is_replaced_by_the_value_with_its_type(value: Any, resolved: Any) -> None:
    assert resolve(value, PARTS) == resolved  # P1.7


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("$result[a][49][ID]", PARTS["result"]["a"]),
        ("$result[a][0][NOPE]", PARTS["result"]["a"][0]),
        ("$result[a][0][COMPANY_ID]", PARTS["result"]["a"][0]),  # null counts as missing
        ("$result[a][-1][ID]", PARTS["result"]["a"]),
        ("$result[a][last][ID]", PARTS["result"]["a"]),
        ("$result[b][49][ID]", PARTS["result"]),
        ("$result[none][49][ID]", []),
        ("$result[n][x]", 5),
        ("$next[b]", PARTS["next"]),
        ("$result", PARTS["result"]),
    ],
)
def test_a_path_that_is_too_long_gives_the_deepest_node_that_exists(value: str, resolved: Any) -> None:
    assert resolve(value, PARTS) == resolved  # P1.8


def test_a_reference_to_a_later_command_is_dangling(app: App, three_leads: Portal) -> None:
    answered = batch(app, {"a": f"{LEADS}&filter[<ID]=$result[b][0][ID]", "b": LEADS})
    assert answered["result"]["a"] == []  # P1.1, P1.8: [] casts to 0


@pytest.mark.parametrize(
    ("earlier", "condition", "found"),
    [
        (LEADS, ">ID", ["2", "3"]),  # a short page is an array: ID > 1, again from the beginning
        (f"{LEADS}&filter[>ID]=900", ">ID", ["1", "2", "3"]),  # [] is 0
        (f"{LEADS}&filter[ID]=1", "%3C%3DID", ["1"]),
        (LEADS, "<ID", []),  # a falling chain stops by itself
        (f"{LEADS}&filter[>ID]=900", "<ID", []),
        ("no.such.method", ">ID", ["2", "3"]),  # the map of all results so far
    ],
)
def test_a_dangling_reference_restarts_an_ascending_chain_and_stops_a_descending_one(
    app: App, three_leads: Portal, earlier: str, condition: str, found: list[str]
) -> None:
    answered = batch(app, {"x": "scope", "a": earlier, "b": f"{LEADS}&filter[{condition}]=$result[a][49][ID]"})
    assert answered["result"]["b"] == [{"ID": number} for number in found]  # P1.8


@pytest.mark.parametrize("method", ["crm.item.list?select[]=id&entityTypeId=2", "crm.stagehistory.list?entityTypeId=2"])
@pytest.mark.parametrize("earlier", [LEADS, f"{LEADS}&filter[>ID]=900"])
def test_the_universal_methods_refuse_an_array_in_place_of_an_id(
    app: App, three_leads: Portal, method: str, earlier: str
) -> None:
    answered = batch(app, {"a": earlier, "b": f"{method}&filter[>ID]=$result[a][49][ID]"})
    text = "Invalid filter: field '>ID' has invalid value"
    assert answered["result_error"] == {"b": {"error": "INVALID_ARG_VALUE", "error_description": text}}  # P1.8


@pytest.mark.parametrize("halt", [1, True, "1", "Y", "N", "false"])
def test_halt_stops_after_the_first_error_and_later_commands_have_no_entry(app: App, halt: Any) -> None:
    answered = batch(app, {"a": "scope", "b": "no.such.method", "c": "scope"}, halt=halt)
    assert answered == NOTHING | {"result": {"a": ["crm"]}, "result_error": {"b": NO_SUCH_METHOD}}  # P1.9


@pytest.mark.parametrize("halt", [0, "0", "", False])
def test_without_halt_the_other_commands_run(app: App, halt: Any) -> None:
    answered = batch(app, {"a": "scope", "b": "no.such.method", "c": "scope"}, halt=halt)
    assert answered == NOTHING | {"result": {"a": ["crm"], "c": ["crm"]}, "result_error": {"b": NO_SUCH_METHOD}}


def test_start_minus_one_works_in_a_batch(app: App, three_leads: Portal) -> None:
    answered = batch(app, {"a": LEADS, "b": "crm.lead.list?select[]=ID&order[ID]=ASC"})
    assert answered["result_total"] == {"a": 0, "b": 3}  # P1.10
    assert answered["result_next"] == []


def test_maps_with_the_keys_0_to_n_are_lists(company: App) -> None:
    command = "crm.lead.list?select[]=ID&order[ID]=ASC&filter[<ID]=3"
    answered = batch(company, {"0": "crm.lead.list?select[]=ID", "1": command, "2": "no.such.method"})
    assert (answered["result_next"], answered["result_total"]) == ([50], [120, 2])
    assert isinstance(answered["result"], list)
    assert answered["result_error"] == {"2": NO_SUCH_METHOD}  # P1.11
    assert batch(company, ["no.such.method", "scope"]) == NOTHING | {
        "result": {"1": ["crm"]},
        "result_error": [NO_SUCH_METHOD],
    }


def test_only_commands_that_succeeded_have_a_time(app: App) -> None:
    answer = orjson.loads(post(app, "batch", cmd={"a": "scope", "b": "no.such.method"}).body)
    moment = "2026-11-30T03:53:20+03:00"
    times: dict[str, Any] = {"start": 1796000000, "finish": 1796000000.0, "duration": 0.0, "processing": 0}
    times |= {"date_start": moment, "date_finish": moment, "operating": 0.0, "operating_reset_at": 1796000580}
    assert answer["result"]["result_time"] == {"a": times}  # P1.11
    assert answer["time"] == times


def test_when_all_fail_the_status_is_still_200(app: App) -> None:
    commands = {"a": "no.such.method", "b": "crm.item.list?entityTypeId=999"}
    no_process = {"error": "NOT_FOUND", "error_description": "Smart process not found"}
    assert batch(app, commands) == NOTHING | {"result_error": {"a": NO_SUCH_METHOD, "b": no_process}}  # P1.12
    assert app.log[-1].status == 200


def test_an_error_may_have_an_empty_code(app: App) -> None:
    app.webhook.may_not_read.add("lead")
    denied = {"error": "", "error_description": "Access denied."}
    assert batch(app, {"a": LEADS}) == NOTHING | {"result_error": {"a": denied}}  # P1.11, P2.19, P7.9
