from urllib.parse import parse_qsl, urlsplit

import pytest

from source_bitrix24.portal.batch import Command, batch_usage, decode_batch, encode_batch
from source_bitrix24.portal.errors import NoAccess, OperatingTimeUsedUp, PortalFailed
from source_bitrix24.portal.limits import Usage

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


def test_every_command_gets_its_result_or_its_error() -> None:
    commands = {"a": DEALS, "b": DEALS, "c": DEALS, "d": DEALS}
    answers = decode_batch(
        commands,
        {
            "result": {"a": [{"ID": "1"}], "d": None},
            "result_error": {"b": {"error": "", "error_description": "Access denied."}},
            "result_total": {"a": 7},
            "result_next": {"a": 50},
        },
    )
    assert (answers["a"].result, answers["a"].total, answers["a"].more) == ([{"ID": "1"}], 7, True)
    assert isinstance(answers["b"].error, NoAccess)
    assert isinstance(answers["c"].error, PortalFailed)
    assert (answers["d"].result, answers["d"].error, answers["d"].more) == (None, None, False)


def test_empty_maps_come_as_lists() -> None:
    answers = decode_batch({"a": DEALS}, {"result": [], "result_error": [], "result_total": [], "result_next": []})
    assert isinstance(answers["a"].error, PortalFailed)
    answers = decode_batch(
        {"a": DEALS}, {"result": [], "result_error": {"a": {"error": "OPERATION_TIME_LIMIT"}}, "result_total": []}
    )
    assert isinstance(answers["a"].error, OperatingTimeUsedUp)


@pytest.mark.parametrize("result", [None, [], "text", 5])
def test_what_is_no_batch_result_is_a_failure_of_the_portal(result: object) -> None:
    with pytest.raises(PortalFailed):
        decode_batch({"a": DEALS}, result)


def test_operating_time_is_added_up_by_method_and_read_however_it_is_typed() -> None:
    result = {
        "result_time": {
            "a": {"duration": 0.5, "operating": "11.5", "operating_reset_at": 1060},
            "b": {"duration": "0.25", "operating": 12.0, "operating_reset_at": "1090"},
        }
    }
    commands = {"a": DEALS, "b": DEALS, "c": Command("profile")}
    assert batch_usage(commands, result, portal_now=1000.0) == [
        Usage("crm.deal.list", commands=2, seconds=0.75, operating=12.0, reset_in=90.0),
        Usage("profile", commands=1, seconds=0.0),
    ]
