import logging
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, errors, records
from source_bitrix24.source import SourceBitrix24
from source_bitrix24.streams.base import TableStream

MARK = "2026-11-01T00:00:00+00:00"


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=30))


@pytest.fixture
def connector(app: App, tmp_path: Path) -> Connector:
    return Connector(app, tmp_path)


def _stream(app: App, name: str) -> TableStream[Any]:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    streams = SourceBitrix24(app.portal.clock, session).streams({"webhook_url": app.webhook_url})
    (stream,) = [one for one in streams if one.name == name]
    assert isinstance(stream, TableStream)
    return stream


def test_a_state_comes_out_as_it_went_in(app: App) -> None:
    stream = _stream(app, "deals")
    state = {"DATE_MODIFY": MARK, "max_id": 7}
    stream.state = dict(state)
    assert stream.state == state


def test_streams_know_where_their_rows_come_from(app: App) -> None:
    stream = _stream(app, "deals")
    response = requests.Response()
    response._content = b'{"result": {"result": {"a": [{"ID": "2"}, {"ID": "1"}], "b": []}}}'
    assert (stream.url_base + stream.path(), stream.http_method) == (app.webhook_url + "batch", "POST")
    assert list(stream.parse_response(response)) == [{"ID": "2"}, {"ID": "1"}]
    assert stream.next_page_token(response) is None


def test_making_streams_and_choosing_columns_asks_the_portal_nothing(app: App) -> None:
    _stream(app, "deals").configured_json_schema = {"properties": {"ID": {}}}
    assert app.log == []


def test_custom_fields_are_columns_with_their_type_and_name(app: App) -> None:
    column = _stream(app, "deals").get_json_schema()["properties"]["UF_CRM_INTEGER_LIST"]
    assert (column["type"], column["title"]) == (["null", "array"], "Seats (several)")


def test_where_custom_fields_may_not_be_read_the_standard_columns_are_discovered_and_the_log_says_so(
    app: App, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    app.webhook.may_not_read = {"crm.deal.fields", "crm.deal.userfield.list"}
    with caplog.at_level(logging.WARNING):
        schemas = {one["name"]: one["json_schema"]["properties"] for one in connector.streams()}
    assert "TITLE" in schemas["deals"]
    assert not [column for column in schemas["deals"] if column.startswith("UF_")]
    assert [column for column in schemas["leads"] if column.startswith("UF_")]
    assert "The custom columns of deals are not known" in caplog.text


@pytest.mark.parametrize("in_flight", [1, 4])
def test_rows_are_not_printed_untyped_because_the_webhook_is_taken_back_before_their_fields_are_known(
    app: App, tmp_path: Path, in_flight: int
) -> None:
    connector = Connector(app, tmp_path, concurrent_requests=in_flight)
    catalog = connector.catalog(["deals"])
    app.fault("revoked", at=2, times=1000)
    assert [line["type"] for line in connector.messages("read", catalog=catalog) if line["type"] == "RECORD"] == []
    assert connector.exit_code == 1


def test_a_portal_that_fails_while_columns_are_asked_for_fails_discover_with_a_sentence(connector: Connector) -> None:
    connector.app.fault("bad_gateway", times=10_000)
    (error,) = errors(connector.messages("discover"))
    assert error["message"].startswith("The portal keeps failing")
    assert (error["failure_type"], connector.exit_code) == ("transient_error", 1)


def test_a_state_that_cannot_be_used_stops_its_stream_only(connector: Connector) -> None:
    bad = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "deals"}, "stream_state": {"max_id": "many"}}}]
    messages = connector.read("contacts", "deals", state=bad)
    assert errors(messages)[0]["message"].startswith("The saved state of deals cannot be used: a number in it is none")
    assert (records(messages, "deals"), connector.exit_code) == ([], 1)
    assert records(messages, "contacts")
