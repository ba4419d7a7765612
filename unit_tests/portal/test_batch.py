from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from source_bitrix24.portal.batch import (
    Answer,
    Command,
    MethodTimes,
    as_float,
    decode_batch,
    encode_batch,
    method_times,
)
from source_bitrix24.portal.errors import NoAccess, OperatingTimeUsedUp, PortalFailed
from source_bitrix24.portal.limits import Usage
from source_bitrix24.portal.partial_json import BatchParts, split_batch

DEALS = Command(
    "crm.deal.list", {"select": ["ID", "UF_*"], "filter": {">ID": 5, ">=DATE_MODIFY": "2026-01-01T00:00:00Z"}}
)


def test_a_command_is_a_query_that_php_reads_back() -> None:
    query = urlsplit(DEALS.encoded())
    assert query.path == "crm.deal.list"
    assert parse_qsl(query.query) == [
        ("select[]", "ID"),
        ("select[]", "UF_*"),
        ("filter[>ID]", "5"),
        ("filter[>=DATE_MODIFY]", "2026-01-01T00:00:00Z"),
    ]


def test_no_character_is_left_that_php_would_take_for_syntax() -> None:
    encoded = Command("m", {"a": "x&y=z#t+u %/é"}).encoded()
    assert encoded == "m?a=x%26y%3Dz%23t%2Bu%20%25%2F%C3%A9"


def test_a_batch_does_not_halt_at_the_first_error() -> None:
    assert encode_batch({"a": Command("profile")}) == {"halt": 0, "cmd": {"a": "profile?"}}


def parts(result: Mapping[str, Any]) -> BatchParts:
    reply = split_batch(orjson.dumps({"result": result}))
    assert reply
    return reply.result


def test_each_command_gets_its_result_or_its_error() -> None:
    commands = {"a": DEALS, "b": DEALS, "c": DEALS, "d": DEALS}
    answers = decode_batch(
        commands,
        parts(
            {
                "result": {"a": [{"ID": "1"}], "d": None},
                "result_error": {"b": {"error": "", "error_description": "Access denied."}},
                "result_total": {"a": 7},
                "result_next": {"a": 50},
            }
        ),
    )
    assert (answers["a"].result, answers["a"].total, answers["a"].more) == ([{"ID": "1"}], 7, True)
    assert isinstance(answers["b"].error, NoAccess)
    assert isinstance(answers["c"].error, PortalFailed)
    assert (answers["d"].result, answers["d"].error, answers["d"].more) == (None, None, False)


def test_empty_maps_that_php_sends_as_lists_are_read_as_empty() -> None:
    """P1.11"""
    empty: dict[str, Any] = {"result": [], "result_error": [], "result_total": [], "result_next": [], "result_time": []}
    assert isinstance(decode_batch({"a": DEALS}, parts(empty))["a"].error, PortalFailed)
    refused = {"result": [], "result_error": {"a": {"error": "OPERATION_TIME_LIMIT"}}, "result_total": []}
    assert isinstance(decode_batch({"a": DEALS}, parts(refused))["a"].error, OperatingTimeUsedUp)
    assert method_times({"a": DEALS}, parts(empty), 0) == [MethodTimes(Usage("crm.deal.list", commands=1, seconds=0.0))]


def test_an_answer_has_the_error_of_its_own_method() -> None:
    commands = {"a": Command("crm.deal.fields"), "b": Command("crm.lead.fields")}
    failed = {"result": [], "result_error": {key: {"error": "ACCESS_DENIED"} for key in commands}}
    answers = decode_batch(commands, parts(failed))
    assert [answer.error.method for answer in answers.values() if answer.error] == [
        "crm.deal.fields",
        "crm.lead.fields",
    ]


def test_two_uses_of_a_result_share_no_object() -> None:
    answer = Answer(b'[{"ID":"1"}]')
    answer.result[0]["ID"] = "changed"
    assert answer.result == [{"ID": "1"}]


def test_operating_time_is_added_up_by_method_and_read_as_number_or_text() -> None:
    result = {
        "result_time": {
            "a": {"duration": 0.5, "operating": "11.5", "operating_reset_at": 1060},
            "b": {"duration": "0.25", "operating": 12.0, "operating_reset_at": "1090"},
        }
    }
    commands = {"a": DEALS, "b": DEALS, "c": Command("profile")}
    assert [one.usage for one in method_times(commands, parts(result), portal_now=1000.0)] == [
        Usage("crm.deal.list", commands=2, seconds=0.75, operating=12.0, reset_in=90.0),
        Usage("profile", commands=1, seconds=0.0),
    ]


def test_the_time_of_pages_counts_answers_that_are_about_full_by_method() -> None:
    full = [{"ID": str(number)} for number in range(50)]
    result = {
        "result": {"a": full, "b": full[:40], "c": full[:3], "d": [], "e": {"ID": "1"}, "f": full},
        "result_time": {
            **{key: {"duration": 0.25} for key in "abcd"},
            "e": {"duration": "0.5"},
            "f": {"start": 1},
        },
    }
    commands = {**dict.fromkeys("abcd", DEALS), "e": Command("profile"), "f": DEALS, "g": DEALS}
    found = {one.usage.account: (one.pages, one.page_seconds) for one in method_times(commands, parts(result), None)}
    assert found == {"crm.deal.list": (2, 0.5), "profile": (1, 0.5)}
    nothing = method_times(commands, parts({"result": [], "result_time": []}), None)
    assert [(one.pages, one.page_seconds) for one in nothing] == [(0, 0), (0, 0)]


def test_answers_that_say_nothing_about_their_time_are_no_pages_however_large() -> None:
    rows = [{"ID": str(number)} for number in range(50)]
    result = {
        "result": {"a": rows * 9, "b": rows, "c": rows},
        "result_time": {"a": {"duration": "soon"}, "b": {"duration": 0.25}, "c": []},
    }
    (times,) = method_times(dict.fromkeys("abc", DEALS), parts(result), None)
    assert (times.pages, times.page_seconds, times.usage.seconds) == (1, 0.25, 0.25)


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), ("1.5", 1.5), (None, None), ("", None), ([], None), ("x", None), ("1e999", None), (10**400, None)],
)
def test_a_number_is_read_however_the_portal_types_it(value: object, number: float | None) -> None:
    assert as_float(value) == number
