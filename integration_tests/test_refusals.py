"""What the portal refuses, or describes oddly, costs only what needs it; everything else is discovered and read."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.odd import Odd
from emulator.registry import RestError
from emulator.store import Portal, sample_portal
from integration_tests.harness import Connector, Message, Row, State, errors, records, without_words
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.catalog.tables import TABLES

Caplog = pytest.LogCaptureFixture
_OBJECTS = ("company", "contact", "deal", "lead", "quote")
METADATA: Mapping[str, set[str]] = {  # the tables that fail without the answer of a method
    **{f"crm.{name}.fields": set() for name in (*_OBJECTS, "product")},
    **{
        f"crm.{name}.userfield.list": {
            f"{name}_custom_field_values",
            f"{name}_custom_field_definitions",
            "custom_field_options",
        }
        for name in _OBJECTS
    },
    "crm.status.list": {"deal_pipeline_stages", "statuses"},
    "crm.category.list": {"deal_pipelines", "smart_process_pipelines"},
    "profile": set(),
}
REFUSALS = {
    "module": RestError("", "The module behind products is not there."),
    "unknown code": RestError("ERROR_OF_TOMORROW", "Something new"),
    "not found": RestError("NOT_FOUND", "Not found"),
    "server": RestError("INTERNAL_SERVER_ERROR", "Internal server error", 500),
}
OWNERS = {  # table: the object of its parents
    "contact_companies": "contact",
    "deal_products": "deal",
    "lead_products": "lead",
    "quote_products": "quote",
    "deal_contacts": "deal",
    "lead_contacts": "lead",
    "quote_contacts": "quote",
}
PARENTS = {table.name: table for table in TABLES if isinstance(table, PerParent)}


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    return _connector(tmp_path, sample_portal(PlayedClock(), deals=6, products=8))


@pytest.fixture
def owners(tmp_path: Path) -> Connector:
    """A portal with more owners of each kind than one batch holds."""
    return _connector(tmp_path, sample_portal(PlayedClock(), deals=60, quotes=60, contacts=70, products=10))


def _connector(folder: Path, portal: Portal) -> Connector:
    app = App(portal)
    app.limits.bucket.enabled = False
    connector = Connector(app, folder)
    connector.streams()
    return connector


def _names(streams: list[dict[str, Any]]) -> list[str]:
    return [stream["name"] for stream in streams]


def _rows(messages: list[Message]) -> dict[str, list[Row]]:
    return {table.name: records(messages, table.name) for table in TABLES}


def _failed(messages: list[Message]) -> dict[str, str]:
    return {
        error["stream_descriptor"]["name"]: error["message"]
        for error in errors(messages)
        if error.get("stream_descriptor")
    }


def _state(messages: list[Message]) -> State:
    return [message["state"] for message in messages if message["type"] == "STATE"][-1:]


def _warnings(caplog: Caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("method", METADATA)
def test_a_refused_description_costs_only_the_tables_that_are_made_of_it(
    connector: Connector, method: str, refusal: RestError
) -> None:
    whole = _rows(connector.read())
    connector.app.webhook.refuses = {method: refusal}
    started = connector.app.portal.clock.monotonic()
    streams = Connector(connector.app, connector.folder).streams()
    assert _names(streams) == _names(connector.streams())
    messages = connector.read()
    assert connector.app.portal.clock.monotonic() - started < 60
    # P14.3: a type whose pipelines are not found has just been deleted, which is no failure
    left_out = {"smart_process_pipelines"} if refusal is REFUSALS["not found"] else set()
    failed = METADATA[method] - left_out
    assert _failed(messages).keys() == failed
    assert connector.exit_code == bool(failed)
    assert all(refusal.text in sentence for sentence in _failed(messages).values())
    rows = _rows(messages)
    for name in whole.keys() - METADATA[method]:
        assert without_words(rows[name]) == without_words(whole[name])


@pytest.mark.parametrize("kind", ["internal_error", "refused_in_russian"])
@pytest.mark.parametrize("method", METADATA)
def test_a_description_that_fails_the_whole_request_costs_no_more(connector: Connector, method: str, kind: str) -> None:
    whole = _rows(connector.read())
    started = connector.app.portal.clock.monotonic()
    connector.app.fault(kind, method=method, times=10**9)
    streams = Connector(connector.app, connector.folder).streams()
    assert _names(streams) == _names(connector.streams())
    messages = connector.read()
    assert connector.app.portal.clock.monotonic() - started < 60
    assert _failed(messages).keys() == METADATA[method]
    rows = _rows(messages)
    names = whole.keys() - METADATA[method]
    assert [name for name in names if without_words(rows[name]) != without_words(whole[name])] == []


def test_custom_columns_are_known_by_the_fields_where_their_definitions_are_refused(connector: Connector) -> None:
    def types(streams: list[dict[str, Any]]) -> dict[str, Any]:
        (deals,) = [stream for stream in streams if stream["name"] == "deals"]
        return {name: column["type"] for name, column in deals["json_schema"]["properties"].items()}

    connector.app.webhook.refuses = {"crm.deal.userfield.list": REFUSALS["module"]}
    assert types(Connector(connector.app, connector.folder).streams()) == types(connector.streams())


@pytest.mark.parametrize("size", [1, 7, 50])
def test_small_tables_may_come_in_pages(connector: Connector, size: int) -> None:
    whole = _rows(connector.read())
    connector.app.portal.page_sizes = dict.fromkeys(("crm.status.list", "crm.category.list"), size)
    messages = connector.read()
    assert (errors(messages), _rows(messages)) == ([], whole)


REFUSED_OWNER = {
    "denied": RestError("", "Access denied."),
    "in other words": RestError("", "Нет прав на сделку"),
    "unknown code": RestError("ERROR_OF_TOMORROW", "Something new"),
    "gone": RestError("NOT_FOUND", "Not found"),
    "gone without a code": RestError("", "Not found."),
}


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("refusal", REFUSED_OWNER.values(), ids=REFUSED_OWNER)
@pytest.mark.parametrize("table", OWNERS)
def test_an_owner_that_is_refused_or_gone_costs_its_own_set_in_every_sync(
    owners: Connector, table: str, refusal: RestError, lanes: int, caplog: Caplog
) -> None:
    owners.settings["concurrent_requests"] = lanes
    parent, portal = PARENTS[table].parent_key, owners.app.portal
    first = owners.read(table)
    whole = records(first, table)
    refused = whole[len(whole) // 2][parent]
    owners.app.webhook.refuses = {f"{PARENTS[table].method}?id={refused}": refusal}
    portal.lists_of_owners = "refuse"
    for sync_mode in ("full_refresh", "incremental"):
        caplog.clear()
        messages = owners.read(table, sync_mode=sync_mode)
        assert owners.exit_code == 0
        assert records(messages, table) == [row for row in whole if row[parent] != refused]
        assert any(text.startswith(f"{table}: ") and " 1 record" in text for text in _warnings(caplog))
    portal.clock.sleep(3600)
    changed = [*{row[parent]: None for row in whole}][::3]
    for number in [*changed, refused]:
        portal.update(OWNERS[table], number, COMMENTS="Changed")
    caplog.clear()
    messages = owners.read(table, state=_state(first))
    assert owners.exit_code == 0
    living = [row for row in records(messages, table) if not row.get("_ab_cdc_deleted_at")]
    assert {row[parent] for row in living} == set(changed) - {refused}
    assert any(text.startswith(f"{table}: ") and " 1 record" in text for text in _warnings(caplog))


@pytest.mark.parametrize("table", OWNERS)
def test_where_the_only_changed_owner_is_refused_its_set_is_left_out(owners: Connector, table: str) -> None:
    parent = PARENTS[table].parent_key
    first = owners.read(table)
    refused = records(first, table)[0][parent]
    owners.app.portal.clock.sleep(3600)
    owners.app.portal.update(OWNERS[table], refused, COMMENTS="Changed")
    owners.app.webhook.refuses = {f"{PARENTS[table].method}?id={refused}": REFUSED_OWNER["denied"]}
    messages = owners.read(table, state=_state(first))
    assert (records(messages, table), errors(messages), owners.exit_code) == ([], [], 0)


@pytest.mark.parametrize("sync", ["full", "incremental"])
@pytest.mark.parametrize("refusal", ["denied", "in other words"])
@pytest.mark.parametrize("table", OWNERS)
def test_a_table_of_which_all_owners_are_refused_fails_alone(
    owners: Connector, table: str, refusal: str, sync: str
) -> None:
    first = owners.read(table)
    parent = PARENTS[table].parent_key
    owners.app.portal.clock.sleep(3600)
    for number in {row[parent] for row in records(first, table)[:2]}:
        owners.app.portal.update(OWNERS[table], number, COMMENTS="Changed")
    owners.app.webhook.refuses = {PARENTS[table].method: REFUSED_OWNER[refusal]}
    messages = owners.read(table, "deal_pipelines", state=_state(first) if sync == "incremental" else None)
    assert owners.exit_code == 1
    assert _failed(messages).keys() == {table}
    assert REFUSED_OWNER[refusal].text in _failed(messages)[table]
    assert records(messages, table) == []
    assert records(messages, "deal_pipelines")


def _without(name: str) -> Odd:
    return lambda rows: [{key: value for key, value in row.items() if key != name} for row in rows]


def _with(**values: Any) -> Odd:
    return lambda rows: [{**row, **values} for row in rows]


def _of_lists(change: Callable[[list[Row]], Any]) -> Odd:
    return lambda rows: [{**row, "LIST": change(row["LIST"])} if row.get("LIST") else row for row in rows]


ODD_DEFINITIONS: Mapping[str, Odd] = {
    "no type": _without("USER_TYPE_ID"),
    "no name": lambda rows: [rows[0] | {"FIELD_NAME": None}, *rows[1:]],
    "no name at all": _without("FIELD_NAME"),
    "no label": _with(EDIT_FORM_LABEL=None, LIST_COLUMN_LABEL="", LIST_FILTER_LABEL=[]),
    "labels by language": _with(EDIT_FORM_LABEL={"en": "Words", "ru": "Слова"}),
    "settings in a list": _with(SETTINGS=[]),
    "no settings": _with(SETTINGS=None),
    "options in a map with holes": _of_lists(lambda options: {str(3 * n): one for n, one in enumerate(options)}),
    "options without words": _of_lists(lambda options: [{"ID": one["ID"]} for one in options]),
    "options without IDs": _of_lists(lambda options: [{"VALUE": one["VALUE"]} for one in options]),
    "no options": _of_lists(lambda _: None),
    "options as text": _of_lists(lambda _: "none"),
    "twice": lambda rows: rows + rows,
    "in small letters": lambda rows: [{**row, "FIELD_NAME": row["FIELD_NAME"].lower()} for row in rows],
    "nothing": lambda _: [],
    "null": lambda _: None,
    "a map": lambda _: {},
    "not even rows": lambda rows: [None, 5, "text", [], *rows],
}


@pytest.mark.parametrize("odd", ODD_DEFINITIONS.values(), ids=ODD_DEFINITIONS)
def test_odd_definitions_of_custom_fields_cost_themselves(connector: Connector, odd: Odd) -> None:
    whole = _rows(connector.read())
    connector.app.portal.odd["crm.deal.userfield.list"] = odd
    other = Connector(connector.app, connector.folder)
    assert _names(other.streams()) == _names(connector.streams())
    for reader in (connector, other):
        messages = reader.read()
        affected = {"deal_custom_field_values", "deal_custom_field_definitions", "custom_field_options"}
        assert _failed(messages).keys() <= affected
        assert all("Something went wrong" not in error["message"] for error in errors(messages))
        rows = _rows(messages)
        assert [row["ID"] for row in rows["deals"]] == [row["ID"] for row in whole["deals"]]
        assert [name for name in whole.keys() - affected - {"deals"} if rows[name] != whole[name]] == []


@pytest.mark.parametrize("odd", ["in small letters", "twice", "options in a map with holes", "settings in a list"])
def test_definitions_that_say_all_lose_nothing(connector: Connector, odd: str) -> None:
    whole = records(connector.read("deals"), "deals")
    connector.app.portal.odd["crm.deal.userfield.list"] = ODD_DEFINITIONS[odd]
    other = Connector(connector.app, connector.folder)
    # the settings name the directory that a field takes its words from
    assert without_words(records(other.read("deals"), "deals")) == without_words(whole)
