"""The tables as the CDK sees them, read through the CDK's own methods."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteMessage, ConfiguredAirbyteStream, DestinationSyncMode, SyncMode, Type
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.utils.schema_helpers import InternalConfig
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.airbyte.stream import TableStream
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.source import SourceBitrix24
from unit_tests.mounted import session_of

MARK = "2026-11-01T00:00:00+00:00"


@pytest.fixture
def app() -> App:
    app = App(sample_portal(PlayedClock(), deals=700, contacts=40, leads=20))
    app.limits.bucket.enabled = False
    return app


def streams_of(app: App, **settings: Any) -> dict[str, TableStream]:
    config = {"webhook_url": app.webhook_url, "concurrent_requests": 1, **settings}
    streams = SourceBitrix24(app.portal.clock, session_of(app)).streams(config)
    return {stream.name: stream for stream in streams if isinstance(stream, TableStream)}


def read(
    stream: TableStream, state: Mapping[str, Any] | None = None, mode: SyncMode = SyncMode.incremental
) -> Iterable[Any]:
    """Yield the rows and the messages that the CDK's own Stream.read makes of a stream."""
    configured = ConfiguredAirbyteStream(
        stream=stream.as_airbyte_stream(), sync_mode=mode, destination_sync_mode=DestinationSyncMode.append
    )
    stream.state = dict(state or {})  # as AbstractSource does before each read
    logger, slices, manager = logging.getLogger("airbyte"), DebugSliceLogger(), ConnectorStateManager()
    config = InternalConfig()  # type: ignore[call-arg]  # it has defaults
    return stream.read(configured, logger, slices, dict(state or {}), manager, config)


def read_all_slices(stream: TableStream) -> Iterable[Any]:
    """Yield what a stream reads of all its slices, without the CDK around them."""
    for one in stream.stream_slices(sync_mode=SyncMode.incremental):
        yield from stream.read_records(SyncMode.incremental, stream_slice=one)


def rows(outputs: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [one for one in outputs if not isinstance(one, AirbyteMessage)]


def states(outputs: Iterable[Any]) -> list[dict[str, Any]]:
    messages = [one for one in outputs if isinstance(one, AirbyteMessage) and one.type is Type.STATE]
    return [dict(vars(one.state.stream.stream_state)) for one in messages if one.state and one.state.stream]


def deals_of(app: App) -> list[int]:
    return sorted((row["ID"] for row in app.portal.visible("deal")), reverse=True)


def owners_with_rows(app: App) -> list[int]:
    return [deal for deal in deals_of(app) if app.portal.product_rows("deal", deal)]


def test_there_is_a_stream_for_each_table_and_none_costs_a_request(app: App) -> None:
    streams = streams_of(app)
    assert list(streams) == [table.name for table in TABLES]
    assert app.log == []


def test_a_table_is_read_by_itself_with_its_last_state_at_the_end(app: App) -> None:
    stream = streams_of(app)["deals"]
    outputs = list(read(stream))
    assert [row["ID"] for row in rows(outputs)] == deals_of(app)
    assert outputs.index(next(one for one in reversed(outputs) if one in rows(outputs))) < len(outputs) - 1
    last = states(outputs)[-1]
    assert (last["max_id"], "scan" in last) == (deals_of(app)[0], False)
    assert stream.state == last


def test_no_state_in_the_middle_claims_a_row_that_is_not_out(app: App) -> None:
    outputs = list(read(streams_of(app)["deals"]))
    seen: set[int] = set()
    belows = []
    for one in outputs:
        if not isinstance(one, AirbyteMessage):
            seen.add(one["ID"])
        else:
            (state,) = states([one])
            belows.append(state.get("scan", {"below": 1})["below"])
            assert {deal for deal in deals_of(app) if deal >= belows[-1]} <= seen
    assert len(belows) >= 2
    assert belows == sorted(belows, reverse=True)


def test_a_table_resumes_from_a_state_in_the_middle(app: App) -> None:
    outputs = list(read(streams_of(app)["deals"]))
    middle = next(state for state in states(outputs) if "scan" in state)
    resumed = list(read(streams_of(app)["deals"], middle))
    assert [row["ID"] for row in rows(resumed)] == [deal for deal in deals_of(app) if deal < middle["scan"]["below"]]
    assert states(resumed)[-1] == states(outputs)[-1]


def test_a_second_read_brings_what_has_changed(app: App) -> None:
    last = states(list(read(streams_of(app)["deals"])))[-1]
    app.portal.clock.sleep(3600)
    app.portal.update("deal", deals_of(app)[3], TITLE="Edited")
    assert [row["ID"] for row in rows(list(read(streams_of(app)["deals"], last)))] == [deals_of(app)[3]]


@pytest.mark.parametrize("name", ["deal_pipelines", "products", "deal_custom_field_values", "contact_companies"])
def test_a_table_of_any_kind_can_be_read_in_full(name: str, app: App) -> None:
    found = rows(list(read(streams_of(app)[name], mode=SyncMode.full_refresh)))
    portal = app.portal
    expected = {
        "deal_pipelines": [pipeline.id for pipeline in portal.pipelines],
        "products": sorted(portal.tables["product"].ids, reverse=True),
        "deal_custom_field_values": [
            deal
            for deal in deals_of(app)
            for one in portal.user_fields["deal"]
            if portal.tables["deal"].row(deal)[one.name] not in (None, [], "")
        ],
        "contact_companies": [
            contact
            for contact in sorted((row["ID"] for row in portal.visible("contact")), reverse=True)
            for _ in portal.companies_of(contact)
        ],
    }
    keys = {"contact_companies": "CONTACT_ID"}
    assert [row[keys.get(name, "ID")] for row in found] == expected[name]


def test_a_slice_of_product_rows_is_some_parents_with_the_state_that_their_rows_complete(app: App) -> None:
    stream = streams_of(app)["deal_products"]
    slices = [dict(one or {}) for one in stream.stream_slices(sync_mode=SyncMode.incremental)]
    parents = [int(parent["ID"]) for one in slices for parent in one["parents"]]
    assert parents == deals_of(app)
    assert slices[-1] == {"parents": [], "after": slices[-1]["after"]}
    assert "scan" not in slices[-1]["after"]
    for one in slices[:-1]:
        assert 0 < len(one["parents"]) <= 500
        assert one["after"]["scan"]["below"] == int(one["parents"][-1]["ID"])


def test_the_slices_of_product_rows_come_through_the_cdk_with_their_states(app: App) -> None:
    outputs = list(read(streams_of(app)["deal_products"]))
    owners = [row["OWNER_ID"] for row in rows(outputs)]
    assert list(dict.fromkeys(owners)) == owners_with_rows(app)
    assert len(owners) == sum(len(app.portal.product_rows("deal", deal)) for deal in deals_of(app))
    assert "scan" not in states(outputs)[-1]


def test_product_rows_resume_from_a_state_in_the_middle(app: App) -> None:
    outputs = list(read(streams_of(app)["deal_products"]))
    middle = next(state for state in states(outputs) if "scan" in state)
    resumed = list(read(streams_of(app)["deal_products"], middle))
    owners = list(dict.fromkeys(row["OWNER_ID"] for row in rows(resumed)))
    assert owners == [deal for deal in owners_with_rows(app) if deal < middle["scan"]["below"]] != []
    assert states(resumed)[-1] == states(outputs)[-1]


@pytest.mark.parametrize("name", ["deals", "deal_products"])
def test_a_state_comes_out_as_it_was_set(name: str, app: App) -> None:
    stream = streams_of(app)[name]
    assert stream.state == {}
    stream.state = {"DATE_MODIFY": MARK, "max_id": 7}
    assert stream.state == {"DATE_MODIFY": MARK, "max_id": 7}


def test_a_bad_state_is_a_failure_that_names_the_stream(app: App) -> None:
    with pytest.raises(AirbyteTracedException, match="The saved state of deals cannot be used"):
        streams_of(app)["deals"].state = {"max_id": "many"}


@pytest.mark.parametrize("name", ["deals", "deal_products", "deal_pipelines"])
def test_an_error_of_the_portal_is_the_platforms_exception(name: str, app: App) -> None:
    streams = streams_of(app)
    app.fault("revoked", times=99)
    stream = streams[name]
    with pytest.raises(AirbyteTracedException, match="Bitrix24 does not accept this webhook"):
        list(read_all_slices(stream))


def test_custom_fields_are_columns_with_type_and_label(app: App) -> None:
    stream = streams_of(app)["deals"]
    column = stream.get_json_schema()["properties"]["UF_CRM_INTEGER_LIST"]
    assert (column["type"], column["title"]) == (["null", "array"], "Seats (several)")
    assert stream.get_json_schema() is stream.get_json_schema()


def test_a_portal_that_fails_fails_the_schema_with_a_sentence(app: App) -> None:
    stream = streams_of(app)["deals"]
    app.fault("revoked", times=99)
    with pytest.raises(AirbyteTracedException, match="Bitrix24 does not accept this webhook"):
        stream.get_json_schema()


@pytest.mark.parametrize(
    ("name", "is_resumable"), [("deals", True), ("products", True), ("deal_products", True), ("deal_pipelines", False)]
)
def test_a_table_that_comes_in_one_answer_cannot_be_resumed(name: str, is_resumable: bool, app: App) -> None:
    assert streams_of(app)[name].is_resumable is is_resumable


def test_a_stream_names_the_address_that_its_requests_go_to(app: App) -> None:
    stream = streams_of(app)["deals"]
    assert (stream.url_base + stream.path(), stream.http_method) == (app.webhook_url + "batch", "POST")
