"""A test for each private or fragile part of requests and urllib3 that the connector leans on."""

import pytest
import requests
from urllib3.exceptions import MaxRetryError, ReadTimeoutError
from urllib3.exceptions import SSLError as TlsError

from source_bitrix24.network import is_read_timeout, is_unusable_ca_bundle


@pytest.mark.parametrize(
    ("error", "is_timeout"),
    [
        (requests.exceptions.ReadTimeout("Read timed out."), True),
        (requests.exceptions.ConnectionError(ReadTimeoutError(None, "", "Read timed out.")), True),  # type: ignore[arg-type]
        (requests.exceptions.ConnectTimeout("timed out"), False),
        (requests.exceptions.ConnectionError("refused"), False),
        (requests.exceptions.ConnectionError(), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_a_read_timeout_is_recognized_before_and_in_the_middle_of_an_answer(
    error: Exception | None, is_timeout: bool
) -> None:
    assert is_read_timeout(error) is is_timeout


@pytest.mark.parametrize(
    ("cause", "is_unusable"),
    [(PermissionError(13, "Permission denied"), True), (ConnectionResetError(104, "Connection reset by peer"), False)],
)
def test_a_file_of_authorities_that_may_not_be_read_is_told_from_a_broken_connection(
    cause: OSError, is_unusable: bool
) -> None:
    """Certificates, proxies and the other files are tested with real ones, in integration_tests/test_network.py."""
    error = requests.exceptions.SSLError(MaxRetryError(None, "/", TlsError(cause)))  # type: ignore[arg-type]
    assert is_unusable_ca_bundle(error) is is_unusable
    assert not is_unusable_ca_bundle(OSError(24, "Too many open files"))
