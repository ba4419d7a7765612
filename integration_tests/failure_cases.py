"""Errors of a portal and mistakes in the settings, each with the start of its message. Tests and docs/messages.md share the list."""

from dataclasses import dataclass
from typing import Any

GOOD_URL = "https://portal.test/rest/1/emu1ator0webh00k/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error that the portal answers with, and how the message to the user begins."""

    case: str
    code: str
    text: str
    status: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """Settings that cannot be used, and how the message to the user begins."""

    case: str
    settings: dict[str, Any]
    sentence: str


_NOT_ACCEPTED = (
    "Bitrix24 does not accept this webhook: it is mistyped, was revoked or has expired, or its user was dismissed"
)
_NO_REST = "This portal's plan has no REST API"
_NO_PERMISSION = "The user of the webhook may not read this in Bitrix24"
_NO_CONFIRMATION = "This call waits for a confirmation, or was refused one"
_NO_SCOPE = "The webhook may not read the CRM"
_OWN_WORDS = "The portal refuses this call; the brackets hold its own words"
_FAILING = "The portal keeps failing"

REFUSALS = (
    Refusal("webhook revoked or mistyped", "INVALID_CREDENTIALS", "Invalid request credentials", 401, _NOT_ACCEPTED),
    Refusal("webhook revoked, with the documented status", "INVALID_CREDENTIALS", "Invalid request credentials", 403, _NOT_ACCEPTED),
    Refusal("no webhook under this code", "NO_AUTH_FOUND", "Wrong authorization data", 401, _NOT_ACCEPTED),
    Refusal("user of the webhook dismissed", "authorization_error", "Unable to authorize user", 401, _NOT_ACCEPTED),
    Refusal("token expired", "expired_token", "The access token provided has expired", 401, _NOT_ACCEPTED),
    Refusal("scope crm missing", "insufficient_scope", "The request requires higher privileges", 403, _NO_SCOPE),
    Refusal("scope missing, without a code", "", "The current method required more scopes. (crm)", 403, _NO_SCOPE),
    Refusal("plan without REST", "ACCESS_DENIED", "REST API is available only on commercial plans", 403, _NO_REST),
    Refusal("plan without REST, with another text", "ACCESS_DENIED", "REST is available only by subscription", 403, _NO_REST),
    Refusal("payment required", "PAYMENT_REQUIRED", "Payment required", 402, _NO_REST),
    Refusal("no permission in the CRM", "ACCESS_DENIED", "Access denied", 400, _NO_PERMISSION),
    Refusal("no permission, without a code", "", "Access denied.", 400, _NO_PERMISSION),
    Refusal("no permission, with the code 0", "0", "Access denied.", 400, _NO_PERMISSION),
    Refusal("user from outside the company", "allowed_only_intranet_user", "Allowed only for intranet users", 403, _NO_PERMISSION),
    Refusal("method needs an application", "WRONG_AUTH_TYPE", "Current authorization type is denied", 403, _NO_PERMISSION),
    Refusal("method waits for confirmation", "METHOD_CONFIRM_WAITING", "Waiting for confirmation", 401, _NO_CONFIRMATION),
    Refusal("method call denied by the user", "METHOD_CONFIRM_DENIED", "Method call denied", 403, _NO_CONFIRMATION),
    Refusal("user has no access", "user_access_error", "The user does not have access to the application", 403, _NO_PERMISSION),
    Refusal("no permission, with a number as code", "200040300030", "Access denied", 400, _NO_PERMISSION),
    Refusal("a refusal in other words, with the code 0", "0", "Insufficient permissions", 400, _OWN_WORDS),
    Refusal("a refusal in Russian, without a code", "", "Недостаточно прав", 400, _OWN_WORDS),
    Refusal("403 without a code", "", "Доступ запрещен", 403, _OWN_WORDS),
    Refusal("401 without a code", "", "Требуется авторизация", 401, _OWN_WORDS),
    Refusal("404 without a code", "", "Сущность не найдена", 404, _OWN_WORDS),
    Refusal("403 with an unknown code", "ERROR_OF_TOMORROW", "Something new", 403, _OWN_WORDS),
    Refusal("REST blocked by Bitrix24", "OVERLOAD_LIMIT", "REST API is blocked due to overload", 503, "Bitrix24 has blocked this"),
    Refusal("portal deleted", "PORTAL_DELETED", "Portal was deleted", 500, "This portal has been closed or deleted"),
    Refusal("plain http instead of https", "INVALID_REQUEST", "Https required", 400, "The portal wants https"),
    Refusal("unknown method", "ERROR_METHOD_NOT_FOUND", "Method not found!", 404, "This address does not know the CRM's methods"),
    Refusal("server error", "INTERNAL_SERVER_ERROR", "Internal server error", 500, _FAILING),
    Refusal("server error with another code", "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response", 500, _FAILING),
    Refusal("too many requests", "QUERY_LIMIT_EXCEEDED", "Too many requests", 503, "Bitrix24 keeps rejecting requests"),
    Refusal("operating time used up", "OPERATION_TIME_LIMIT", "Blocked", 429, "Bitrix24's server-time quota for this method is used up"),
    Refusal("unknown error code", "ERROR_OF_TOMORROW", "Something new", 400, "The portal refused a call for a reason"),
)  # fmt: skip

_NOT_A_WEBHOOK = "This is not the URL of an inbound webhook"
_MISSING = "The webhook URL is missing"

MISTAKES = (
    Mistake("no settings", {}, _MISSING),
    Mistake("empty webhook URL", {"webhook_url": "  "}, _MISSING),
    Mistake("webhook URL is not text", {"webhook_url": 7}, _MISSING),
    Mistake("URL of a page of the portal", {"webhook_url": "https://portal.test/crm/deal/list/"}, _NOT_A_WEBHOOK),
    Mistake("URL without the webhook's code", {"webhook_url": "https://portal.test/rest/1/"}, _NOT_A_WEBHOOK),
    Mistake("not a URL", {"webhook_url": "my portal"}, _NOT_A_WEBHOOK),
    Mistake("URL without a scheme", {"webhook_url": "portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("URL with another scheme", {"webhook_url": "ftp://portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("plain http to a public host", {"webhook_url": "http://portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("URL with a user name and password", {"webhook_url": "https://a:b@portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("user ID is not a number", {"webhook_url": "https://portal.test/rest/me/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("port is not a number", {"webhook_url": "https://portal.test:x/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("URL without a host", {"webhook_url": "https:///rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("space in the URL", {"webhook_url": "https://portal.test/rest/1/emu1 ator/"}, _NOT_A_WEBHOOK),
    Mistake("list instead of the URL", {"webhook_url": [GOOD_URL]}, _MISSING),
    Mistake("start date is not a date", {"webhook_url": GOOD_URL, "start_date": "soon"}, "The start date is not a date."),
    Mistake("start date is a number", {"webhook_url": GOOD_URL, "start_date": 2024}, "The start date is not a date."),
    Mistake("day that does not exist", {"webhook_url": GOOD_URL, "start_date": "2024-02-31"}, "The start date is not a date of the calendar"),
    Mistake("hour that does not exist", {"webhook_url": GOOD_URL, "start_date": "2024-02-01T25:00:00Z"}, "The start date is not a date of the calendar"),
    Mistake("year 0", {"webhook_url": GOOD_URL, "start_date": "0000-01-01"}, "The start date is not a date of the calendar"),
    Mistake("start date in the future", {"webhook_url": GOOD_URL, "start_date": "2999-01-01"}, "The start date is in the future"),
    Mistake("unknown plan", {"webhook_url": GOOD_URL, "portal_plan": "gold"}, "portal_plan must be one of"),
    Mistake("plan is not text", {"webhook_url": GOOD_URL, "portal_plan": ["standard"]}, "portal_plan must be one of"),
    Mistake("unknown language", {"webhook_url": GOOD_URL, "label_language": "English"}, "label_language must be two lowercase letters"),
    Mistake("language is null", {"webhook_url": GOOD_URL, "label_language": None}, "label_language must be two lowercase letters"),
    Mistake("zero concurrent requests", {"webhook_url": GOOD_URL, "concurrent_requests": 0}, "concurrent_requests must be a whole number"),
    Mistake("too many concurrent requests", {"webhook_url": GOOD_URL, "concurrent_requests": 17}, "concurrent_requests must be a whole number"),
    Mistake("fractional number of requests", {"webhook_url": GOOD_URL, "concurrent_requests": 1.5}, "concurrent_requests must be a whole number"),
    Mistake("boolean instead of a number", {"webhook_url": GOOD_URL, "concurrent_requests": True}, "concurrent_requests must be a whole number"),
    Mistake("number as text", {"webhook_url": GOOD_URL, "concurrent_requests": "4"}, "concurrent_requests must be a whole number"),
)  # fmt: skip
