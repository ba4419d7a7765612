"""What can go wrong between us and a portal: one leaf per thing that a person or the reader can do about it.

PortalError
 ├── Refused                  somebody has to act: in the portal, in the settings, or in the network
 │    ├── BadWebhook          revoked, expired, mistyped, or its user was dismissed
 │    ├── MissingScope        the webhook may not call the CRM
 │    ├── NoRestOnThisPlan    the portal's plan has no REST
 │    ├── NoAccess            the webhook's user may not read this
 │    │    └── NotConfirmed   an administrator has to allow the call, or has refused it
 │    ├── PortalBlocked       Bitrix24 blocked the portal's REST by hand
 │    ├── PortalGone          closed or deleted
 │    ├── PortalMoved         it lives at another address now, and following was not possible
 │    ├── HttpsRequired       asked over plain http
 │    ├── NoSuchMethod        unknown to this portal, or the address is not a portal's
 │    ├── InItsOwnWords       the code says nothing, and the text is unknown
 │    ├── NotAPortal          a page in place of an answer
 │    ├── Barred              something in front of the portal lets the request not pass
 │    ├── LoginPage           the same, and it asks people to log in
 │    ├── ProxyRefused        the proxy on the way lets the request not pass
 │    ├── NotTrusted          the certificate's authority is unknown here
 │    ├── WrongCertificate    the certificate is for another name
 │    ├── ExpiredCertificate  the certificate is not valid at this time
 │    ├── BadCaBundle         the file of trusted authorities cannot be used
 │    └── FilterNotUnderstood it does not find rows by the date of their last change
 ├── Passing                  worth a retry for a long time (retry.py)
 │    ├── Unreachable         no connection
 │    ├── TooManyRequests     the request rate limit was exceeded
 │    ├── OperatingTimeUsedUp the method's server time is used up for now
 │    └── PortalFailed        it failed while answering; a smaller request may help
 │         └── TimedOut       no answer in time
 ├── NotFound                 the record does not exist: the caller decides what that means
 └── Unexpected               a defect of ours, or a portal unlike the documented ones
      ├── BadArgument         the portal does not accept what we sent
      └── BrokenPromise       the answer contradicts how portals behave (docs/portal.md)

Codes and their meanings: docs/portal.md, P7.7 to P7.10, P7.16 and P13.
"""

import re
from typing import ClassVar

A_FEW_TRIES = 2
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_OPERATING_TIME_USED_UP = 429


class PortalError(Exception):
    """A call that returned no data.

    `method`: the REST method ("" where the transport does not know it). `code`: the portal's error code, which may be empty
    (P7.9). `reason`: its text or ours. None of them ever holds the webhook's address. `more_tries`: how often the request is
    sent again although the error is not Passing, since now and then such an error passes after a moment. `is_on_the_way`:
    something between here and the portal refuses; once the portal has answered, that may pass after a moment too.
    """

    by_code: ClassVar[dict[str, type["PortalError"]]] = {}
    more_tries = 0
    is_on_the_way = False

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
    """The portal refuses until somebody changes something there or in the settings."""


class BadWebhook(
    Refused, codes=("INVALID_CREDENTIALS", "NO_AUTH_FOUND", "authorization_error", "expired_token", "invalid_token")
):
    """The webhook does not exist (any more) under this code and user."""

    more_tries = A_FEW_TRIES


class MissingScope(Refused, codes=("insufficient_scope",)):
    """The webhook lacks the scope this method needs."""


class NoRestOnThisPlan(Refused, codes=("PAYMENT_REQUIRED",)):
    """REST is part of paid plans only."""


class NoAccess(
    Refused,
    codes=(
        "ACCESS_DENIED",
        "Access denied",
        "allowed_only_intranet_user",
        "user_access_error",
        "WRONG_AUTH_TYPE",
        "200040300010",
        "200040300030",
        "200040300040",
    ),
):
    """The webhook's user may not read what was asked for."""


class NotConfirmed(NoAccess, codes=("METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED")):
    """An administrator of the portal still has to allow the call, or has refused it."""


class PortalBlocked(Refused, codes=("OVERLOAD_LIMIT",)):
    """Bitrix24 has blocked the portal's REST by hand; only its support lifts that."""


class PortalGone(Refused, codes=("PORTAL_DELETED",)):
    """The portal was closed or deleted."""


class PortalMoved(Refused):
    """The portal answers with a redirect that cannot be followed."""


class HttpsRequired(Refused, codes=("INVALID_REQUEST",)):
    """The portal wants https."""


class NoSuchMethod(Refused, codes=("ERROR_METHOD_NOT_FOUND",)):
    """The portal does not know the method. It answers so before it checks the webhook (P7.8)."""


class InItsOwnWords(Refused):
    """The portal refuses a call with a text that only its reader understands: in any language, without a code (P7.9)."""

    more_tries = A_FEW_TRIES


class NotAPortal(Refused):
    """A page in place of an answer, such as the 404 of another web server (P7.16)."""

    more_tries = A_FEW_TRIES


class Barred(Refused):
    """A firewall, a gateway or a password in front of the portal refuses the request (P7.16)."""

    more_tries = A_FEW_TRIES


class LoginPage(Refused):
    """Something in front of the portal asks people to log in (P7.16)."""

    is_on_the_way = True


class ProxyRefused(Refused):
    """The proxy that this machine has to use does not let the request pass."""

    is_on_the_way = True


class NotTrusted(Refused):
    """The authority that issued the portal's certificate is not among those trusted here."""

    is_on_the_way = True


class WrongCertificate(Refused):
    """The portal's certificate is for another name than the one in the webhook's address."""

    is_on_the_way = True


class ExpiredCertificate(Refused):
    """The portal's certificate has expired, or is not valid yet."""

    is_on_the_way = True


class BadCaBundle(Refused):
    """The file that REQUESTS_CA_BUNDLE names cannot be read."""


class FilterNotUnderstood(Refused):
    """An answer contradicts the date that it was filtered by (P2.10, P2.14), so that changes would be missed."""


class Passing(PortalError):
    """Worth a retry after a while, for a long time."""


class Unreachable(Passing):
    """No connection, or it broke before an answer came."""


class TooManyRequests(Passing, codes=("QUERY_LIMIT_EXCEEDED",)):
    """More requests than the leaky bucket holds (P7.1)."""


class OperatingTimeUsedUp(Passing, codes=("OPERATION_TIME_LIMIT",)):
    """The method has used the server time it gets in ten minutes (P7.4, P7.5)."""


class PortalFailed(
    Passing,
    codes=("INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "WRONG_ENCODING", "ERROR_BATCH_LENGTH_EXCEEDED"),
):
    """The portal failed while answering (P7.10), its answer is no JSON (P7.6, P7.13), or it ran a part of a batch (P1.2)."""


class TimedOut(PortalFailed):
    """No answer within the time a portal has for one request (P7.6)."""


class NotFound(PortalError, codes=("NOT_FOUND", "ERROR_NOT_FOUND")):
    """The record asked for does not exist."""


class Unexpected(PortalError):
    """Nothing a user can fix: a defect of ours, or a portal unlike the documented ones."""


class BadArgument(
    Unexpected,
    codes=("INVALID_ARG_VALUE", "ERROR_ARGUMENT", "WRONG_DATETIME_FORMAT", "ENTITY_TYPE_NOT_SUPPORTED", "100"),
):
    """The portal rejects a filter, an order or a parameter."""


class BrokenPromise(Unexpected):
    """The answer contradicts how portals behave, so its rows cannot be trusted."""


# P7.7, P7.9, P13: what the whole text means where the code is ambiguous. Texts are compared without case and full stop.
_AMBIGUOUS: tuple[tuple[tuple[str, ...], str, type[PortalError]], ...] = (
    (("ACCESS_DENIED",), r"rest( api)? is available only (on commercial plans|by subscription)", NoRestOnThisPlan),
    (("", "0", "ERROR_CORE"), r"access denied", NoAccess),
    (("", "0"), r"the current method required more scopes\. \([a-z_, ]*\)", MissingScope),
    (("",), r"not found", NotFound),
)
_WITHOUT_A_CODE = ("", "0")
_SAYS_NOTHING = (*_WITHOUT_A_CODE, "ERROR_CORE")
_REFUSALS = (_UNAUTHORIZED, _FORBIDDEN, 404)


def error_from_code(method: str, code: object, text: str, status: int = 200) -> PortalError:
    """Return the error for a portal's `error` and `error_description`.

    The code decides: neither the HTTP status, on which servers and documents disagree, nor a part of the text. Only where a
    code is ambiguous or empty, the whole text is looked up (P7.7, P7.9). What is still unknown, the status sorts (P13).
    `status`: 200 inside a batch, where it is not known. A 401 of any kind may pass after a moment.
    """
    name = str(code)
    error = _kind_of(name, text, status)(method, text, name)
    if status == _UNAUTHORIZED:
        error.more_tries = A_FEW_TRIES
    return error


def _kind_of(name: str, text: str, status: int) -> type[PortalError]:
    plain = text.strip().rstrip(".!").lower()
    for codes, pattern, kind in _AMBIGUOUS:
        if name in codes and re.fullmatch(pattern, plain):
            return kind
    return PortalError.by_code.get(name) or _kind_by_status(name, status)


def _kind_by_status(name: str, status: int) -> type[PortalError]:
    if status >= 500:
        return PortalFailed
    if status == _OPERATING_TIME_USED_UP:
        return OperatingTimeUsedUp
    if name in _SAYS_NOTHING:
        return InItsOwnWords if status in _REFUSALS or name in _WITHOUT_A_CODE else PortalFailed
    return InItsOwnWords if status in (_UNAUTHORIZED, _FORBIDDEN) else Unexpected
