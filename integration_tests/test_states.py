"""Saved states from any source: the sync resumes from them or refuses them with a message; none is silently ignored."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, Row, State, differences, errors, records, states
from integration_tests.test_run import catalog_of, command_line, portal_on_a_socket, run_program

CONFIGS = Path(__file__).parent / "configs"
MARK = "2026-11-01T00:00:00+00:00"
_SINCE = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(minutes=5)
_ID_COLUMNS = {
    "deals": "ID",
    "deal_products": "OWNER_ID",
    "deal_stage_history": "ID",
    "deal_custom_field_values": "ID",
}
_KEYS = {"deal_custom_field_values": ("ID", "FIELD_NAME"), "deal_products": ("OWNER_ID", "POSITION")}
_CURSORS = {"deal_stage_history": "CREATED_TIME"}
_SENTINELS = [{"__ab_full_refresh_sync_complete": True}, {"__ab_no_cursor_state_message": True}]


def _state(name: str, blob: Any) -> State:
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": blob}}]


def _timestamp(row: Row, cursor: str) -> datetime:
    return datetime.fromisoformat(row[cursor])


def _expected(app: App, name: str, above: int | None, since: datetime) -> list[Row]:
    cursor, id_column = _CURSORS.get(name, "DATE_MODIFY"), _ID_COLUMNS[name]
    return [
        row
        for row in expected_rows(app.portal, name)
        if _timestamp(row, cursor) >= since or (above is not None and row[id_column] > above)
    ]


def _read(connector: Connector, name: str, blob: Any) -> list[Message]:
    return connector.read(name, state=_state(name, blob))


@pytest.mark.parametrize("name", _ID_COLUMNS)
@pytest.mark.parametrize(
    "mark", [MARK, "2026-11-01T03:00:00+03:00", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00", "2026-11-01"]
)
def test_with_only_a_watermark_as_other_connectors_save_it_rows_since_then_less_the_lookback_are_read(
    connector: Connector, name: str, mark: str
) -> None:
    connector.settings["reconcile_days"] = 0
    messages = _read(connector, name, {_CURSORS.get(name, "DATE_MODIFY"): mark})
    expected = _expected(connector.app, name, None, _SINCE)
    assert connector.exit_code == 0
    assert differences(records(messages, name), expected, _KEYS.get(name, ("ID",))) == []
    assert 0 < len(expected) < len(expected_rows(connector.app.portal, name))


@pytest.mark.parametrize("name", _ID_COLUMNS)
def test_with_a_watermark_and_a_greatest_id_rows_newer_than_either_are_read(connector: Connector, name: str) -> None:
    connector.settings["reconcile_days"] = 0
    messages = _read(connector, name, {_CURSORS.get(name, "DATE_MODIFY"): MARK, "max_id": 80})
    expected = _expected(connector.app, name, 80, _SINCE)
    assert differences(records(messages, name), expected, _KEYS.get(name, ("ID",))) == []
    assert len(expected) > len(_expected(connector.app, name, None, _SINCE))


def test_after_a_watermark_of_another_connector_the_sets_of_all_other_parents_are_read_too_once(
    connector: Connector,
) -> None:
    messages = _read(connector, "deal_products", {"DATE_MODIFY": MARK})
    rows, changed = records(messages, "deal_products"), _expected(connector.app, "deal_products", None, _SINCE)
    key = _KEYS["deal_products"]
    assert differences(rows[: len(changed)], changed, key) == []
    everything = expected_rows(connector.app.portal, "deal_products")
    assert (differences(rows, everything, key), len(rows)) == ([], len(everything))
    assert records(_read(connector, "deal_products", states(messages, "deal_products")[-1]), "deal_products") == []


def test_the_sync_after_a_watermark_without_a_greatest_id_reads_imported_rows_with_old_dates(
    connector: Connector,
) -> None:
    first = _read(connector, "deals", {"DATE_MODIFY": MARK})
    old = connector.app.portal.now() - timedelta(days=400)
    imported = connector.app.portal.import_row("deal", TITLE="Old", DATE_CREATE=old, DATE_MODIFY=old)
    second = _read(connector, "deals", states(first, "deals")[-1])
    assert [row["ID"] for row in records(second, "deals")] == [imported]


@pytest.mark.parametrize("blob", [None, {}, *_SENTINELS], ids=str)
@pytest.mark.parametrize("name", ["deals", "deal_products", "products", "deal_pipelines"])
def test_with_an_empty_state_or_a_full_refresh_sentinel_all_rows_are_read(
    connector: Connector, name: str, blob: Any
) -> None:
    messages = _read(connector, name, blob)
    assert connector.exit_code == 0
    expected = expected_rows(connector.app.portal, name)
    assert differences(records(messages, name), expected, _KEYS.get(name, ("ID",))) == []


@pytest.mark.parametrize(
    "blob",
    [
        {"UPDATED_AT": MARK},
        {"deals": {"DATE_MODIFY": MARK}},
        {"DATE_MODIFY": MARK, "newest": 7},
        {"DATE_MODIFY": MARK, "__ab_no_cursor_state_message": True},
        {"__ab_full_refresh_sync_complete": False},
        {"DATE_MODIFY": "yesterday"},
        {"DATE_MODIFY": ""},
        {"DATE_MODIFY": 1_764_547_200},
        {"DATE_MODIFY": -1},
        {"DATE_MODIFY": True},
        {"DATE_MODIFY": [MARK]},
        {"DATE_MODIFY": {"value": MARK}},
        {"DATE_MODIFY": MARK, "max_id": -1},
        {"DATE_MODIFY": MARK, "max_id": "100"},
        {"DATE_MODIFY": MARK, "max_id": 100.0},
        {"DATE_MODIFY": MARK, "max_id": True},
        {"DATE_MODIFY": MARK, "max_id": [100]},
        {"DATE_MODIFY": MARK, "look_back": -1},
        {"DATE_MODIFY": MARK, "portal": "portal.test"},
        {"DATE_MODIFY": MARK, "portal": {"name": "portal.test"}},
        {"DATE_MODIFY": MARK, "portal": {"host": "portal.test", "record": "7", "created": MARK}},
        {"DATE_MODIFY": MARK, "scan": []},
        {"DATE_MODIFY": MARK, "scan": "in progress"},
        {"DATE_MODIFY": MARK, "scan": {"below": 60}},
        {"scan": {"mark": MARK, "below": -60}},
        {"scan": {"mark": MARK, "below": "60"}},
        {"scan": {"mark": "yesterday", "below": 60}},
    ],
    ids=str,
)
def test_an_invalid_state_is_refused_with_one_config_error_and_other_streams_are_read(
    connector: Connector, blob: Any
) -> None:
    catalog = connector.catalog(["contacts", "deals"])
    lines = list(connector.lines("read", catalog=catalog, state=_state("deals", blob)))
    messages = [json.loads(line) for line in lines]
    assert connector.exit_code == 1
    refused = errors(messages)[0]
    assert refused["message"].startswith("The saved state of deals cannot be used: ")
    assert refused["message"].endswith("Clear this stream in Airbyte to read the table again.")
    assert (refused["failure_type"], refused["stream_descriptor"]["name"]) == ("config_error", "deals")
    assert (records(messages, "deals"), states(messages, "deals")) == ([], [])
    assert len(records(messages, "contacts")) == len(expected_rows(connector.app.portal, "contacts"))
    assert not [line for line in _without_summary(lines) if "Traceback" in line]


@pytest.mark.parametrize("name", ["products", "catalogs", "deal_pipelines", "deal_custom_field_definitions"])
@pytest.mark.parametrize("blob", [{"DATE_MODIFY": MARK}, {"DATE_MODIFY": MARK, "max_id": 7}], ids=str)
def test_a_watermark_for_a_table_without_a_cursor_is_refused(connector: Connector, name: str, blob: Any) -> None:
    messages = _read(connector, name, blob)
    assert errors(messages)[0]["message"].startswith(f"The saved state of {name} cannot be used: ")
    assert records(messages, name) == []


def test_a_scan_saved_without_a_watermark_resumes_and_the_next_sync_is_incremental(connector: Connector) -> None:
    first = _read(connector, "deals", {"scan": {"mark": "2026-11-30T03:00:00+03:00", "max_id": 128, "below": 60}})
    expected = expected_rows(connector.app.portal, "deals")
    assert differences(records(first, "deals"), [row for row in expected if row["ID"] < 60], ("ID",)) == []
    last = states(first, "deals")[-1]
    final = {name: part for name, part in last.items() if name not in {"dates", "portal", "rows"}}
    assert final == {"DATE_MODIFY": "2026-11-30T03:00:00+03:00", "max_id": 128}
    assert records(_read(connector, "deals", states(first, "deals")[-1]), "deals") == []


@pytest.mark.parametrize("name", ["leads", "smart_invoices"])
def test_a_state_of_a_stream_that_is_not_selected_is_ignored(connector: Connector, name: str) -> None:
    messages = connector.read("deals", state=_state("deals", {"DATE_MODIFY": MARK}) + _state(name, {"any": ["thing"]}))
    assert connector.exit_code == 0
    assert len(records(messages, "deals")) == len(_expected(connector.app, "deals", None, _SINCE))


def test_of_two_states_of_a_stream_the_last_is_used(connector: Connector) -> None:
    twice = _state("deals", {"DATE_MODIFY": "2024-01-01"}) + _state("deals", {"DATE_MODIFY": MARK})
    messages = connector.read("deals", state=twice)
    assert len(records(messages, "deals")) == len(_expected(connector.app, "deals", None, _SINCE))


def test_a_sync_resumes_from_stream_states_in_a_global_state(connector: Connector) -> None:
    stream_states = {"stream_states": [_state("deals", {"DATE_MODIFY": MARK})[0]["stream"]]}
    messages = connector.read("deals", state=[{"type": "GLOBAL", "global": stream_states}])
    assert len(records(messages, "deals")) == len(_expected(connector.app, "deals", None, _SINCE))


@pytest.mark.parametrize("content", ["[]", "{}", "null"])
def test_with_a_state_file_without_states_all_rows_are_read(connector: Connector, content: str) -> None:
    lines = connector.lines("read", catalog=connector.catalog(["deals"]), state=content)
    rows = records([json.loads(line) for line in lines], "deals")
    assert differences(rows, expected_rows(connector.app.portal, "deals"), ("ID",)) == []


def test_with_watermarks_in_the_future_no_row_and_one_state_a_stream_are_printed(tmp_path: Path) -> None:
    portal = sample_portal(PlayedClock(), deals=120)
    portal.clock.sleep(86_400)  # the newest entry of the stage history is made when the portal starts
    connector = Connector(App(portal), tmp_path)
    catalog, future = (
        json.loads((CONFIGS / name).read_text()) for name in ("configured_catalog.json", "future_state.json")
    )
    names = [state["stream"]["stream_descriptor"]["name"] for state in future]
    selected = {"streams": [stream for stream in catalog["streams"] if stream["stream"]["name"] in names]}
    messages = connector.messages("read", catalog=selected, state=future)
    assert connector.exit_code == 0
    assert [message for message in messages if message["type"] == "RECORD"] == []
    assert {name: len(states(messages, name)) for name in names} == dict.fromkeys(names, 1)


def _without_summary(lines: list[str]) -> Iterator[str]:
    """The lines without the CDK's closing summary of failed streams."""
    return (line for line in lines if "During the sync, the following streams did not sync successfully" not in line)


def test_the_program_logs_no_traceback_for_an_invalid_state(tmp_path: Path) -> None:
    with portal_on_a_socket() as app:
        files = {"config": {"webhook_url": app.webhook_url}, "catalog": catalog_of("deals", "contacts")}
        line = command_line(tmp_path, "read", **files, state=_state("deals", {"DATE_MODIFY": "yesterday"}))
        process = run_program(line)
    assert (process.returncode, process.stderr) == (1, "")
    lines = process.stdout.splitlines()
    assert not [line for line in _without_summary(lines) if "Traceback" in line]
    messages = [json.loads(line) for line in lines]
    assert errors(messages)[0]["message"].startswith("The saved state of deals cannot be used: a time in it")
    assert records(messages, "contacts")
