"""What portals refuse and users mistype, each with what the user is told: tests and the page of messages use the same list."""

from dataclasses import dataclass
from typing import Any

GOOD_URL = "https://portal.test/rest/1/emu1ator0webh00k/"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a portal refuses, and how the sentence begins that a user gets."""

    case: str
    code: str
    text: str
    status: int
    told: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """Settings that cannot be used, and how the sentence begins that a user gets."""

    case: str
    settings: dict[str, Any]
    told: str


_NOT_ACCEPTED = "Bitrix24 does not accept this webhook: it was revoked or mistyped"
_NO_REST = "This portal's plan has no REST API"
_NO_RIGHT = "The user of the webhook may not read this in Bitrix24"
_NO_SCOPE = "The webhook may not read the CRM"
_FAILING = "The portal keeps failing"

REFUSALS = (
    Refusal("webhook revoked or mistyped", "INVALID_CREDENTIALS", "Invalid request credentials", 401, _NOT_ACCEPTED),
    Refusal("the same, as the documents have it", "INVALID_CREDENTIALS", "Invalid request credentials", 403, _NOT_ACCEPTED),
    Refusal("no webhook under this code", "NO_AUTH_FOUND", "Wrong authorization data", 401, _NOT_ACCEPTED),
    Refusal("webhook's user dismissed", "authorization_error", "Unable to authorize user", 401, _NOT_ACCEPTED),
    Refusal("token expired", "expired_token", "The access token provided has expired", 401, _NOT_ACCEPTED),
    Refusal("scope crm missing", "insufficient_scope", "The request requires higher privileges", 403, _NO_SCOPE),
    Refusal("scope missing, told in words", "", "The current method required more scopes. (crm)", 403, _NO_SCOPE),
    Refusal("plan without REST", "ACCESS_DENIED", "REST API is available only on commercial plans", 403, _NO_REST),
    Refusal("plan without REST, in other words", "ACCESS_DENIED", "REST is available only by subscription", 403, _NO_REST),
    Refusal("payment required", "PAYMENT_REQUIRED", "Payment required", 402, _NO_REST),
    Refusal("no right in the CRM", "ACCESS_DENIED", "Access denied", 400, _NO_RIGHT),
    Refusal("no right, without a code", "", "Access denied.", 400, _NO_RIGHT),
    Refusal("no right, with the number 0", "0", "Access denied.", 400, _NO_RIGHT),
    Refusal("user from outside the company", "allowed_only_intranet_user", "Allowed only for intranet users", 403, _NO_RIGHT),
    Refusal("method needs an application", "WRONG_AUTH_TYPE", "Current authorization type is denied", 403, _NO_RIGHT),
    Refusal("method waits for consent", "METHOD_CONFIRM_WAITING", "Waiting for confirmation", 401, _NO_RIGHT),
    Refusal("method refused by the user", "METHOD_CONFIRM_DENIED", "Method call denied", 403, _NO_RIGHT),
    Refusal("user has no access", "user_access_error", "The user does not have access to the application", 403, _NO_RIGHT),
    Refusal("no right, with a number", "200040300030", "Access denied", 400, _NO_RIGHT),
    Refusal("REST blocked by Bitrix24", "OVERLOAD_LIMIT", "REST API is blocked due to overload", 503, "Bitrix24 has blocked this"),
    Refusal("portal deleted", "PORTAL_DELETED", "Portal was deleted", 500, "This portal has been closed or deleted"),
    Refusal("plain http", "INVALID_REQUEST", "Https required", 400, "The portal wants https"),
    Refusal("method unknown", "ERROR_METHOD_NOT_FOUND", "Method not found!", 404, "This address does not know the CRM's methods"),
    Refusal("server error", "INTERNAL_SERVER_ERROR", "Internal server error", 500, _FAILING),
    Refusal("server error of another name", "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response", 500, _FAILING),
    Refusal("too many requests", "QUERY_LIMIT_EXCEEDED", "Too many requests", 503, "Bitrix24 keeps rejecting requests"),
    Refusal("operating time used up", "OPERATION_TIME_LIMIT", "Blocked", 429, "Bitrix24's server-time quota for this method is used up"),
    Refusal("a code nobody knows", "ERROR_OF_TOMORROW", "Something new", 400, "The portal refused a call for a reason"),
)  # fmt: skip

_NOT_A_WEBHOOK = "This is not the URL of an inbound webhook"
_MISSING = "The webhook URL is missing"

MISTAKES = (
    Mistake("no settings at all", {}, _MISSING),
    Mistake("empty webhook URL", {"webhook_url": "  "}, _MISSING),
    Mistake("webhook URL that is no text", {"webhook_url": 7}, _MISSING),
    Mistake("URL of a page of the portal", {"webhook_url": "https://portal.test/crm/deal/list/"}, _NOT_A_WEBHOOK),
    Mistake("URL without code", {"webhook_url": "https://portal.test/rest/1/"}, _NOT_A_WEBHOOK),
    Mistake("text that is no URL", {"webhook_url": "my portal"}, _NOT_A_WEBHOOK),
    Mistake("no scheme", {"webhook_url": "portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("another scheme", {"webhook_url": "ftp://portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("plain http to a public host", {"webhook_url": "http://portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("URL with a user", {"webhook_url": "https://a:b@portal.test/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("user number that is none", {"webhook_url": "https://portal.test/rest/me/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("port that is none", {"webhook_url": "https://portal.test:x/rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("host that is none", {"webhook_url": "https:///rest/1/emu1ator0webh00k/"}, _NOT_A_WEBHOOK),
    Mistake("space in the middle", {"webhook_url": "https://portal.test/rest/1/emu1 ator/"}, _NOT_A_WEBHOOK),
    Mistake("a list in place of the URL", {"webhook_url": [GOOD_URL]}, _MISSING),
    Mistake("start date that is no date", {"webhook_url": GOOD_URL, "start_date": "soon"}, "The start date is not a date."),
    Mistake("start date that is a number", {"webhook_url": GOOD_URL, "start_date": 2024}, "The start date is not a date."),
    Mistake("day that does not exist", {"webhook_url": GOOD_URL, "start_date": "2024-02-31"}, "The start date is not a date of the calendar"),
    Mistake("hour that does not exist", {"webhook_url": GOOD_URL, "start_date": "2024-02-01T25:00:00Z"}, "The start date is not a date of the calendar"),
    Mistake("year 0", {"webhook_url": GOOD_URL, "start_date": "0000-01-01"}, "The start date is not a date of the calendar"),
    Mistake("start date to come", {"webhook_url": GOOD_URL, "start_date": "2999-01-01"}, "The start date is in the future"),
    Mistake("unknown plan", {"webhook_url": GOOD_URL, "portal_plan": "gold"}, "portal_plan must be one of"),
    Mistake("plan that is no text", {"webhook_url": GOOD_URL, "portal_plan": ["standard"]}, "portal_plan must be one of"),
    Mistake("unknown language", {"webhook_url": GOOD_URL, "label_language": "English"}, "label_language must be two lowercase letters"),
    Mistake("language that is no text", {"webhook_url": GOOD_URL, "label_language": None}, "label_language must be two lowercase letters"),
    Mistake("no request at all", {"webhook_url": GOOD_URL, "concurrent_requests": 0}, "concurrent_requests must be a whole number"),
    Mistake("too many requests", {"webhook_url": GOOD_URL, "concurrent_requests": 9}, "concurrent_requests must be a whole number"),
    Mistake("half a request", {"webhook_url": GOOD_URL, "concurrent_requests": 1.5}, "concurrent_requests must be a whole number"),
    Mistake("yes in place of a number", {"webhook_url": GOOD_URL, "concurrent_requests": True}, "concurrent_requests must be a whole number"),
    Mistake("number as text", {"webhook_url": GOOD_URL, "concurrent_requests": "4"}, "concurrent_requests must be a whole number"),
)  # fmt: skip
