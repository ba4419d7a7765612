"""Custom columns when the portal refuses field lists, before or after discovery."""

import logging
from pathlib import Path

import pytest

from emulator.app import App
from integration_tests.harness import Connector, errors, records

FIELD_LISTS = {"crm.deal.fields", "crm.deal.userfield.list"}


def test_when_field_lists_are_refused_discover_returns_standard_columns_and_logs_a_warning(
    app: App, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    app.webhook.may_not_read = set(FIELD_LISTS)
    with caplog.at_level(logging.WARNING):
        schemas = {stream["name"]: stream["json_schema"]["properties"] for stream in connector.streams()}
    assert "TITLE" in schemas["deals"]
    assert not [column for column in schemas["deals"] if column.startswith("UF_")]
    assert [column for column in schemas["leads"] if column.startswith("UF_")]
    assert "Some columns of deals are not known: crm.deal.fields: Access denied" in caplog.text


def test_when_field_lists_are_refused_after_discovery_custom_columns_keep_their_types(
    app: App, connector: Connector
) -> None:
    connector.settings["label_columns"] = False
    before = records(connector.read("deals"), "deals")
    app.webhook.may_not_read = set(FIELD_LISTS)
    assert records(connector.read("deals"), "deals") == before
    assert connector.exit_code == 0


@pytest.mark.parametrize("in_flight", [1, 4])
def test_when_the_webhook_is_revoked_before_the_fields_are_known_no_untyped_row_is_printed(
    app: App, tmp_path: Path, in_flight: int
) -> None:
    connector = Connector(app, tmp_path, concurrent_requests=in_flight)
    catalog = connector.catalog(["deals"])
    del catalog["streams"][0]["stream"]["json_schema"]["properties"]
    app.log.clear()
    app.fault("revoked", method="crm.deal.userfield.list", times=1000)
    messages = connector.messages("read", catalog=catalog)
    assert records(messages, "deals") == []
    assert connector.exit_code == 1


def test_when_the_portal_keeps_failing_discover_fails_with_a_transient_error(app: App, connector: Connector) -> None:
    app.fault("bad_gateway", times=10_000)
    (error,) = errors(connector.messages("discover"))
    assert error["message"].startswith("The portal keeps failing")
    assert (error["failure_type"], connector.exit_code) == ("transient_error", 1)
