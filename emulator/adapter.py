"""The portal mounted on a `requests` session, without a port or a thread."""

import ssl
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse
from urllib3.exceptions import ProxyError

from .app import App
from .faults import ConnectionFault
from .messages import Request

_REASONS = {
    "refused": "[Errno 111] Connection refused",
    "dns": "[Errno -2] Name or service not known",
    "reset": "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
}
# OpenSSL's number and words for a certificate that it does not accept
_CERTIFICATES = {
    "tls": (20, "unable to get local issuer certificate"),
    "tls_name": (62, "Hostname mismatch, certificate is not valid for 'portal.test'."),
    "tls_expired": (10, "certificate has expired"),
}


class EmulatorAdapter(BaseAdapter):
    """Passes requests to an App. A fault of the connection raises the exception that `requests` raises for it."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self.app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer a prepared request."""
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = {**request.headers, "Host": str(request.url).split("/")[2]}
        try:
            answer = self.app.handle(Request(str(request.method), request.path_url, headers, body))
        except ConnectionFault as fault:
            self._raise(fault.kind, request, timeout)
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = HTTPResponse(
            BytesIO(answer.body), headers=answer.headers, status=answer.status, preload_content=False
        )
        response.url = str(request.url)
        response.request = request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Do nothing: no connection is open."""

    def _raise(self, kind: str, request: requests.PreparedRequest, timeout: Any) -> None:
        # the errors of urllib3 contain the path, and so the token
        prefix = f"HTTPSConnectionPool(host='portal', port=443): Max retries exceeded with url: {request.path_url}"
        if kind == "hang":
            read = timeout[1] if isinstance(timeout, tuple) else timeout
            self.app.portal.clock.sleep(float(read or 0))
            raise requests.exceptions.ReadTimeout(f"{prefix} (Read timed out. (read timeout={read}))", request=request)
        if kind == "connect_timeout":
            raise requests.exceptions.ConnectTimeout(f"{prefix} (Caused by ConnectTimeoutError)", request=request)
        if kind in _CERTIFICATES:
            raise requests.exceptions.SSLError(_refused_certificate(*_CERTIFICATES[kind]), prefix, request=request)
        if kind == "proxy_refuses":
            tunnel = ProxyError("Unable to connect to proxy", OSError("Tunnel connection failed: 407 Proxy Auth"))
            raise requests.exceptions.ProxyError(tunnel, prefix, request=request)
        if kind == "cut_connection":
            raise requests.exceptions.ChunkedEncodingError(
                f"{prefix} Connection broken: IncompleteRead", request=request
            )
        raise requests.exceptions.ConnectionError(f"{prefix} (Caused by {_REASONS[kind]})", request=request)


def _refused_certificate(code: int, words: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {words}")
    error.verify_code, error.verify_message = code, words
    return error
