"""The way out: the CDK's HTTP client behind the one-method seam of portal/client.py. It masks the token."""

import logging
import threading
from collections.abc import Callable

import requests
from airbyte_cdk.sources.streams.http import HttpClient
from airbyte_cdk.sources.streams.http.error_handlers import ErrorHandler, ErrorResolution, ResponseAction
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from ..network import connection_error, pooled_session
from ..portal.errors import PortalError
from ..portal.reply import Reply
from ..portal.webhook import Webhook

_CONNECT_SECONDS = 10
_MASK = b"****"
_BLOCK = 1 << 20  # bytes: answers are megabytes


class HttpTransport:
    """Posts JSON through one `HttpClient`, from any thread. The client only moves the bytes: retries are the library's.

    The webhook's token is masked in every answer, since a portal puts it into some links that it sends, and in every line of
    the log.
    """

    def __init__(self, webhook: Webhook, read_seconds: float, session: requests.Session | None = None) -> None:
        for secret in webhook.secrets:
            add_to_secrets(secret)
        self._token = webhook.token.encode()
        self._failures = _Failures()
        logger = logging.getLogger("airbyte.bitrix24.http")
        if not logger.isEnabledFor(logging.DEBUG):
            logger.setLevel(logging.WARNING)  # the client would log each failure that is retried
        self._client = HttpClient(
            name="bitrix24",
            logger=logger,
            error_handler=self._failures,
            session=session or pooled_session(),
            disable_retries=True,
            request_timeout=(_CONNECT_SECONDS, read_seconds),
        )

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        """Send a JSON body, call `on_first_byte` when the portal starts to answer, and return the complete reply.

        Raises a PortalError if no reply came. Follows no redirect.
        """
        try:
            _, response = self._client.send_request(
                http_method="POST",
                url=url,
                headers={"Content-Type": "application/json"},
                data=body,  # type: ignore[arg-type]  # bytes work, the annotation forgets them
                request_kwargs={"allow_redirects": False, "stream": True},
            )
            failure = self._failures.take()
            if failure:
                raise failure
            on_first_byte()
            with response:
                content = b"".join(response.iter_content(_BLOCK))
        except OSError as error:  # of requests, before the request or while its body came, or about REQUESTS_CA_BUNDLE
            raise connection_error(error) from None
        if self._token in content:
            content = content.replace(self._token, _MASK)
        return Reply(response.status_code, content, response.headers.get("Location") if response.is_redirect else None)


class _Failures(ErrorHandler):
    """Accepts every response as it is, and keeps what `requests` raised, without its text, until the next request.

    The text holds the URL's path, and the token with it. The client returns no response then; many threads share it.
    """

    def __init__(self) -> None:
        self._of_thread = threading.local()

    @property
    def max_retries(self) -> int:
        return 0

    @property
    def max_time(self) -> int:
        return 0

    def interpret_response(self, response_or_exception: requests.Response | Exception | None) -> ErrorResolution:
        self._of_thread.failure = None
        if isinstance(response_or_exception, requests.Response):
            return ErrorResolution(ResponseAction.SUCCESS, None, None)
        self._of_thread.failure = failure = connection_error(response_or_exception)
        return ErrorResolution(ResponseAction.IGNORE, None, str(failure))

    def take(self) -> PortalError | None:
        """Return the failure of this thread's last request."""
        failure: PortalError | None = self._of_thread.failure
        return failure
