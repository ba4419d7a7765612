from typing import Any

import pytest

from emulator.messages import Request, Response

JSON, FORM = "application/json; charset=utf-8", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("query", "kind", "body", "params"),
    [
        ("", JSON, b"", {}),
        ("a=1&b[]=2&c=", JSON, b"", {"a": "1", "b": ["2"], "c": ""}),
        ("a=1&b=2", JSON, b'{"b": 3, "c": [4]}', {"a": "1", "b": 3, "c": [4]}),
        ("a=1", FORM, b"b[x]=2%2B3&c=4+5", {"a": "1", "b": {"x": "2+3"}, "c": "4 5"}),
        ("a=1", "", b"a=2", {"a": "2"}),
        ("a=1", JSON, b"{not json", {"a": "1"}),
        ("a=1", JSON, b"[1]", {"a": "1"}),
        ("a=1", JSON, b"\xff", {"a": "1"}),
    ],
)
@pytest.mark.parametrize("header", ["Content-Type", "content-type"])
def test_query_and_body_are_combined(query: str, kind: str, body: bytes, params: dict[str, Any], header: str) -> None:
    assert Request("POST", "/", {header: kind}, body).parameters(query) == params  # P7.11


@pytest.mark.parametrize(
    ("text", "kind"), [('{"error":""}', "application/json; charset=utf-8"), ("<html>", "text/html"), ("", "text/html")]
)
def test_a_text_is_json_if_it_starts_with_a_brace(text: str, kind: str) -> None:
    assert Response.text(503, text) == Response(503, {"Content-Type": kind}, text.encode())


def test_an_answer_in_json() -> None:
    response = Response.json({"result": ["Анна"]}, 201)
    assert response == Response(
        201, {"Content-Type": "application/json; charset=utf-8"}, '{"result":["Анна"]}'.encode()
    )
