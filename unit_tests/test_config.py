from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from source_bitrix24.config import Config, ConfigProblem
from source_bitrix24.portal.limits import ENTERPRISE, STANDARD

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://acme.bitrix24.com/rest/1/Abc123def456/"


def test_only_the_webhook_is_needed() -> None:
    config = Config.parse({"webhook_url": URL}, NOW)
    assert config.webhook.base == URL
    assert (config.start_date, config.rate, config.label_language, config.concurrent_requests) == (
        None,
        STANDARD,
        "en",
        4,
    )


def test_every_setting_is_taken() -> None:
    config = Config.parse(
        {
            "webhook_url": URL,
            "start_date": "2026-01-02T03:04:05+03:00",
            "portal_plan": "enterprise",
            "label_language": "de",
            "concurrent_requests": 8,
        },
        NOW,
    )
    assert config.start_date == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=3)))
    assert (config.rate, config.label_language, config.concurrent_requests) == (ENTERPRISE, "de", 8)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_a_start_date_without_offset_is_utc(written: str | None, meant: datetime | None) -> None:
    assert Config.parse({"webhook_url": URL, "start_date": written}, NOW).start_date == meant


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "The webhook URL is missing"),
        ({"webhook_url": None}, "The webhook URL is missing"),
        ({"webhook_url": "  "}, "The webhook URL is missing"),
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
        ({"webhook_url": URL, "concurrent_requests": 0}, "whole number from 1 to 8"),
        ({"webhook_url": URL, "concurrent_requests": 9}, "whole number from 1 to 8"),
        ({"webhook_url": URL, "concurrent_requests": "4"}, "whole number from 1 to 8"),
        ({"webhook_url": URL, "concurrent_requests": 2.5}, "whole number from 1 to 8"),
        ({"webhook_url": URL, "concurrent_requests": True}, "whole number from 1 to 8"),
    ],
)
def test_a_mistake_gets_a_sentence_that_says_what_to_do(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigProblem, match=sentence) as problem:
        Config.parse(settings, NOW)
    assert str(problem.value).endswith(".")
    assert "Abc123def456" not in str(problem.value)
