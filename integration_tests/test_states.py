"""States as a platform or a person may hand them over: continued from, or refused in a sentence, never quietly forgotten."""

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
_WITH_CURSOR = {
    "deals": "ID",
    "deal_products": "OWNER_ID",
    "deal_stage_history": "ID",
    "deal_custom_field_values": "ID",
}
_KEYS = {"deal_custom_field_values": ("ID", "FIELD_NAME")}
_CURSORS = {"deal_stage_history": "CREATED_TIME"}
_SENTINELS = [{"__ab_full_refresh_sync_complete": True}, {"__ab_no_cursor_state_message": True}]


def _state(name: str, blob: Any) -> State:
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": blob}}]


def _moment(row: Row, cursor: str) -> datetime:
    return datetime.fromisoformat(row[cursor])


def _expected(app: App, name: str, above: int | None, since: datetime) -> list[Row]:
    cursor, parent = _CURSORS.get(name, "DATE_MODIFY"), _WITH_CURSOR[name]
    return [
        row
        for row in expected_rows(app.portal, name)
        if _moment(row, cursor) >= since or (above is not None and row[parent] > above)
    ]


def _read(connector: Connector, name: str, blob: Any) -> list[Message]:
    return connector.read(name, state=_state(name, blob))


@pytest.mark.parametrize("name", _WITH_CURSOR)
@pytest.mark.parametrize(
    "mark", [MARK, "2026-11-01T03:00:00+03:00", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00", "2026-11-01"]
)
def test_a_mark_alone_as_other_connectors_leave_it_is_continued_from(
    connector: Connector, name: str, mark: str
) -> None:
    messages = _read(connector, name, {_CURSORS.get(name, "DATE_MODIFY"): mark})
    expected = _expected(connector.app, name, None, _SINCE)
    assert connector.exit_code == 0
    assert differences(records(messages, name), expected, _KEYS.get(name, ("ID",))) == []
    assert 0 < len(expected) < len(expected_rows(connector.app.portal, name))


@pytest.mark.parametrize("name", _WITH_CURSOR)
def test_a_mark_and_a_greatest_id_bring_what_is_newer_than_either(connector: Connector, name: str) -> None:
    messages = _read(connector, name, {_CURSORS.get(name, "DATE_MODIFY"): MARK, "max_id": 80})
    expected = _expected(connector.app, name, 80, _SINCE)
    assert differences(records(messages, name), expected, _KEYS.get(name, ("ID",))) == []
    assert len(expected) > len(_expected(connector.app, name, None, _SINCE))


def test_after_a_mark_alone_rows_imported_with_old_dates_are_found_again(connector: Connector) -> None:
    first = _read(connector, "deals", {"DATE_MODIFY": MARK})
    old = connector.app.portal.now() - timedelta(days=400)
    imported = connector.app.portal.import_row("deal", TITLE="Old", DATE_CREATE=old, DATE_MODIFY=old)
    second = _read(connector, "deals", states(first, "deals")[-1])
    assert [row["ID"] for row in records(second, "deals")] == [imported]


@pytest.mark.parametrize("blob", [None, {}, *_SENTINELS], ids=str)
@pytest.mark.parametrize("name", ["deals", "deal_products", "products", "deal_pipelines"])
def test_a_state_that_says_nothing_was_read_incrementally_reads_all(connector: Connector, name: str, blob: Any) -> None:
    key = ("id",) if name == "deal_pipelines" else ("ID",)
    messages = _read(connector, name, blob)
    assert connector.exit_code == 0
    assert differences(records(messages, name), expected_rows(connector.app.portal, name), key) == []


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
        {"DATE_MODIFY": MARK, "scan": []},
        {"DATE_MODIFY": MARK, "scan": "under way"},
        {"DATE_MODIFY": MARK, "scan": {"below": 60}},
        {"scan": {"mark": MARK, "below": -60}},
        {"scan": {"mark": MARK, "below": "60"}},
        {"scan": {"mark": "yesterday", "below": 60}},
    ],
    ids=str,
)
def test_a_state_that_cannot_be_read_is_refused_in_a_sentence_and_other_tables_are_read(
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
    assert not [line for line in _but_the_summary(lines) if "Traceback" in line]


@pytest.mark.parametrize("name", ["products", "catalogs", "deal_pipelines", "deal_custom_field_definitions"])
@pytest.mark.parametrize("blob", [{"DATE_MODIFY": MARK}, {"DATE_MODIFY": MARK, "max_id": 7}], ids=str)
def test_a_mark_for_a_table_that_has_no_cursor_is_refused(connector: Connector, name: str, blob: Any) -> None:
    messages = _read(connector, name, blob)
    assert errors(messages)[0]["message"].startswith(f"The saved state of {name} cannot be used: ")
    assert records(messages, name) == []


def test_a_sync_that_began_before_its_table_had_a_cursor_is_finished_and_then_followed(connector: Connector) -> None:
    first = _read(connector, "deals", {"scan": {"mark": "2026-11-30T03:00:00+03:00", "max_id": 128, "below": 60}})
    held = expected_rows(connector.app.portal, "deals")
    assert differences(records(first, "deals"), [row for row in held if row["ID"] < 60], ("ID",)) == []
    assert states(first, "deals")[-1] == {"DATE_MODIFY": "2026-11-30T03:00:00+03:00", "max_id": 128}
    assert records(_read(connector, "deals", states(first, "deals")[-1]), "deals") == []


@pytest.mark.parametrize("name", ["leads", "smart_invoices"])
def test_a_state_of_a_table_that_is_not_read_changes_nothing(connector: Connector, name: str) -> None:
    messages = connector.read("deals", state=_state("deals", {"DATE_MODIFY": MARK}) + _state(name, {"any": ["thing"]}))
    assert connector.exit_code == 0
    assert len(records(messages, "deals")) == len(_expected(connector.app, "deals", None, _SINCE))


def test_of_two_states_of_a_table_the_later_one_counts(connector: Connector) -> None:
    twice = _state("deals", {"DATE_MODIFY": "2024-01-01"}) + _state("deals", {"DATE_MODIFY": MARK})
    messages = connector.read("deals", state=twice)
    assert len(records(messages, "deals")) == len(_expected(connector.app, "deals", None, _SINCE))


def test_states_gathered_into_a_global_one_are_continued_from(connector: Connector) -> None:
    gathered = {"stream_states": [_state("deals", {"DATE_MODIFY": MARK})[0]["stream"]]}
    messages = connector.read("deals", state=[{"type": "GLOBAL", "global": gathered}])
    assert len(records(messages, "deals")) == len(_expected(connector.app, "deals", None, _SINCE))


@pytest.mark.parametrize("content", ["[]", "{}", "null"])
def test_a_file_without_any_state_is_a_first_sync(connector: Connector, content: str) -> None:
    lines = connector.lines("read", catalog=connector.catalog(["deals"]), state=content)
    read = records([json.loads(line) for line in lines], "deals")
    assert differences(read, expected_rows(connector.app.portal, "deals"), ("ID",)) == []


def test_marks_ahead_of_the_portals_clock_bring_no_row_and_one_state_each(tmp_path: Path) -> None:
    portal = sample_portal(PlayedClock(), deals=120)
    portal.clock.sleep(86_400)  # the newest entry of the stage history is made when the portal starts
    connector = Connector(App(portal), tmp_path)
    catalog, future = (
        json.loads((CONFIGS / name).read_text()) for name in ("configured_catalog.json", "future_state.json")
    )
    names = [one["stream"]["stream_descriptor"]["name"] for one in future]
    chosen = {"streams": [one for one in catalog["streams"] if one["stream"]["name"] in names]}
    messages = connector.messages("read", catalog=chosen, state=future)
    assert connector.exit_code == 0
    assert [message for message in messages if message["type"] == "RECORD"] == []
    assert {name: len(states(messages, name)) for name in names} == dict.fromkeys(names, 1)


def _but_the_summary(lines: list[str]) -> Iterator[str]:
    """Without the CDK's closing list of the streams that failed."""
    return (line for line in lines if "During the sync, the following streams did not sync successfully" not in line)


def test_the_program_refuses_a_state_without_a_traceback_in_its_log(tmp_path: Path) -> None:
    with portal_on_a_socket() as app:
        files = {"config": {"webhook_url": app.webhook_url}, "catalog": catalog_of("deals", "contacts")}
        line = command_line(tmp_path, "read", **files, state=_state("deals", {"DATE_MODIFY": "yesterday"}))
        ended = run_program(line)
    assert (ended.returncode, ended.stderr) == (1, "")
    lines = ended.stdout.splitlines()
    assert not [line for line in _but_the_summary(lines) if "Traceback" in line]
    messages = [json.loads(line) for line in lines]
    assert errors(messages)[0]["message"].startswith("The saved state of deals cannot be used: a time in it")
    assert records(messages, "contacts")
