"""What can go wrong between us and a portal: one leaf per thing a person or the reader can do about it.

PortalError
 ├── Refused                  somebody has to act in the portal or in the settings
 │    ├── BadWebhook          revoked, expired, mistyped, or its user was dismissed
 │    ├── MissingScope        the webhook may not call the CRM
 │    ├── NoRestOnThisPlan    the portal's plan has no REST
 │    ├── NoAccess            the webhook's user may not read this
 │    ├── PortalBlocked       Bitrix24 blocked the portal's REST by hand
 │    ├── PortalGone          closed or deleted
 │    ├── PortalMoved         it lives at another address now, and following was not possible
 │    ├── HttpsRequired       asked over plain http
 │    └── NoSuchMethod        unknown to this portal, or the address is not a portal's
 ├── Passing                  ask again later
 │    ├── Unreachable         nobody answers at that address
 │    ├── TooManyRequests     the bucket of requests ran over
 │    ├── OperatingTimeUsedUp this method's server time is spent for now
 │    └── PortalFailed        it broke while answering; ask for less
 │         └── TimedOut       it took too long
 ├── NotFound                 the record is gone: the caller decides what that means
 └── Unexpected               a defect of ours, or a portal that breaks its word
      ├── BadArgument         the portal does not accept what we sent
      └── BrokenPromise       the answer contradicts how portals behave (docs/portal.md)

Codes and their meanings: docs/portal.md, P7.7 to P7.10 and P13.
"""

from typing import ClassVar


class PortalError(Exception):
    """A call that brought no data.

    `method` is the REST method asked for ("" where the transport does not know it), `code` the portal's error code (may be
    empty, P7.9), `reason` its text or ours. None of them ever holds the webhook's address.
    """

    by_code: ClassVar[dict[str, type["PortalError"]]] = {}

    def __init__(self, method: str, reason: str = "", code: str = "") -> None:
        super().__init__(method, reason, code)
        self.method = method
        self.reason = reason
        self.code = code

    def __init_subclass__(cls, codes: tuple[str, ...] = ()) -> None:
        PortalError.by_code.update(dict.fromkeys(codes, cls))

    def __str__(self) -> str:
        detail = " ".join(part for part in (f"[{self.code}]" if self.code else "", self.reason) if part)
        return ": ".join(part for part in (self.method, detail or type(self).__name__) if part)


class Refused(PortalError):
    """The portal will not answer until somebody changes something there or in the settings."""


class BadWebhook(
    Refused, codes=("INVALID_CREDENTIALS", "NO_AUTH_FOUND", "authorization_error", "expired_token", "invalid_token")
):
    """The webhook does not exist (any more) under this code and user."""


class MissingScope(Refused, codes=("insufficient_scope",)):
    """The webhook lacks the scope this method needs."""


class NoRestOnThisPlan(Refused, codes=("PAYMENT_REQUIRED",)):
    """REST is part of paid plans only."""


class NoAccess(
    Refused,
    codes=(
        "ACCESS_DENIED",
        "allowed_only_intranet_user",
        "user_access_error",
        "WRONG_AUTH_TYPE",
        "METHOD_CONFIRM_WAITING",
        "METHOD_CONFIRM_DENIED",
        "200040300010",
        "200040300030",
        "200040300040",
    ),
):
    """The webhook's user may not read what was asked for."""


class PortalBlocked(Refused, codes=("OVERLOAD_LIMIT",)):
    """Bitrix24 has blocked the portal's REST by hand; only its support lifts that."""


class PortalGone(Refused, codes=("PORTAL_DELETED",)):
    """The portal was closed or deleted."""


class PortalMoved(Refused):
    """The portal answers with a redirect that cannot be followed."""


class HttpsRequired(Refused, codes=("INVALID_REQUEST",)):
    """The portal wants https."""


class NoSuchMethod(Refused, codes=("ERROR_METHOD_NOT_FOUND",)):
    """The portal does not know the method. It says so before it looks at the webhook (P7.8)."""


class Passing(PortalError):
    """Worth asking again after a while."""


class Unreachable(Passing):
    """No connection, or it broke before an answer came."""


class TooManyRequests(Passing, codes=("QUERY_LIMIT_EXCEEDED",)):
    """More requests than the leaky bucket takes (P7.1)."""


class OperatingTimeUsedUp(Passing, codes=("OPERATION_TIME_LIMIT",)):
    """The method has used the server time it gets in ten minutes (P7.4, P7.5)."""


class PortalFailed(Passing, codes=("INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "WRONG_ENCODING")):
    """The portal broke while it answered, or what came is no JSON (P7.6, P7.10, P7.13)."""


class TimedOut(PortalFailed):
    """No answer within the time a portal has for one request (P7.6)."""


class NotFound(PortalError, codes=("NOT_FOUND", "ERROR_NOT_FOUND")):
    """The record asked for does not exist."""


class Unexpected(PortalError):
    """Nothing a user can mend: a defect of ours, or a portal unlike the documented ones."""


class BadArgument(
    Unexpected,
    codes=("INVALID_ARG_VALUE", "ERROR_ARGUMENT", "WRONG_DATETIME_FORMAT", "ENTITY_TYPE_NOT_SUPPORTED", "100"),
):
    """The portal rejects a filter, an order or a parameter."""


class BrokenPromise(Unexpected):
    """The answer contradicts what portals are known to do, so its rows cannot be trusted."""


_SAYS_NOTHING = ("", "0", "ERROR_CORE")


def error_from_code(method: str, code: object, text: str, status: int = 200) -> PortalError:
    """The error a portal's `error` and `error_description` stand for.

    The code decides, not the HTTP status, since servers and documents disagree on statuses. Empty and numeric codes, and
    ACCESS_DENIED, which means two things, are told apart by the text (P7.7, P7.9); if that says nothing either, something
    broke inside the portal. A code nobody knows stays readable: `Passing` if the server broke (5xx), else `Unexpected`.
    """
    name = str(code)
    lowered = text.lower()
    if "commercial plan" in lowered or "by subscription" in lowered:
        return NoRestOnThisPlan(method, text, name)
    known = PortalError.by_code.get(name)
    if known:
        return known(method, text, name)
    if "access denied" in lowered or "access denied" in name.lower():
        return NoAccess(method, text, name)
    if "more scopes" in lowered:
        return MissingScope(method, text, name)
    if "not found" in lowered:
        return NotFound(method, text, name)
    if status >= 500 or name in _SAYS_NOTHING:
        return PortalFailed(method, text, name)
    return Unexpected(method, text, name)
