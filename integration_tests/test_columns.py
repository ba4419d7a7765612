"""Custom columns whose field lists are refused, or refused at the wrong moment."""

import logging
from pathlib import Path

import pytest

from emulator.app import App
from integration_tests.harness import Connector, errors, records

FIELD_LISTS = {"crm.deal.fields", "crm.deal.userfield.list"}


def test_refused_field_lists_leave_the_standard_columns_in_discovery_and_a_warning(
    app: App, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    app.webhook.may_not_read = set(FIELD_LISTS)
    with caplog.at_level(logging.WARNING):
        schemas = {one["name"]: one["json_schema"]["properties"] for one in connector.streams()}
    assert "TITLE" in schemas["deals"]
    assert not [column for column in schemas["deals"] if column.startswith("UF_")]
    assert [column for column in schemas["leads"] if column.startswith("UF_")]
    assert "The custom columns of deals are not known" in caplog.text


def test_custom_columns_keep_their_types_when_field_lists_are_refused_after_discovery(
    app: App, connector: Connector
) -> None:
    before = records(connector.read("deals"), "deals")
    app.webhook.may_not_read = set(FIELD_LISTS)
    assert records(connector.read("deals"), "deals") == before
    assert connector.exit_code == 0


@pytest.mark.parametrize("in_flight", [1, 4])
def test_no_untyped_rows_are_printed_when_the_webhook_is_revoked_before_their_fields_are_known(
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


def test_a_portal_that_fails_fails_discovery_with_a_sentence(app: App, connector: Connector) -> None:
    app.fault("bad_gateway", times=10_000)
    (error,) = errors(connector.messages("discover"))
    assert error["message"].startswith("The portal keeps failing")
    assert (error["failure_type"], connector.exit_code) == ("transient_error", 1)
