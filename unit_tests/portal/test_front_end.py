import pytest

from source_bitrix24.portal import errors
from source_bitrix24.portal.front_end import is_login_page
from source_bitrix24.portal.reply import Reply, decode_reply


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.PortalMoved),
        (400, errors.NotAPortal),
        (401, errors.Barred),
        (403, errors.Barred),
        (404, errors.NotAPortal),
        (405, errors.NotAPortal),
        (407, errors.ProxyRefused),
        (408, errors.PortalFailed),
        (410, errors.NotAPortal),
        (413, errors.PortalFailed),
        (451, errors.Barred),
        (496, errors.Barred),
        (500, errors.PortalFailed),
        (503, errors.PortalFailed),
        (511, errors.Barred),
    ],
)
@pytest.mark.parametrize("method", ["profile", "batch"])
@pytest.mark.parametrize("body", [b"<html><h1>No</h1></html>", b"", b"Unauthorized", b'{"message":"No"}', b'["no"]'])
def test_an_answer_that_is_not_the_portals_is_sorted_by_its_status(
    method: str, body: bytes, status: int, kind: type[errors.PortalError]
) -> None:
    """P7.16"""
    with pytest.raises(errors.PortalError, match=f"{method}: HTTP {status} with") as caught:
        decode_reply(method, Reply(status, body), 0)
    assert type(caught.value) is kind


def test_a_proxy_that_answers_in_json_wants_a_login_too() -> None:
    with pytest.raises(errors.ProxyRefused):
        decode_reply("profile", Reply(407, b'{"error":"","error_description":"Proxy authentication required"}'), 0)


@pytest.mark.parametrize(
    "page",
    [
        b'<form action="/auth/"><input type="password" name="USER_PASSWORD"></form>',
        b"<INPUT NAME=p TYPE='Password'>",
        b"<input name=p type=password>",
    ],
)
@pytest.mark.parametrize("status", [200, 404])
def test_a_page_that_asks_for_a_password_is_a_login_page(page: bytes, status: int) -> None:
    with pytest.raises(errors.LoginPage, match="a page that asks for a password"):
        decode_reply("profile", Reply(status, b"<html><body>" + page), 0)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/auth/?backurl=/", True),
        ("https://portal.test/auth/index.php", True),
        ("https://auth.example.com/", True),
        ("https://example.com/oauth2/authorize", True),
        ("https://example.com/users/sign_in", True),
        ("https://example.com/Login.aspx", True),
        ("https://example.com/authors/", False),
        ("https://example.com/?auth=1", False),
        ("https://[example.com/login", False),
    ],
)
def test_a_login_page_is_known_by_its_host_or_path(address: str, expected: bool) -> None:
    assert is_login_page(address) is expected
