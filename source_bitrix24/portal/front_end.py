"""Answers that no portal gives: of a firewall, a proxy, another web server, or a page that asks people to log in (P7.16)."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .errors import (
    Barred,
    LoginPage,
    NotAPortal,
    OperatingTimeUsedUp,
    PortalError,
    PortalFailed,
    PortalMoved,
    ProxyRefused,
)

PROXY_LOGIN = 407
_PASSING = (408, 413, 425)  # too slow, too large, too early: a smaller or later request may pass
_BY_STATUS: Mapping[int, type[PortalError]] = {
    401: Barred,
    403: Barred,
    406: Barred,  # of ModSecurity
    PROXY_LOGIN: ProxyRefused,
    429: OperatingTimeUsedUp,  # P7.5: its body can be HTML
    451: Barred,
    495: Barred,  # of nginx, which wants a certificate of the client, as is 496
    496: Barred,
    511: Barred,
}
_PASSWORD_FIELD = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN = re.compile(
    r"(?<![a-z])(auth|oauth2?|authorize|log[-_]?(?:in|on)|sign[-_]?(?:in|on)|sso|saml2?|adfs|idp)(?![a-z])",
    re.IGNORECASE,
)


def error_from_page(method: str, status: int, body: bytes, reason: str) -> PortalError:
    """Return the error for an answer that holds neither a result nor an error. `reason`: what it is, in our words."""
    kind = _BY_STATUS.get(status)
    if kind:
        return kind(method, reason)
    if status < 500 and _PASSWORD_FIELD.search(body):
        return LoginPage(method, f"{reason}: a page that asks for a password")
    return _by_class(status)(method, reason)


def is_login_page(address: str) -> bool:
    """Whether an address looks like a page where people log in."""
    try:
        url = urlsplit(address)
    except ValueError:
        return False
    return bool(_LOGIN.search(f"{url.hostname or ''}{url.path}"))


def _by_class(status: int) -> type[PortalError]:
    if 300 <= status < 400:
        return PortalMoved
    if 400 <= status < 500 and status not in _PASSING:
        return NotAPortal
    return PortalFailed
