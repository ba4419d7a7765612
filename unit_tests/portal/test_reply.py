from typing import Any

import pytest

from source_bitrix24.portal import errors
from source_bitrix24.portal.partial_json import decode
from source_bitrix24.portal.reply import Reply, decode_reply, portal_time


def result_of(body: bytes) -> Any:
    return decode_reply("profile", Reply(200, body), took=1.5).result


@pytest.mark.parametrize(("method", "result"), [("profile", b"1"), ("batch", b'{"result":[]}')])
def test_a_reply_has_the_servers_time_or_the_measured_one_where_the_portal_names_none(
    method: str, result: bytes
) -> None:
    body = b'{"result":' + result + b',"time":{"duration":0.5,"finish":1796000000.5}}'
    timed = decode_reply(method, Reply(200, body), took=1.5)
    assert (timed.seconds, timed.portal_now, timed.size) == (0.5, 1796000000.5, len(body))
    untimed = decode_reply(method, Reply(200, b'{"result":' + result + b',"time":[]}'), took=1.5)
    assert (untimed.seconds, untimed.portal_now) == (1.5, None)


@pytest.mark.parametrize(
    ("sent", "decoded"),
    [
        (rb'"\ud83d\ude00 \u00e9"', "😀 é"),
        (rb'"cut \ud83d"', "cut ?"),
        (rb'"\ude00 first"', "? first"),
        (rb'"\ud83d\ude00 whole, half \ud83d."', "😀 whole, half ?."),
        (rb'{"\ud83d":["\udfff",1.5,null,true]}', {"?": ["?", 1.5, None, True]}),
        (b'"\xff\xfe"', "??"),
        (b"null", None),
    ],
)
def test_texts_that_are_not_valid_get_question_marks_and_everything_else_is_kept(sent: bytes, decoded: object) -> None:
    assert result_of(b'{"result":' + sent + b"}") == decoded
    batch = decode_reply("batch", Reply(200, b'{"result":{"result":{"a":' + sent + b',"b":1}}}'), 0).batch
    assert {key: decode(raw) for key, raw in batch.results.items()} == {"a": decoded, "b": 1}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "profile: HTTP 200 with an empty body"),
        (b"<html>Site maintenance</html>", "profile: HTTP 200 with a body that is no JSON"),
        (b'{"result":[{"ID":"1"},{"I', "profile: HTTP 200 with a body that is no JSON"),
        (b'{"result":1', "profile: HTTP 200 with a body that is no JSON"),
        (b'{"result":' * 200_000, "profile: HTTP 200 with a body that is no JSON"),
        (b"[1]", "profile: HTTP 200 with JSON that is no object"),
        (b"null", "profile: HTTP 200 with JSON that is no object"),
        (b"{}", "profile: HTTP 200 without a result"),
    ],
)
def test_a_body_without_a_result_is_a_failure_of_the_portal(body: bytes, message: str) -> None:
    with pytest.raises(errors.PortalFailed) as caught:
        result_of(body)
    assert type(caught.value) is errors.PortalFailed
    assert str(caught.value) == message


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000])
def test_a_body_that_is_nested_too_deeply_is_a_failure_of_the_portal(body: bytes) -> None:
    with pytest.raises(errors.PortalFailed):
        result_of(body)


@pytest.mark.parametrize("result", [b"null", b"[]", b'"text"', b"5", b'{"result":5}', b'{"result":"text"}'])
def test_a_batch_whose_result_is_no_batch_is_a_failure_of_the_portal(result: bytes) -> None:
    with pytest.raises(errors.PortalFailed):
        _ = decode_reply("batch", Reply(200, b'{"result":' + result + b"}"), 0).batch


@pytest.mark.parametrize("method", ["profile", "batch"])
@pytest.mark.parametrize("more", [b"", b',"result":{"result":[]}', b',"result":[],"time":{}'])
def test_an_error_is_raised_whatever_comes_beside_it(method: str, more: bytes) -> None:
    body = b'{"error":"insufficient_scope","error_description":"more"' + more + b"}"
    with pytest.raises(errors.MissingScope, match="more"):
        decode_reply(method, Reply(200, body), 0)


@pytest.mark.parametrize("body", [b"<html></html>", b"", b'{"error":"OPERATION_TIME_LIMIT"}'])
def test_a_429_means_the_operating_time_whatever_its_body(body: bytes) -> None:
    """P7.5"""
    with pytest.raises(errors.OperatingTimeUsedUp):
        decode_reply("profile", Reply(429, body), 0)


@pytest.mark.parametrize("text", [None, 5, "", "soon", "2026-11-23T10:00:00"])
def test_a_text_that_is_no_moment_with_an_offset_is_no_portal_time(text: object) -> None:
    assert portal_time(text) is None
