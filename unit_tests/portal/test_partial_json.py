"""Whole answers and their parts are the same, for every JSON that a portal can send."""

from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.portal.errors import PortalFailed
from source_bitrix24.portal.oddities import Oddities
from source_bitrix24.portal.partial_json import decode, entries_of, repaired, split_batch, split_map

TEXTS = st.text(st.characters(codec="utf-8"))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(TEXTS, values, max_size=3),
    max_leaves=10,
)


@given(value=st.dictionaries(TEXTS, JSON))
def test_the_parts_of_a_map_decode_to_its_values(value: dict[str, Any]) -> None:
    assert {key: decode(raw) for key, raw in split_map(orjson.dumps(value)).items()} == value


@given(results=st.dictionaries(TEXTS, JSON), errors=JSON, total=JSON, following=JSON, time=JSON)
def test_the_parts_of_a_batch_decode_to_its_values(
    results: dict[str, Any], errors: Any, total: Any, following: Any, time: Any
) -> None:
    body = {
        "result": {
            "result": results,
            "result_error": errors,
            "result_total": total,
            "result_next": following,
            "result_time": time,
            "a part of tomorrow": [1],
        },
        "time": time,
    }
    reply = split_batch(orjson.dumps(body))
    assert reply
    parts = reply.result
    assert {key: decode(raw) for key, raw in parts.results.items()} == results
    others = (parts.result_error, parts.result_total, parts.result_next, parts.result_time, reply.time)
    assert [decode(raw) for raw in others] == [errors, total, following, time, time]


@pytest.mark.parametrize("results", ["[]", "{}", "[1]"])
def test_an_empty_map_that_php_sends_as_a_list_holds_no_results(results: str) -> None:
    """P1.11"""
    reply = split_batch(f'{{"result":{{"result":{results}}}}}'.encode())
    assert reply
    assert reply.result.results == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"result":[]}',
        b'{"result":5}',
        b'{"result":{"result":5}}',
        b'{"result":{"result":{}}',
        b'{"error":"x","result":{"result":{}}}',
        b'{"result":{"result":' + b"[" * 200_000,
    ],
)
def test_what_is_not_exactly_a_batch_is_not_split(body: bytes) -> None:
    assert split_batch(body) is None


@pytest.mark.parametrize("value", [b"[]", b"[1]", b"5", b'"text"', b"null", None])
def test_a_value_that_is_no_map_has_no_parts(value: bytes | None) -> None:
    assert split_map(value) == {}


@pytest.mark.parametrize("text", [b"", b"<html>", b'{"a":', b'{"a":1}}', b'{"a":' * 200_000])
def test_a_text_that_is_no_json_is_an_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        split_map(text)
    with pytest.raises(PortalFailed):
        decode(text)


@pytest.mark.parametrize("text", [rb'"\ud83d"', rb'"\ude00 first"', b'"caf\xe9"'])
def test_a_map_is_split_although_a_text_in_it_is_not_valid(text: bytes) -> None:
    """PHP sends halves of surrogate pairs where a text was cut in the middle of a character."""
    parts = split_map(b'{"a":[' + text + b',"fine",' + text + b'],"b":1,"c":"\\ud83d\\ude00\\\\ud83d"}')
    odd, other = Oddities(), Oddities()
    first, fine, last = decode(parts["a"], odd)
    assert "?" in first
    assert (first, fine, odd.texts) == (last, "fine", 2)
    assert (decode(parts["b"], other), decode(parts["c"], other), other.texts) == (1, "😀\\ud83d", 0)


@pytest.mark.parametrize(
    ("value", "entries"),
    [
        ([1, 2], [1, 2]),
        ([], []),
        ({"0": 1, "2": 2}, [1, 2]),
        ({"7": 1}, [1]),
        ({}, None),
        ({"a": 1}, None),
        (None, None),
        ("ab", None),
    ],
)
def test_a_list_with_holes_is_a_list(value: Any, entries: Any) -> None:
    assert entries_of(value) == entries


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[0.1,-5.25,1e3,12,0.10000000000000001]", [0.1, -5.25, 1000.0, 12, 0.1]),
        (b"[12345678901234567.89]", ["12345678901234567.89"]),
        (b"[12345678901234567890,123456789012345678901234]", [12345678901234567890, 123456789012345678901234]),
        (b"[1e999,-1e999,1e-400]", ["1e999", "-1e999", "1e-400"]),
        (b'["a",NaN,-INF,Infinity,-nan,"NaN"]', ["a", "NaN", "-INF", "Infinity", "-nan", "NaN"]),
        (b'["caf\xe9",12345678901234567.89]', ["caf?", "12345678901234567.89"]),
    ],
)
def test_a_number_that_no_double_holds_is_kept_as_text(raw: bytes, value: Any) -> None:
    assert decode(raw) == value
    parts = split_map(b'{"a":' + raw + b"}")
    assert decode(parts["a"]) == value


def test_a_missing_part_decodes_to_none() -> None:
    assert decode(None) is None


@pytest.mark.parametrize("wrap", [bytes, msgspec.Raw])
@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'["\ud83d\ude00","\ud83d","\u00e9"]', ["😀", "?", "é"]),
        (b'["caf\xe9"]', ["caf?"]),
        (b'["a\tb\nc"]', ["a\tb\nc"]),
        (rb'{"\udfff":12345678901234567890}', {"?": 12345678901234567890}),
    ],
)
def test_texts_that_are_not_valid_are_repaired(raw: bytes, value: Any, wrap: Any) -> None:
    assert decode(wrap(raw)) == value
    assert orjson.loads(repaired(wrap(raw))) == value


@given(value=JSON)
def test_a_valid_text_is_not_changed_by_a_repair(value: Any) -> None:
    assert orjson.loads(repaired(orjson.dumps(value))) == value
