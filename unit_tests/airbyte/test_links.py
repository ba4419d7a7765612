"""What opens a link is masked, however it is spelled; everything else stays as it is."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.airbyte.links import LinkMask
from unit_tests.portal_values import JSON_VALUES

CODE = "c0deTHAT0pens"
MASK = LinkMask("portal.test:8443")
LINKS = [
    f"/bitrix/show_file.php?auth={CODE}&ownerId=5",
    f"/bitrix/show_file.php?ownerId=5&auth={CODE}",
    f"/bitrix/show_file.php?ownerId=5&amp;auth={CODE}&amp;x=1",
    f"https://portal.test/rest/download.json?token=crm%7C{CODE}%3D%3D&x=1",
    f"https://portal.test/rest/1/{CODE}/crm.controller.item.getFile/?token=crm%7C{CODE}",
    f"https://portal.test/rest/download.json?access_token={CODE}",
    f"https://portal.test/x.php?sessid={CODE}#top",
    f"https://portal.test/x.php?sign={CODE}.{CODE}",
    f"https://old-name.bitrix24.com/x.php?secret={CODE}",
    f"https://other.test/bitrix/show_file.php?hash={CODE}",
    f"https://b24.old-name.test/~x?AUTH_ID={CODE}",
]
IN_PATH = [
    f"https://portal.test/docs/pub/{CODE}/default/",
    f"https://other.test/rest/15/{CODE}/crm.deal.list.json",
]
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda link: link,
    "in a text": lambda link: f"see <a href='{link}'>here</a> and [url={link}]there[/url]",
    "as JSON": lambda link: json.dumps({"url": link}),
    "as PHP's JSON": lambda link: (
        json.dumps({"url": link}).replace("/", r"\/").replace("&", r"\u0026").replace("=", r"\u003d")
    ),
    "as JSON of escapes": lambda link: "".join(f"\\u{ord(letter):04x}" for letter in link),
    "as JSON in JSON": lambda link: json.dumps(json.dumps({"url": link})).replace("&", r"\u0026"),
    "percent-encoded": lambda link: "https://other.test/?back=" + quote(link, safe=""),
    "percent-encoded twice": lambda link: "https://other.test/?back=" + quote(quote(link, safe=""), safe=""),
    "with encoded letters": lambda link: link.replace("a", "%61").replace("t", "%74").replace("s", "%73"),
    "with escaped letters": lambda link: link.replace("a", r"\u0061").replace("t", r"\u0074").replace("s", r"\u0073"),
}


def mask(value: Any) -> Any:
    return orjson.loads(MASK.lines(orjson.dumps({"data": value})))["data"]


def shown(text: str) -> str:
    """A text without any encoding."""
    for _ in range(3):
        with suppress(ValueError):
            text = json.loads('"' + text.replace('"', "").replace("\\/", "/") + '"')
    return text


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("link", LINKS)
def test_what_opens_a_link_is_masked(link: str, spelling: str) -> None:
    text = SPELLINGS[spelling](link)
    found = mask({"a": [text], "b": "after"})
    assert CODE.lower() not in shown(found["a"][0]).lower()
    assert "****" in found["a"][0]
    assert found["b"] == "after"


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if "letters" not in name and "percent" not in name])
@pytest.mark.parametrize("link", IN_PATH)
def test_the_code_in_a_path_is_masked(link: str, spelling: str) -> None:
    test_what_opens_a_link_is_masked(link, spelling)


@pytest.mark.parametrize("name", ["url", "urlMachine", "showUrl", "downloadUrl", "DOWNLOAD_URL", "DETAIL_URL"])
@pytest.mark.parametrize("around", [lambda file: file, json.dumps, lambda file: [json.dumps(file)]])
def test_a_link_in_the_map_of_a_file_is_masked_wherever_it_leads(name: str, around: Callable[[Any], Any]) -> None:
    file = {"id": 7, name: f"https://files.test/get?token={CODE}&x=1"}
    assert mask(around(file)) == around(file | {name: "https://files.test/get?token=****&x=1"})


@pytest.mark.parametrize("link", LINKS)
def test_the_rest_of_a_link_stays(link: str) -> None:
    found = mask(link)
    assert found[:24] == link[:24]
    if "ownerId" in link:
        assert "ownerId=5" in found
    assert mask(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "/bitrix/show_file.php?auth=&ownerId=5",
        "https://example.com/?author=me&page=2&design=flat",
        "author=me, tokens=5",
        "https://example.com/?token=abc",
        "see [url=https://example.com/a?x=1&auth=abc]here[/url], <a href='https://example.com/?token=abc'>",
        '{"site":"https://example.com/?token=abc"}',
        r"https://example.com/?tok\u0065n\u003dabc",
        "https://example.com/?back=https%3A%2F%2Fexample.com%2F%3Fauth%3Dabc",
        "https://example.com/rest/1/products/5",
        "user=me password=secret, auth=1/2",
        "https://notportal.test/?auth=abc https://portal.test.example.com/?auth=abc",
        "https://portal.test/rest/crm.deal.list?id=5",
        "/auth/index.php",
        "50 % = half, a/b, C:\\u0041 \\ ?",
        "2 % of 100 %2D",
        "https://example.com/%D0%BF%D1%80?x=%20y",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert mask(text) == text


@given(value=JSON_VALUES)
def test_a_line_stays_valid_json(value: Any) -> None:
    assert mask(value) == value


@given(
    before=st.text(max_size=4),
    code=st.text(st.characters(codec="utf-8"), max_size=8),
    name=st.sampled_from(["auth=", "token%3D", "&sessid=", r"auth\u003d", "/rest/1/"]),
)
def test_a_line_with_any_code_stays_valid_json(before: str, code: str, name: str) -> None:
    found = mask({"a": before + name + code, "b": "after"})
    assert found.keys() == {"a", "b"}
    assert found["b"] == "after"


def test_a_row_without_a_code_is_the_same_object() -> None:
    row = {"ID": 1, "URL": "/x"}
    assert MASK.row(row) is row
    assert MASK.row({"ID": 1, "URL": "/x?auth=abc"}) == {"ID": 1, "URL": "/x?auth=****"}
