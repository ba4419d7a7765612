"""The doctor's way out: one session of `requests`. It follows no redirect, and masks the token in what comes back."""

from collections.abc import Callable

import requests

from ..network import connection_error, pooled_session
from ..portal.reply import Reply
from ..portal.webhook import Webhook

_CONNECT_SECONDS, _READ_SECONDS = 10.0, 30.0
_BLOCK = 1 << 20  # bytes


class RequestsTransport:
    """Posts JSON. `session`: for tests."""

    def __init__(self, webhook: Webhook, session: requests.Session | None = None) -> None:
        self._token = webhook.token.encode()
        self._session = session or pooled_session()

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        """Send a JSON body and return the complete reply. Raises a PortalError whose text does not hold the URL."""
        try:
            with self._session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                on_first_byte()
                content = b"".join(response.iter_content(_BLOCK))
        except OSError as error:  # all that requests raises
            raise connection_error(error) from None
        location = response.headers.get("Location") if response.is_redirect else None
        return Reply(response.status_code, content.replace(self._token, b"****"), location)
