import pytest

from source_bitrix24.portal.webhook import NotAWebhook, Webhook

BASE = "https://acme.bitrix24.com/rest/7/Abc123def456/"


@pytest.mark.parametrize(
    "pasted",
    [
        "https://acme.bitrix24.com/rest/7/Abc123def456/",
        "https://acme.bitrix24.com/rest/7/Abc123def456",
        "  https://acme.bitrix24.com/rest/7/Abc123def456/ \n",
        "https://acme.bitrix24.com/rest/7/Abc123def456/profile.json",
        "https://acme.bitrix24.com/rest/7/Abc123def456/crm.deal.list/?start=50#top",
        "HTTPS://ACME.Bitrix24.COM/rest/7/Abc123def456/",
        "https://acme.bitrix24.com:443/rest/7/Abc123def456/",
        "\ufeffhttps://acme.bitrix24.com/rest/7/Abc123def456",
        "https://acme.bitrix24.com/rest/7/Abc123def456\u200b",
        "\xa0https://acme.bitrix24.com/rest/7/Abc123def456/\xa0",
        "https://acme.\u00adbitrix24.com/\u200brest/\u200b7/\u2060Abc123\u00addef456/",
        "\u202ahttps://acme.bitrix24.com/rest/7/Abc123def456\u202c",
        "https://acme.bitrix24.com/rest/7/\nAbc123def456/",
        '"https://acme.bitrix24.com/rest/7/Abc123def456/"',
        "'https://acme.bitrix24.com/rest/7/Abc123def456'",
        "`https://acme.bitrix24.com/rest/7/Abc123def456`",
        "“https://acme.bitrix24.com/rest/7/Abc123def456”",
        "‘https://acme.bitrix24.com/rest/7/Abc123def456’",
        "«https://acme.bitrix24.com/rest/7/Abc123def456»",
        "„https://acme.bitrix24.com/rest/7/Abc123def456“",
        "<https://acme.bitrix24.com/rest/7/Abc123def456>",
        '\u200b “<"https://acme.bitrix24.com/rest/7/Abc123def456/">”. ',
    ],
)
def test_an_address_is_read_as_people_paste_it(pasted: str) -> None:
    assert Webhook.parse(pasted).base == BASE


def test_the_port_and_the_name_of_a_self_hosted_portal_are_kept() -> None:
    assert Webhook.parse("https://crm.example.org:8443/rest/1/a1/").base == "https://crm.example.org:8443/rest/1/a1/"


@pytest.mark.parametrize(
    "spelling",
    [
        "https://портал.рф/rest/1/a1/",
        "HTTPS://ПОРТАЛ.РФ:443/rest/1/a1/",
        "https://xn--80awhdgm.xn--p1ai/rest/2/b2",
        "https://XN--80AWHDGM.xn--p1ai./REST/1/a1/profile.json?x=1",
        "https://портал。рф/rest/1/a1/",
    ],
)
def test_all_spellings_of_an_address_are_one_portal(spelling: str) -> None:
    assert Webhook.parse(spelling).portal == "портал.рф"


@pytest.mark.parametrize(
    ("address", "portal"),
    [
        ("https://crm.example.org:8443/rest/1/a1/", "crm.example.org:8443"),
        ("https://crm.example.org:80/rest/1/a1/", "crm.example.org:80"),
        ("http://127.0.0.1:80/rest/1/a1/", "127.0.0.1"),
        ("http://[::1]:8424/rest/1/a1/", "[::1]:8424"),
        ("http://[0:0:0:0:0:0:0:1]/rest/1/a1/", "[::1]"),
        ("https://xn--é.example/rest/1/a1/", "xn--é.example"),
        ("https://xn--strae-oqa.example/rest/1/a1/", "straße.example"),
        ("https://strasse.example/rest/1/a1/", "strasse.example"),
    ],
)
def test_another_port_or_name_is_another_portal(address: str, portal: str) -> None:
    assert Webhook.parse(address).portal == portal


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8424", "[::1]:8424"])
def test_plain_http_is_for_this_machine_only(host: str) -> None:
    assert Webhook.parse(f"http://{host}/rest/1/a1/").base == f"http://{host}/rest/1/a1/"


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("acme.bitrix24.com/rest/7/Abc123def456/", "https://"),
        ("ftp://acme.bitrix24.com/rest/7/Abc123def456/", "https://"),
        ("https:///rest/7/Abc123def456/", "https://"),
        ("http://acme.bitrix24.com/rest/7/Abc123def456/", "unprotected"),
        ("https://me:secret@acme.bitrix24.com/rest/7/Abc123def456/", "user name or password"),
        ("https://acme.bitrix24.com/", "/rest/"),
        ("https://acme.bitrix24.com/rest/crm.deal.list?auth=Abc123def456", "/rest/"),
        ("https://acme.bitrix24.com/rest/admin/Abc123def456/", "/rest/"),
        ("https://acme.bitrix24.com/rest/7/", "/rest/"),
        ("https://acme.bitrix24.com:port/rest/7/Abc123def456/", "no web address"),
        ("https://[::1/rest/7/Abc123def456/", "no web address"),
        ("https://acme .bitrix24.com/rest/7/Abc123def456/", "space in the portal's name"),
        ("", "https://"),
    ],
)
def test_any_other_address_is_refused_with_a_reason_that_does_not_quote_it(pasted: str, why: str) -> None:
    with pytest.raises(NotAWebhook, match=why) as refusal:
        Webhook.parse(pasted)
    assert "Abc123def456" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_the_token_shows_in_no_representation() -> None:
    webhook = Webhook.parse(BASE)
    assert "Abc123def456" not in f"{webhook!r} {webhook}"
    assert webhook.secrets == ("7/Abc123def456", "Abc123def456")


METHOD = "crm.deal.list"
PATH = "/rest/7/Abc123def456/crm.deal.list"


@pytest.mark.parametrize(
    ("location", "origin", "ending"),
    [
        (f"https://newname.bitrix24.com{PATH}", "https://newname.bitrix24.com", ""),
        (f"https://acme.bitrix24.com{PATH}/", "https://acme.bitrix24.com", "/"),
        (f"https://acme.bitrix24.com:443{PATH}/", "https://acme.bitrix24.com", "/"),
        (f"{PATH}/", "https://acme.bitrix24.com", "/"),
        ("crm.deal.list/", "https://acme.bitrix24.com", "/"),
        (f"{PATH}.json", "https://acme.bitrix24.com", ".json"),
        (f"//www.acme.com{PATH}/", "https://www.acme.com", "/"),
        (f"http://acme.bitrix24.com{PATH}/", "https://acme.bitrix24.com", "/"),
        (f"http://acme.bitrix24.com:8080{PATH}/", "https://acme.bitrix24.com", "/"),
    ],
)
def test_a_redirect_to_the_same_webhook_changes_its_host_or_the_ending_of_the_method(
    location: str, origin: str, ending: str
) -> None:
    moved, found = Webhook.parse(BASE).moved_to(location, METHOD)
    assert (moved.base, found) == (f"{origin}/rest/7/Abc123def456/", ending)


def test_a_redirect_can_take_the_ending_away() -> None:
    _, ending = Webhook.parse(BASE).moved_to(f"http://acme.bitrix24.com{PATH}", METHOD, "/")
    assert ending == ""


def test_a_redirect_from_http_to_https_is_followed() -> None:
    moved, _ = Webhook.parse("http://localhost/rest/7/Abc123def456/").moved_to(f"https://localhost{PATH}", METHOD)
    assert moved.base == "https://localhost/rest/7/Abc123def456/"


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/rest/7/other/",
        "https://evil.example/login?next=/rest/7/Abc123def456/",
        f"http://acme.bitrix24.com{PATH}",
        f"http://evil.example{PATH}/",
        "/rest/8/Abc123def456/crm.deal.list/",
        "/auth/?backurl=/rest/7/Abc123def456/crm.deal.list",
        "https://[::1/rest/7/Abc123def456/crm.deal.list",
    ],
)
def test_a_redirect_to_anything_but_this_webhook_over_https_is_not_followed(location: str) -> None:
    with pytest.raises(NotAWebhook):
        Webhook.parse(BASE).moved_to(location, METHOD)
