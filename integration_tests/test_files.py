"""Invalid files on the command line: one config error each, no traceback, no records."""

import json
from typing import Any

import pytest

from integration_tests.harness import Connector, errors

_LEGACY = [{"type": "LEGACY", "data": {"deals": {"DATE_MODIFY": "2026-01-01"}}}]


def _config_error(connector: Connector, command: str, **files: Any) -> str:
    lines = list(connector.lines(command, **files))
    messages = [json.loads(line) for line in lines]
    assert connector.exit_code == 1
    assert not any("Traceback" in line or '"RECORD"' in line for line in lines)
    (error,) = errors(messages)
    assert error["failure_type"] == "config_error"
    return str(error["message"])


@pytest.mark.parametrize("content", ["garbage", "", '{"a": 1}', "[1, 2]", '"x"', '[{"type": "GLOBAL", "global": {}}]'])
def test_an_invalid_state_file_is_refused(connector: Connector, content: str) -> None:
    message = _config_error(connector, "read", catalog=connector.catalog(["deals"]), state=content)
    assert message.startswith("The file with the saved state does not hold what it should")


def test_a_legacy_state_is_refused(connector: Connector) -> None:
    message = _config_error(connector, "read", catalog=connector.catalog(["deals"]), state=json.dumps(_LEGACY))
    assert message.startswith("The saved state is in a form that this connector never wrote")


@pytest.mark.parametrize("content", ["garbage", "[]", '{"streams": [{"stream": 5}]}'])
def test_an_invalid_catalog_file_is_refused(connector: Connector, content: str) -> None:
    message = _config_error(connector, "read", catalog=content)
    assert message.startswith("The file with the configured catalog does not hold what it should")


@pytest.mark.parametrize("content", ["garbage", "[]", "7"])
@pytest.mark.parametrize("command", ["check", "discover"])
def test_an_invalid_config_file_is_refused(connector: Connector, command: str, content: str) -> None:
    connector.settings = content  # type: ignore[assignment]
    assert _config_error(connector, command).startswith("The file with the settings does not hold what it should")
