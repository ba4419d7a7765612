"""What `requests` raises, as an error of the reading library.

Leans on private and fragile parts of requests and urllib3; a test for each fails when one moves.
"""

import re
import ssl
from collections.abc import Iterator, Mapping

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError

from .portal.errors import (
    BadCaBundle,
    ExpiredCertificate,
    NotTrusted,
    PortalError,
    ProxyRefused,
    TimedOut,
    Unreachable,
    WrongCertificate,
)

_POOL = 32  # connections: more than requests in flight, since a slot is free before its answer is complete
# by OpenSSL's number of what it does not accept; everything else is a matter of trust
_CERTIFICATES: Mapping[int, type[PortalError]] = {
    9: ExpiredCertificate,  # not yet valid
    10: ExpiredCertificate,
    62: WrongCertificate,
    64: WrongCertificate,  # an IP address
}


def pooled_session() -> requests.Session:
    """Return a session with a connection for each request in flight."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def connection_error(error: Exception | None) -> PortalError:
    """Return the error for what `requests` raised, in our own words: its texts hold the URL, and the token with it."""
    if is_read_timeout(error):
        return TimedOut("", "no complete answer in time")
    if is_unusable_ca_bundle(error):
        return BadCaBundle("", "no trusted certificates could be read from it")
    certificate = certificate_error(error)
    if certificate:
        return _CERTIFICATES.get(certificate.verify_code, NotTrusted)("", certificate.verify_message)
    if isinstance(error, (requests.exceptions.InvalidProxyURL, requests.exceptions.InvalidSchema)):
        return ProxyRefused("", "HTTPS_PROXY is no address of an HTTP proxy")
    status = proxy_status(error)
    if status is not None:
        return (ProxyRefused if 400 <= status < 500 else Unreachable)("", f"the proxy answers {status}")
    reasons = {
        requests.exceptions.SSLError: "the secure connection failed",
        requests.exceptions.ProxyError: "the proxy cannot be reached",
        requests.exceptions.ConnectTimeout: "no connection in time",
        requests.exceptions.ChunkedEncodingError: "the connection broke while the answer came",
        requests.exceptions.ContentDecodingError: "the answer came damaged",
        requests.exceptions.ConnectionError: "no connection",
    }
    words = next((words for kind, words in reasons.items() if isinstance(error, kind)), None)
    return Unreachable("", words or "the request could not be sent")


def is_read_timeout(error: Exception | None) -> bool:
    """Whether the portal did not answer in time; in the middle of an answer, requests reports that as ConnectionError."""
    if isinstance(error, requests.exceptions.ConnectionError) and error.args:
        return isinstance(error.args[0], ReadTimeoutError)
    return isinstance(error, requests.exceptions.ReadTimeout)


def certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return what Python's ssl says about a certificate that it does not accept, deep inside what requests raised."""
    return next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)


def proxy_status(error: BaseException | None) -> int | None:
    """Return the HTTP status with which a proxy refused a tunnel; http.client has it in a text only."""
    found = (re.match(r"Tunnel connection failed: (\d{3})\b", str(one)) for one in _causes(error))
    return next((int(match[1]) for match in found if match), None)


def is_unusable_ca_bundle(error: BaseException | None) -> bool:
    """Whether the file of trusted authorities cannot be used.

    requests raises a plain OSError where there is none; ssl, inside an SSLError, where it may not be read or holds no
    certificate.
    """
    if not isinstance(error, requests.exceptions.SSLError):
        return not isinstance(error, requests.RequestException) and "CA certificate bundle" in str(error)
    return any(isinstance(one, PermissionError) or getattr(one, "library", None) == "X509" for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those inside it: urllib3 and requests put them into `args` and `reason`."""
    while error is not None:
        yield error
        inner = getattr(error, "reason", None)
        inside = [one for one in (inner, *error.args) if isinstance(one, BaseException)]
        error = inside[0] if inside else None
