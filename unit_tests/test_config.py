from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.config import SETTINGS, Config, ConfigProblem, connection_specification
from source_bitrix24.portal.limits import ENTERPRISE, STANDARD

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://acme.bitrix24.com/rest/1/Abc123def456/"


def test_only_the_webhook_is_required() -> None:
    config = Config.parse({"webhook_url": URL}, NOW)
    assert config.webhook.base == URL
    assert (config.start_date, config.rate, config.label_language, config.concurrent_requests) == (
        None,
        STANDARD,
        "en",
        12,
    )
    assert config.detect_deletions


def test_every_setting_is_used() -> None:
    config = Config.parse(
        {
            "webhook_url": URL,
            "start_date": "2026-01-02T03:04:05+03:00",
            "portal_plan": "enterprise",
            "label_language": "de",
            "concurrent_requests": 8,
            "detect_deletions": False,
            "reconcile_days": 0,
        },
        NOW,
    )
    assert config.start_date == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=3)))
    assert (config.rate, config.label_language, config.concurrent_requests) == (ENTERPRISE, "de", 8)
    assert (config.detect_deletions, config.reconcile_days) == (False, 0)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1950-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_a_start_date_without_offset_is_utc(written: str | None, moment: datetime | None) -> None:
    assert Config.parse({"webhook_url": URL, "start_date": written}, NOW).start_date == moment


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "The webhook URL is missing"),
        ({"webhook_url": None}, "The webhook URL is missing"),
        ({"webhook_url": "  "}, "The webhook URL is missing"),
        ({"webhook_url": "“\u200b”"}, "The webhook URL is missing"),
        ({"webhook_url": 5}, "The webhook URL is missing"),
        ({"webhook_url": ["https://x"]}, "The webhook URL is missing"),
        ({"webhook_url": "https://acme.bitrix24.com/"}, "not the URL of an inbound webhook"),
        ({"webhook_url": URL, "start_date": "yesterday"}, "not a date"),
        ({"webhook_url": URL, "start_date": "2026-02-30"}, "not a date of the calendar"),
        ({"webhook_url": URL, "start_date": "2026-13-01T00:00:00Z"}, "not a date of the calendar"),
        ({"webhook_url": URL, "start_date": 20260101}, "not a date"),
        ({"webhook_url": URL, "start_date": "2026-11-24"}, "in the future"),
        ({"webhook_url": URL, "portal_plan": "free"}, "portal_plan must be one of: standard, enterprise"),
        ({"webhook_url": URL, "portal_plan": ["standard"]}, "portal_plan must be one of"),
        ({"webhook_url": URL, "label_language": "english"}, "two lowercase letters"),
        ({"webhook_url": URL, "label_language": 5}, "two lowercase letters"),
        ({"webhook_url": URL, "concurrent_requests": 0}, "whole number from 1 to 16"),
        ({"webhook_url": URL, "concurrent_requests": 17}, "whole number from 1 to 16"),
        ({"webhook_url": URL, "concurrent_requests": "4"}, "whole number from 1 to 16"),
        ({"webhook_url": URL, "concurrent_requests": 2.5}, "whole number from 1 to 16"),
        ({"webhook_url": URL, "concurrent_requests": True}, "whole number from 1 to 16"),
        ({"webhook_url": URL, "detect_deletions": "no"}, "detect_deletions must be true or false"),
        ({"webhook_url": URL, "reconcile_days": -1}, "reconcile_days must be a whole number from 0 to 365"),
    ],
)
def test_a_setting_that_cannot_be_used_has_a_sentence_that_says_what_to_do(
    settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigProblem, match=sentence) as problem:
        Config.parse(settings, NOW)
    assert str(problem.value).endswith(".")
    assert "Abc123def456" not in str(problem.value)


FORM = connection_specification()


def test_the_form_is_a_valid_json_schema_that_requires_the_webhook_alone() -> None:
    jsonschema.Draft7Validator.check_schema(FORM)
    assert FORM["required"] == ["webhook_url"]
    assert FORM["properties"]["webhook_url"]["airbyte_secret"] is True


def test_the_fields_of_the_form_are_in_the_order_of_the_settings() -> None:
    fields = list(FORM["properties"].items())
    assert [name for name, _ in fields] == [setting.name for setting in SETTINGS]
    assert [field["order"] for _, field in fields] == list(range(len(fields)))


def test_the_defaults_of_the_form_are_those_of_missing_settings() -> None:
    defaults = {name: field["default"] for name, field in FORM["properties"].items() if "default" in field}
    assert defaults == {
        "portal_plan": "standard",
        "label_language": "en",
        "concurrent_requests": 12,
        "detect_deletions": True,
        "reconcile_days": 7,
        "label_columns": True,
    }
    assert Config.parse({"webhook_url": URL}, NOW) == Config.parse({"webhook_url": URL, **defaults}, NOW)


@pytest.mark.parametrize("name", FORM["properties"])
def test_the_examples_and_choices_of_the_form_can_be_used_and_fit_its_patterns(name: str) -> None:
    field = FORM["properties"][name]
    bounds = [field[bound] for bound in ("minimum", "maximum") if bound in field]
    for value in [*field.get("examples", []), *field.get("enum", []), *bounds]:
        settings = {"webhook_url": URL, name: value}
        jsonschema.validate(settings, FORM)
        Config.parse(settings, NOW)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"webhook_url": "https://acme.bitrix24.com/"},
        {"webhook_url": URL, "start_date": "yesterday"},
        {"webhook_url": URL, "start_date": "2026-1-2"},
        {"webhook_url": URL, "portal_plan": "free"},
        {"webhook_url": URL, "label_language": "english"},
        {"webhook_url": URL, "concurrent_requests": 0},
        {"webhook_url": URL, "concurrent_requests": 17},
    ],
)
def test_the_form_rejects_what_the_connector_rejects(settings: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(settings, FORM)
    with pytest.raises(ConfigProblem):
        Config.parse(settings, NOW)


@pytest.mark.parametrize(
    "pasted",
    [
        f"  {URL}\n",
        f"{URL}crm.deal.list",
        URL.rstrip("/"),
        URL.replace("https", "HTTPS"),
        URL.rstrip("/") + "?start=50",
        f"<{URL}>",
        f"“{URL.rstrip('/')}”,",
        "\ufeff" + "\u200b".join(URL.rstrip("/")),
        URL.replace("/rest/", "/rest/\r\n"),
    ],
)
def test_the_form_accepts_an_address_as_people_paste_it(pasted: str) -> None:
    jsonschema.validate({"webhook_url": pasted}, FORM)
    assert Config.parse({"webhook_url": pasted}, NOW).webhook.base == URL


AROUND = st.text("\"'`‘’“”„«»<>()[] \t\n\xa0\u200b\ufeff\u00ad.,;", max_size=4)
INSIDE = st.sampled_from([*[""] * 20, "\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u202a", "\n"])


@given(st.data(), st.sampled_from([URL, URL.rstrip("/"), f"{URL}profile.json"]))
def test_the_form_accepts_every_address_that_the_connector_accepts(data: st.DataObject, url: str) -> None:
    written = "".join(letter + data.draw(INSIDE) for letter in url)
    pasted = data.draw(AROUND) + written + data.draw(AROUND)
    assert Config.parse({"webhook_url": pasted}, NOW).webhook.base == URL
    jsonschema.validate({"webhook_url": pasted}, FORM)


def test_settings_in_another_type_of_number_are_used() -> None:
    assert Config.parse({"webhook_url": URL, "concurrent_requests": 4.0}, NOW).concurrent_requests == 4
