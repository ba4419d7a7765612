from typing import Any

import pytest

from source_bitrix24.portal import errors
from source_bitrix24.portal.reply import Reply, good_answer, portal_time


def result_of(body: bytes) -> Any:
    return good_answer("profile", Reply(200, body), took=1.5).result


def test_an_answer_tells_the_portals_time_or_else_how_long_it_took_as_seen_from_here() -> None:
    told = good_answer("profile", Reply(200, b'{"result":1,"time":{"duration":0.5,"finish":1796000000.5}}'), took=1.5)
    assert (told.seconds, told.portal_now, told.size) == (0.5, 1796000000.5, 58)
    silent = good_answer("profile", Reply(200, b'{"result":1,"time":[]}'), took=1.5)
    assert (silent.seconds, silent.portal_now) == (1.5, None)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (rb'"\ud83d\ude00 \u00e9"', "😀 é"),
        (rb'"cut \ud83d"', "cut ?"),
        (rb'"\ude00 first"', "? first"),
        (rb'"\ud83d\ude00 whole, half \ud83d."', "😀 whole, half ?."),
        (rb'{"\ud83d":["\udfff",1.5,null,true]}', {"?": ["?", 1.5, None, True]}),
        (b"null", None),
    ],
)
def test_halves_of_characters_become_question_marks_and_all_else_is_kept(sent: bytes, meant: object) -> None:
    assert result_of(b'{"result":' + sent + b"}") == meant


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "profile: HTTP 200 with an empty body"),
        (b"<html>Site maintenance</html>", "profile: HTTP 200 with a body that is no JSON"),
        (b'{"result":[{"ID":"1"},{"I', "profile: HTTP 200 with a body that is no JSON"),
        (b'{"result":"\xff\xfe"}', "profile: HTTP 200 with a body that is no JSON"),
        (b"[" * 200_000, "profile: HTTP 200 with a body that is no JSON"),
        (b"[1]", "profile: HTTP 200 with JSON that is no object"),
        (rb'"\ud83d"', "profile: HTTP 200 with JSON that is no object"),
        (b"{}", "profile: HTTP 200 without a result"),
    ],
)
def test_what_is_no_answer_is_a_failure_of_the_portal(body: bytes, told: str) -> None:
    with pytest.raises(errors.PortalFailed) as caught:
        result_of(body)
    assert type(caught.value) is errors.PortalFailed
    assert str(caught.value) == told


@pytest.mark.parametrize("body", [b"<html></html>", b"", b'{"error":"OPERATION_TIME_LIMIT"}'])
def test_a_429_means_the_operating_time_whatever_its_body(body: bytes) -> None:
    """P7.5"""
    with pytest.raises(errors.OperatingTimeUsedUp):
        good_answer("profile", Reply(429, body), 0)


@pytest.mark.parametrize("text", [None, 5, "", "soon", "2026-11-23T10:00:00"])
def test_what_is_no_moment_with_an_offset_is_no_reading_of_the_clock(text: object) -> None:
    assert portal_time(text) is None
