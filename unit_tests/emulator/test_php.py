from typing import Any

import pytest

from emulator import php


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("crm.deal.list", ("crm.deal.list", {})),
        ("/crm.deal.list/?a=1", ("crm.deal.list", {"a": "1"})),
        ("m?a=1&b=2#c&d=3", ("m", {"a": "1", "b": "2"})),
        ("m?a=x%23y%26z%3D", ("m", {"a": "x#y&z="})),
        ("m?filter[>ID]=5&order[ID]=ASC", ("m", {"filter": {">ID": "5"}, "order": {"ID": "ASC"}})),
        ("m?filter%5B%3EID%5D=5", ("m", {"filter": {">ID": "5"}})),
        ("m?select[]=ID&select[]=UF_*", ("m", {"select": ["ID", "UF_*"]})),
        ("m?a[0]=x&a[1]=y", ("m", {"a": ["x", "y"]})),
        ("m?a[1]=x&a[2]=y", ("m", {"a": {"1": "x", "2": "y"}})),
        ("m?a[b][]=1&a[b][]=2", ("m", {"a": {"b": ["1", "2"]}})),
        ("m?a=1&a=2", ("m", {"a": "2"})),
        ("m?a=1&a[b]=2", ("m", {"a": {"b": "2"}})),
        ("m?d=2026-01-01T00:00:00+03:00", ("m", {"d": "2026-01-01T00:00:00 03:00"})),
        ("m?d=2026-01-01T00:00:00%2B03:00", ("m", {"d": "2026-01-01T00:00:00+03:00"})),
        ("m?a=%252B", ("m", {"a": "%2B"})),
        ("m?flag&&=5", ("m", {"flag": ""})),
    ],
)
def test_a_command_is_parsed_as_parse_url_and_parse_str_do(text: str, parsed: tuple[str, dict[str, Any]]) -> None:
    assert php.parse_command(text) == parsed  # P1.4


def test_variables_past_the_limit_are_silently_dropped() -> None:
    assert php.parse_command("m?id[]=1&id[]=2&id[]=3&start=-1", max_input_vars=2) == ("m", {"id": ["1", "2"]})  # P1.4


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ([{"ID": "51"}], 1),
        ({"a": 1}, 1),
        ([], 0),
        ({}, 0),
        ("", 0),
        (None, 0),
        ("$result[a][49][ID]", 0),
        ("12", 12),
        (" -7 days", -7),
        ("+3", 3),
        ("5x6", 5),
        (2.9, 2),
        (True, 1),
    ],
)
def test_any_value_can_be_cast_to_a_number(value: Any, number: int) -> None:
    assert php.int_cast(value) == number  # P1.8


@pytest.mark.parametrize("value", [1, "1", True, "Y", "N", "false", " ", "0.0", [0], {"a": 0}])
def test_values_that_are_true_in_php(value: Any) -> None:
    assert php.is_true(value)  # P1.9


@pytest.mark.parametrize("value", [0, "0", "", False, None, 0.0, [], {}])
def test_values_that_are_false_in_php(value: Any) -> None:
    assert not php.is_true(value)  # P1.9


@pytest.mark.parametrize(
    ("array", "written"),
    [
        ({}, []),
        ({"0": "a"}, ["a"]),
        ({"0": "a", "1": "b"}, ["a", "b"]),
        ({"1": "b"}, {"1": "b"}),
        ({"1": "b", "0": "a"}, {"1": "b", "0": "a"}),
        ({"c0": "a"}, {"c0": "a"}),
    ],
)
def test_a_map_is_written_as_json_encode_writes_it(array: dict[str, Any], written: Any) -> None:
    assert php.shape(array) == written  # P1.11


def test_the_values_of_an_array_do_not_depend_on_its_keys() -> None:
    assert php.values({"5": "a", "x": "b"}) == php.values(["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize(("value", "expected"), [([], True), ({}, True), ("", False), (None, False)])
def test_values_that_are_arrays_in_php(value: Any, expected: bool) -> None:
    assert php.is_array(value) is expected


def test_form_fields_become_nested_arrays() -> None:
    assert php.from_pairs([("cmd[a]", "m?x=1"), ("halt", "0"), ("ids[]", "4")]) == {
        "cmd": {"a": "m?x=1"},
        "halt": "0",
        "ids": ["4"],
    }
