"""Files on the command line that cannot be used: one sentence each, no traceback, nothing read."""

import json
from typing import Any

import pytest

from integration_tests.harness import Connector, errors

_LEGACY = [{"type": "LEGACY", "data": {"deals": {"DATE_MODIFY": "2026-01-01"}}}]


def _told(connector: Connector, command: str, **files: Any) -> str:
    lines = list(connector.lines(command, **files))
    messages = [json.loads(line) for line in lines]
    assert connector.exit_code == 1
    assert not any("Traceback" in line or '"RECORD"' in line for line in lines)
    (error,) = errors(messages)
    assert error["failure_type"] == "config_error"
    return str(error["message"])


@pytest.mark.parametrize("content", ["garbage", "", '{"a": 1}', "[1, 2]", '"x"', '[{"type": "GLOBAL", "global": {}}]'])
def test_a_state_file_that_is_none_is_refused(connector: Connector, content: str) -> None:
    told = _told(connector, "read", catalog=connector.catalog(["deals"]), state=content)
    assert told.startswith("The file with the saved state does not hold what it should")


def test_a_state_from_before_there_were_streams_is_refused(connector: Connector) -> None:
    told = _told(connector, "read", catalog=connector.catalog(["deals"]), state=json.dumps(_LEGACY))
    assert told.startswith("The saved state is in a form that this connector never wrote")


@pytest.mark.parametrize("content", ["garbage", "[]", '{"streams": [{"stream": 5}]}'])
def test_a_catalog_file_that_is_none_is_refused(connector: Connector, content: str) -> None:
    told = _told(connector, "read", catalog=content)
    assert told.startswith("The file with the configured catalog does not hold what it should")


@pytest.mark.parametrize("content", ["garbage", "[]", "7"])
@pytest.mark.parametrize("command", ["check", "discover"])
def test_a_settings_file_that_is_none_is_refused(connector: Connector, command: str, content: str) -> None:
    connector.settings = content  # type: ignore[assignment]
    assert _told(connector, command).startswith("The file with the settings does not hold what it should")
