"""The settings: one declaration each, from which the form of the Airbyte UI and the checks come."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pendulum

from .portal.limits import ENTERPRISE, STANDARD, RequestRate
from .portal.webhook import NotAWebhook, Webhook

DOCUMENTATION_URL = "https://apidocs.bitrix24.com/local-integrations/local-webhooks.html"
_PLANS = {"standard": STANDARD, "enterprise": ENTERPRISE}
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?)?"
_LANGUAGE = "[a-z]{2}"
_BEFORE_ALL_ROWS = datetime(1970, 1, 1, tzinfo=UTC)  # an older date means the same, and portals cannot read all of them
# All that Webhook.parse accepts, and a little more, for JavaScript, Java and Python alike. A gap is for characters that
# nobody sees: whatever is no printable ASCII.
_GAP = "[^ -~]*"
_LETTERS = ("[hH]", "[tT]", "[tT]", "[pP]", "[sS]?", ":", "/", "/[^/?#@ ]+", "/", "[rR]", "[eE]", "[sS]", "[tT]", "/")
_NUMBER_AND_TOKEN = ("[1-9]([0-9]|[^ -~])*", "/", "[A-Za-z0-9]([A-Za-z0-9]|[^ -~])*")
_WEBHOOK = rf"^[^A-Za-z0-9]*{_GAP.join(_LETTERS + _NUMBER_AND_TOKEN)}([/?#][\s\S]*|[^A-Za-z0-9/]*)$"
_WHERE = "Copy the whole address from Bitrix24: Developer resources > Other > Inbound webhook."


class ConfigProblem(ValueError):
    """A setting that cannot be used. Its text is one or two sentences for the user, without any secret."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its field in the form, and how its value is read. `form`: further keywords of its JSON schema.

    `parse` is given the value, or the form's default (None without one) where the user gives no value, and the current
    time. It raises ConfigProblem.
    """

    name: str
    type: str
    title: str
    description: str
    parse: Callable[[Any, datetime], Any]
    form: Mapping[str, Any] = field(default_factory=dict)

    def value(self, settings: Mapping[str, Any], now: datetime) -> Any:
        """Return the checked value."""
        return self.parse(settings.get(self.name, self.form.get("default")), now)


@dataclass(frozen=True, slots=True)
class Config:
    """The checked settings."""

    webhook: Webhook
    start_date: datetime | None
    rate: RequestRate
    label_language: str
    label_columns: bool
    concurrent_requests: int
    detect_deletions: bool
    reconcile_days: int

    @classmethod
    def parse(cls, settings: Mapping[str, Any], now: datetime) -> "Config":
        """Check the settings of a user. Raises ConfigProblem for the first one that cannot be used."""
        return cls(*(setting.value(settings, now) for setting in SETTINGS))


def connection_specification() -> dict[str, Any]:
    """Return the JSON schema of the settings, from which the Airbyte UI makes its form."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Bitrix24",
        "type": "object",
        "required": [SETTINGS[0].name],
        "additionalProperties": True,
        "properties": {
            setting.name: {
                "type": setting.type,
                "title": setting.title,
                "description": setting.description,
                "order": order,
                **setting.form,
            }
            for order, setting in enumerate(SETTINGS)
        },
    }


def _webhook(text: object, _: datetime) -> Webhook:
    if not isinstance(text, str) or not re.search("[A-Za-z0-9]", text):
        raise ConfigProblem(f"The webhook URL is missing. {_WHERE}")
    try:
        return Webhook.parse(text)
    except NotAWebhook as problem:
        raise ConfigProblem(f"This is not the URL of an inbound webhook: {problem}. {_WHERE}") from None


def _start_date(text: object, now: datetime) -> datetime | None:
    if text is None or text == "":
        return None
    how = "Write it as YYYY-MM-DD or YYYY-MM-DDTHH:mm:ssZ"
    if not isinstance(text, str) or not re.fullmatch(_DATE, text):
        raise ConfigProblem(f"The start date is not a date. {how}.")
    try:
        moment = pendulum.parse(text)
    except ValueError:
        raise ConfigProblem(f"The start date is not a date of the calendar. {how}.") from None
    assert isinstance(moment, pendulum.DateTime)
    if moment > now:
        raise ConfigProblem("The start date is in the future. Choose an earlier one, or leave it empty.")
    return max(moment, _BEFORE_ALL_ROWS).astimezone(UTC)


def _rate(value: object, _: datetime) -> RequestRate:
    if not isinstance(value, str) or value not in _PLANS:
        raise ConfigProblem(f"portal_plan must be one of: {', '.join(_PLANS)}.")
    return _PLANS[value]


def _language(value: object, _: datetime) -> str:
    if not isinstance(value, str) or not re.fullmatch(_LANGUAGE, value):
        raise ConfigProblem("label_language must be two lowercase letters, such as en.")
    return value


def _whole_number(name: str, least: int, most: int) -> Callable[[Any, datetime], int]:
    def parse(value: Any, _: datetime) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ConfigProblem(f"{name} must be a whole number from {least} to {most}.")
        return value

    return parse


def _flag(name: str) -> Callable[[Any, datetime], bool]:
    def parse(value: Any, _: datetime) -> bool:
        if not isinstance(value, bool):
            raise ConfigProblem(f"{name} must be true or false.")
        return value

    return parse


_MAX_CONCURRENT, _CONCURRENT = 16, 12
_MOST_DAYS = 365
_EXAMPLE = "https://example.bitrix24.com/rest/1/abcdefgh12345678/"

# in the order of Config's fields, and of the form
SETTINGS: tuple[Setting, ...] = (
    Setting(
        "webhook_url",
        "string",
        "Webhook URL",
        "The whole address of an inbound webhook. In Bitrix24: Developer resources > Other > Inbound webhook; as an "
        'administrator, grant it "CRM (crm)", and for users, departments, calls and tasks the further permissions that the '
        "setup guide names; save, and copy the address it shows.",
        _webhook,
        {
            "airbyte_secret": True,
            "pattern": _WEBHOOK,
            "pattern_descriptor": _EXAMPLE,
            "examples": [_EXAMPLE],
        },
    ),
    Setting(
        "start_date",
        "string",
        "Start date",
        "The first sync of incremental tables skips records last modified before this date. A date, or a date and time; UTC "
        "without an offset. Leave empty to read everything.",
        _start_date,
        {
            "format": "date-time",
            "pattern": f"^{_DATE}$",
            "pattern_descriptor": "YYYY-MM-DD or YYYY-MM-DDTHH:mm:ssZ",
            "examples": ["2024-01-01", "2024-01-01T00:00:00Z"],
        },
    ),
    Setting(
        "portal_plan",
        "string",
        "Bitrix24 plan",
        "The portal's request rate limit: 2 requests a second on most plans, 5 a second on Enterprise.",
        _rate,
        {"enum": [*_PLANS], "default": "standard"},
    ),
    Setting(
        "label_language",
        "string",
        "Label language",
        "Two letters: the language of the names of custom fields and of their options.",
        _language,
        {
            "pattern": f"^{_LANGUAGE}$",
            "pattern_descriptor": "two lowercase letters, such as en",
            "default": "en",
            "examples": ["en", "ru", "de"],
        },
    ),
    Setting(
        "label_columns",
        "boolean",
        "Columns of words",
        "Beside a column of codes a column of words, such as STAGE_ID_LABEL; beside an amount of money its number and its "
        "currency. Refresh the schema of the connection after a change.",
        _flag("label_columns"),
        {"default": True},
    ),
    Setting(
        "concurrent_requests",
        "integer",
        "Parallel requests",
        "The most requests in flight at once. A sync starts with at most 4, and adds more while the portal stays fast.",
        _whole_number("concurrent_requests", 1, _MAX_CONCURRENT),
        {"minimum": 1, "maximum": _MAX_CONCURRENT, "default": _CONCURRENT},
    ),
    Setting(
        "detect_deletions",
        "boolean",
        "Detect deletions",
        "Whether every incremental sync looks for rows that are gone from the portal. Such a row comes once more, with "
        "_ab_cdc_deleted_at filled, and destinations that deduplicate rows remove it.",
        _flag("detect_deletions"),
        {"default": True},
    ),
    Setting(
        "reconcile_days",
        "integer",
        "Days between reconciliations",
        "After so many days an incremental sync reads all product rows and links again, since the dates of their records "
        "do not show every change. 0 for never.",
        _whole_number("reconcile_days", 0, _MOST_DAYS),
        {"minimum": 0, "maximum": _MOST_DAYS, "default": 7},
    ),
)
