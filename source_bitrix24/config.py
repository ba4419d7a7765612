"""The settings a user gives, checked, with one sentence for every mistake."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pendulum

from .portal.limits import ENTERPRISE, STANDARD, RequestRate
from .portal.webhook import NotAWebhook, Webhook

_PLANS = {"standard": STANDARD, "enterprise": ENTERPRISE}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_BEFORE_ALL_ROWS = datetime(1970, 1, 1, tzinfo=UTC)  # an older date means the same, and portals cannot read all of them
_WHERE = "Copy the whole address from Bitrix24: Developer resources > Other > Inbound webhook."


class ConfigProblem(ValueError):
    """A setting that cannot be used. Its text is one or two sentences for the user, without any secret."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the user wants: which portal, how fast, since when, and labels in which language."""

    webhook: Webhook
    start_date: datetime | None = None
    rate: RequestRate = STANDARD
    label_language: str = "en"
    concurrent_requests: int = 4

    @classmethod
    def parse(cls, settings: Mapping[str, Any], now: datetime) -> "Config":
        """Check the settings of spec.json. Raises ConfigProblem for the first one that cannot be used."""
        return cls(
            webhook=_webhook(settings.get("webhook_url")),
            start_date=_start_date(settings.get("start_date"), now),
            rate=_PLANS[_choice(settings, "portal_plan", tuple(_PLANS))],
            label_language=_language(settings.get("label_language", "en")),
            concurrent_requests=_whole_number(settings, "concurrent_requests", 1, 8, default=4),
        )


def _webhook(text: object) -> Webhook:
    if not isinstance(text, str) or not text.strip():
        raise ConfigProblem(f"The webhook URL is missing. {_WHERE}")
    try:
        return Webhook.parse(text)
    except NotAWebhook as problem:
        raise ConfigProblem(f"This is not the URL of an inbound webhook: {problem}. {_WHERE}") from None


def _start_date(text: object, now: datetime) -> datetime | None:
    if text is None or text == "":
        return None
    how = "Write it as YYYY-MM-DD or YYYY-MM-DDTHH:mm:ssZ"
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise ConfigProblem(f"The start date is not a date. {how}.")
    try:
        moment = pendulum.parse(text)
    except ValueError:
        raise ConfigProblem(f"The start date is not a date of the calendar. {how}.") from None
    assert isinstance(moment, pendulum.DateTime)
    if moment > now:
        raise ConfigProblem("The start date is in the future. Choose an earlier one, or leave it empty.")
    return max(moment, _BEFORE_ALL_ROWS).astimezone(UTC)


def _choice(settings: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = settings.get(name, choices[0])
    if value not in choices:
        raise ConfigProblem(f"{name} must be one of: {', '.join(choices)}.")
    return str(value)


def _language(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[a-z]{2}", value):
        raise ConfigProblem("label_language must be two small letters, such as en.")
    return value


def _whole_number(settings: Mapping[str, Any], name: str, least: int, most: int, default: int) -> int:
    value = settings.get(name, default)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigProblem(f"{name} must be a whole number from {least} to {most}.")
    return value
