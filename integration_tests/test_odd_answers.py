"""Whatever the portal answers: no defect, one sentence for each table that fails, and all other tables whole."""

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.messages import Request, Response
from emulator.store import Portal, sample_portal
from integration_tests.expected import SMART_TABLES, expected_rows
from integration_tests.harness import Connector, Message, Row, State, differences, errors
from integration_tests.mutations import MUTATIONS, Mutation, mutated
from source_bitrix24.catalog.discovered import known_table
from source_bitrix24.catalog.table import (
    ByType,
    CustomFieldValues,
    FieldOptions,
    Items,
    PerParent,
    PerType,
    Scanned,
    Table,
)
from source_bitrix24.catalog.tables import TABLES

BATCH = "batch"  # stands for the whole body of each reply
TIME = "server.time"  # is called where replies do not say the time
BULK = "crm.productrow.list"
TYPES, TYPE, FIELDS = "crm.enum.ownertype", "crm.type.getbyentitytypeid", "crm.item.fields"
OFFERED = {"scope", TYPES, TYPE, FIELDS}  # on their answers depends which tables there are
WORDS = {"crm.status.list", "crm.category.list", "user.get", "scope"}  # on these the labels of all lists

_PROFILES = {"fixed": settings(derandomize=True), "random": settings(print_blob=True)}
_SETTINGS = settings(
    _PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "fixed")],
    max_examples=int(os.environ.get("ODD_ANSWERS", "50")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def _methods(table: Table) -> set[str]:
    """Return the methods on whose answers the rows of a table may depend."""
    fields_of = getattr(table, "fields_of", None)
    methods = {BATCH, TIME, table.method}
    if isinstance(table, PerParent):
        methods |= {table.parent_list, BULK}
        methods |= {"crm.item.list"} if table.links else set()
    if isinstance(table, (Scanned, CustomFieldValues)) and fields_of:
        methods |= {f"crm.{fields_of}.fields", f"crm.{fields_of}.userfield.list"}
    if isinstance(table, CustomFieldValues):
        methods |= {"crm.status.list"}
    if isinstance(table, Items):
        methods |= {FIELDS}
    if isinstance(table, PerType):
        methods |= {TYPES}
    if isinstance(table, ByType):
        methods |= {TYPES, TYPE, FIELDS, "crm.item.list"}
    if isinstance(table, FieldOptions):
        methods |= {one.method for one in table.definitions}
    return methods


METHODS = sorted({method for table in TABLES for method in _methods(table)} | OFFERED | {"profile"})


class OddPortal(App):
    """A portal whose replies can be changed as a whole, too."""

    def __init__(self, portal: Portal) -> None:
        super().__init__(portal)
        self.limits.bucket.enabled = False
        self.change: Callable[[Any], Any] | None = None

    def handle(self, request: Request) -> Response:
        """The answer, changed."""
        response = super().handle(request)
        if not self.change or response.status != 200:
            return response
        return Response(200, response.headers, orjson.dumps(self.change(orjson.loads(response.body))))

    def answer_oddly(self, method: str, change: Callable[[Any], Any] | None = None) -> None:
        """Change the answers of a method, and no others."""
        self.log.clear()
        self.portal.odd.clear()
        self.change = None
        if change and method == BATCH:
            self.change = change
        elif change:
            self.portal.odd[method] = change
            self.change = _without_time if method == TIME else None


def _without_time(body: Any) -> Any:
    return {key: part for key, part in body.items() if key != "time"}


class Example:
    """A portal, and what its tables hold while it answers well."""

    def __init__(self, folder: Path, portal: Portal, lanes: int = 1) -> None:
        self.app = OddPortal(portal)
        self.connector = Connector(self.app, folder, concurrent_requests=lanes)
        self.catalog = self.connector.catalog()
        self.tables = _tables(self.catalog)
        assert {table.name for table in self.tables} == {*(table.name for table in TABLES), *SMART_TABLES}
        messages = self._read(self.catalog)
        assert errors(messages) == []
        self.rows = _rows(messages)
        for table in self.tables:
            assert differences(self.rows[table.name], expected_rows(portal, table.name), table.key) == []
        self.state: State = _last_states(messages)
        self.changed_rows = _rows(self._read(self.catalog, self.state))

    def run(self, method: str, change: Callable[[Any], Any], *, with_state: bool, discovers: bool) -> Counter[str]:
        """Run all commands while the answers of a method are odd; return what happened. Raises AssertionError.

        `discovers`: the tables are read with the columns that the odd answers let discover.
        """
        self.app.answer_oddly(method, change)
        outcome = Counter[str]({"examples": 1})
        checked = self.connector.messages("check")
        _assert_sentences(checked, self.connector.exit_code)
        (status,) = [one["connectionStatus"] for one in checked if one["type"] == "CONNECTION_STATUS"]
        outcome["checks that failed"] = int(status["status"] == "FAILED")
        discovered = self.connector.messages("discover")
        _assert_sentences(discovered, self.connector.exit_code)
        outcome["discovers that failed"] = self.connector.exit_code
        assert self.connector.exit_code == 0 or method == BATCH
        catalog, tables = self.catalog, self.tables
        if discovers and self.connector.exit_code == 0:
            catalog = self.connector.catalog_of(discovered)
            tables = _tables(catalog)
            assert tables == self.tables or method in OFFERED | {BATCH}
        messages = self._read(catalog, self.state if with_state else None)
        _assert_sentences(messages, self.connector.exit_code)
        rows, whole = _rows(messages), self.changed_rows if with_state else self.rows
        failed = _failed(messages)
        for table in tables:
            if method not in _methods(table):
                made = _without_labels if method in WORDS else list
                assert table.name not in failed
                assert made(rows[table.name]) == made(whole[table.name]), f"{table.name} has other rows"
        _assert_records(rows, catalog)
        outcome["tables that failed"] = len(failed)
        outcome["tables that were read"] = len(tables) - len(failed)
        return outcome

    def _read(self, catalog: Message, state: State | None = None) -> list[Message]:
        files: dict[str, Any] = {"catalog": catalog} | ({"state": state} if state else {})
        return self.connector.messages("read", **files)


def _assert_sentences(messages: list[Message], exit_code: int) -> None:
    """There is a sentence for each table that failed, another one for the command, and the exit code that belongs to it."""
    traces = errors(messages)
    for error in traces:
        assert "Something went wrong" not in error["message"], error
    assert (exit_code != 0) == bool(traces)
    failed = [error["stream_descriptor"]["name"] for error in traces if error.get("stream_descriptor")]
    assert len(failed) == len(set(failed))
    last: dict[str, str] = {}
    for message in messages:
        if message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            last[status["stream_descriptor"]["name"]] = status["status"]
    assert set(failed) == {name for name, status in last.items() if status != "COMPLETE"}


_TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _assert_records(rows: Mapping[str, list[Row]], catalog: Message) -> None:
    """Every record has its key, and values of the types that its schema declares."""
    for configured in catalog["streams"]:
        stream = configured["stream"]
        keys = [path[0] for path in stream["source_defined_primary_key"]]
        types = {name: _types_of(schema) for name, schema in stream["json_schema"]["properties"].items()}
        for row in rows[stream["name"]]:
            assert all(row.get(key) is not None for key in keys), f"{stream['name']} has a record without a key: {row}"
            for name, value in row.items():
                assert type(value) in types.get(name, (str,)), f"{stream['name']}.{name}: {value!r}"


def _types_of(schema: Mapping[str, Any]) -> tuple[type, ...]:
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return tuple(one for name in named for one in _TYPES[name])


def _failed(messages: list[Message]) -> set[str]:
    return {error["stream_descriptor"]["name"] for error in errors(messages) if error.get("stream_descriptor")}


def _rows(messages: list[Message]) -> dict[str, list[Row]]:
    rows = defaultdict[str, list[Row]](list)
    for message in messages:
        if message["type"] == "RECORD":
            rows[message["record"]["stream"]].append(message["record"]["data"])
    return rows


def _without_labels(rows: list[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if not name.endswith("_LABEL")} for row in rows]


def _tables(catalog: Message) -> list[Table]:
    found = [known_table(one["stream"]["name"]) for one in catalog["streams"]]
    return [table for table in found if table]


def _last_states(messages: list[Message]) -> State:
    states = [message["state"] for message in messages if message["type"] == "STATE"]
    return list({state["stream"]["stream_descriptor"]["name"]: state for state in states}.values())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    """A portal whose tables are so small that hundreds of syncs take a minute."""
    yield from _quietly(Example, tmp_path_factory, sample_portal(PlayedClock(), deals=6, holes=0, products=8))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    """A portal with so many owners of product rows that they are read in bulk, and lists of several pages."""
    portal = sample_portal(
        PlayedClock(), deals=3, holes=0, products=3, leads=105, contacts=2, companies=2, activities=2
    )
    yield from _quietly(Example, tmp_path_factory, portal, 4)


def _quietly(make: Callable[..., Example], folders: pytest.TempPathFactory, *arguments: Any) -> Iterator[Example]:
    logging.disable()  # a log of a hundred syncs would be longer than what pytest can show
    try:
        yield make(folders.mktemp("odd"), *arguments)
    finally:
        logging.disable(logging.NOTSET)


_CHANGES = st.lists(MUTATIONS, min_size=1, max_size=4)


@_SETTINGS
@given(method=st.sampled_from(METHODS), changes=_CHANGES, with_state=st.booleans(), discovers=st.booleans())
def test_odd_answers_of_a_method_cost_no_other_table(
    small: Example, method: str, changes: list[Mutation], with_state: bool, discovers: bool
) -> None:
    small.run(method, mutated(changes), with_state=with_state, discovers=discovers)


@settings(_SETTINGS, max_examples=_SETTINGS.max_examples // 5)
@given(method=st.sampled_from(["crm.lead.list", "crm.lead.productrows.get", "profile", BULK, BATCH]), changes=_CHANGES)
def test_odd_answers_of_a_list_in_pages_or_in_bulk_cost_no_other_table(
    large: Example, method: str, changes: list[Mutation]
) -> None:
    large.run(method, mutated(changes), with_state=False, discovers=False)
