"""The way out: the CDK's HTTP client behind the library's one-method seam."""

import logging
from collections.abc import Callable

import requests
from airbyte_cdk.sources.streams.http import HttpClient
from airbyte_cdk.sources.streams.http.error_handlers import ErrorHandler, ErrorResolution, ResponseAction
from urllib3.exceptions import ReadTimeoutError

from .portal.errors import TimedOut, Unreachable
from .portal.reply import Reply
from .portal.webhook import Webhook

_CONNECT_SECONDS = 10
_MASK = b"****"
_PIECE = 1 << 20  # bytes: answers are megabytes


class HttpTransport:
    """Posts JSON through one `HttpClient`, which all streams share. Shows the webhook's token to nobody.

    Retries, pauses and the meaning of answers are the library's; the CDK only moves the bytes. A portal puts the token into
    some links that it sends, so it is masked in every answer.
    """

    def __init__(self, webhook: Webhook, read_seconds: float, session: requests.Session | None = None) -> None:
        self._token = webhook.token.encode()
        self.http_client = HttpClient(
            name="bitrix24",
            logger=logging.getLogger("airbyte.bitrix24.http"),
            error_handler=_Reasons(),
            session=session or requests.Session(),
            disable_retries=True,
            request_timeout=(_CONNECT_SECONDS, read_seconds),
        )

    def post(self, url: str, body: bytes, on_answer: Callable[[], None]) -> Reply:
        """Send a JSON body, call `on_answer` once the portal begins to answer, and return when all of it is there.

        Raises Unreachable or TimedOut; follows no redirect.
        """
        try:
            _, response = self.http_client.send_request(
                http_method="POST",
                url=url,
                headers={"Content-Type": "application/json"},
                data=body,  # type: ignore[arg-type]  # bytes work, the annotation forgets them
                request_kwargs={"allow_redirects": False, "stream": True},
            )
            on_answer()
            with response:
                content = b"".join(response.iter_content(_PIECE))
        except requests.RequestException as error:  # before it was sent, since the address is none, or in its body
            if _is_a_read_timeout(error):
                raise TimedOut("", "no whole answer in time") from None
            raise Unreachable("", _reason(error)) from None
        if self._token in content:
            content = content.replace(self._token, _MASK)
        return Reply(response.status_code, content, response.headers.get("Location") if response.is_redirect else None)


class _Reasons(ErrorHandler):
    """Takes every answer as it is, and turns what `requests` raises into our errors, without its texts.

    Those texts hold the URL's path, and the token with it.
    """

    @property
    def max_retries(self) -> int:
        return 0

    @property
    def max_time(self) -> int:
        return 0

    def interpret_response(self, response_or_exception: requests.Response | Exception | None) -> ErrorResolution:
        if isinstance(response_or_exception, requests.Response):
            return ErrorResolution(ResponseAction.SUCCESS, None, None)
        if _is_a_read_timeout(response_or_exception):
            raise TimedOut("", "no answer in time") from None
        raise Unreachable("", _reason(response_or_exception)) from None


def _is_a_read_timeout(error: Exception | None) -> bool:
    """Also one in the middle of an answer, which `requests` wraps as if the connection had broken."""
    if isinstance(error, requests.exceptions.ConnectionError) and error.args:
        return isinstance(error.args[0], ReadTimeoutError)
    return isinstance(error, requests.exceptions.ReadTimeout)


def _reason(error: Exception | None) -> str:
    """What kept us from an answer, in words of our own."""
    reasons = {
        requests.exceptions.SSLError: "the secure connection failed",
        requests.exceptions.ProxyError: "the proxy refused",
        requests.exceptions.ConnectTimeout: "no connection in time",
        requests.exceptions.ChunkedEncodingError: "the connection broke while the answer came",
        requests.exceptions.ContentDecodingError: "the answer came damaged",
        requests.exceptions.ConnectionError: "no connection",
    }
    return next((words for kind, words in reasons.items() if isinstance(error, kind)), "the request could not be sent")
