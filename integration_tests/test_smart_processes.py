"""Smart processes and invoices: tables that are known only at run time (P14)."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.messages import Request, Response
from emulator.smart_types import SmartType
from emulator.store import sample_portal
from integration_tests.expected import SMART_TABLES, expected_rows
from integration_tests.harness import Connector, Message, State, differences, errors, records


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    connector = Connector(App(sample_portal(PlayedClock(), deals=400)), tmp_path)
    connector.app.portal.clock.sleep(7 * 86_400)
    connector.app.limits.bucket.enabled = False
    return connector


def _state(messages: list[Message]) -> State:
    return [message["state"] for message in messages if message["type"] == "STATE"][-1:]


def _schema(connector: Connector, name: str) -> dict[str, Any]:
    (schema,) = [stream["json_schema"] for stream in connector.streams() if stream["name"] == name]
    return dict(schema)


@pytest.mark.parametrize("name", SMART_TABLES)
def test_a_table_equals_the_portal_in_every_value(connector: Connector, name: str) -> None:
    rows = records(connector.read(name), name)
    assert differences(rows, expected_rows(connector.app.portal, name), ("ID",)) == []
    validator = jsonschema.Draft7Validator(_schema(connector, name))
    for row in rows:
        validator.validate(row)
        assert set(row) <= set(_schema(connector, name)["properties"])


def test_streams_are_named_by_number_and_carry_the_title(connector: Connector) -> None:
    titles = {stream["name"]: stream["json_schema"].get("title") for stream in connector.streams()}
    smart = {name: title for name, title in titles.items() if name.startswith("smart_process_1")}
    assert smart == {"smart_process_130": "Проекты", "smart_process_1030": "Закупки", "smart_process_1036": "Закупки"}


@pytest.mark.parametrize("name", SMART_TABLES)
def test_a_second_sync_brings_changed_and_new_items(connector: Connector, name: str) -> None:
    portal = connector.app.portal
    state, table = _state(connector.read(name)), f"item_{SMART_TABLES[name]}"
    portal.clock.sleep(3600)
    edited = portal.tables[table].ids[2]
    portal.update(table, edited, TITLE="Edited")
    new = portal.create(table, TITLE="New")
    assert [row["ID"] for row in records(connector.read(name, state=state), name)] == [new, edited]


def test_columns_are_asked_by_name(connector: Connector) -> None:
    connector.streams()
    asked: list[Any] = []
    original = connector.app.handle

    def handle(request: Request) -> Response:
        asked.append(request.body)
        return original(request)

    connector.app.handle = handle  # type: ignore[method-assign]
    connector.read("smart_process_130")
    text = b"".join(asked).decode()
    assert "ufCrm_2_ABC1" in text and "ufCrm2MyFlag" in text and "ufCrm2_1713790573" in text
    assert "select%5B%5D=%2A" not in text


def test_forty_types_and_500_fields_take_three_requests(connector: Connector) -> None:
    portal = connector.app.portal
    for place in range(40):
        _add_type(connector.app, 2000 + 2 * place, f"Type {place}")
    for place in range(500):
        portal.add_user_field("deal", f"UF_CRM_{place}", "string", en=f"Field {place}")
    connector.app.log.clear()
    names = [stream["name"] for stream in connector.streams()]
    assert len([name for name in names if name.startswith("smart_process_2")]) == 40
    assert len(connector.app.log) <= 3


def _add_type(app: App, number: int, title: str) -> None:
    portal = app.portal
    portal.smart_types[number] = SmartType(number, number // 2, title, ("Stages",))
    portal.tables[f"item_{number}"] = portal.tables["item_1036"]


def test_a_type_that_may_not_be_read_is_not_offered_and_is_named_once(
    connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    connector.app.portal.smart_types[1030].is_readable = False
    assert "smart_process_1030" not in [stream["name"] for stream in connector.streams()]
    (warning,) = [
        record.getMessage() for record in caplog.records if "may not read are left out" in record.getMessage()
    ]
    assert "1030 (Закупки)" in warning


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_type_that_vanished_fails_alone_with_a_sentence(connector: Connector, is_gone: bool) -> None:
    connector.streams()
    types = connector.app.portal.smart_types
    if is_gone:
        del types[1030]
    else:
        types[1030].is_readable = False
    messages = connector.read("smart_process_130", "smart_process_1030", "deals")
    sentence = "not in the portal any more" if is_gone else "may not read this"
    failed = [error for error in errors(messages) if sentence in error["message"]]
    assert [error["failure_type"] for error in failed] == ["config_error"]
    assert connector.exit_code == 1
    assert records(messages, "smart_process_130") and records(messages, "deals")
    assert not records(messages, "smart_process_1030")


def test_a_field_that_appears_or_goes_breaks_nothing(connector: Connector) -> None:
    connector.streams()
    portal = connector.app.portal
    portal.add_user_field("item_130", "UF_CRM_2_NEW1", "string", en="New")
    portal.user_fields["item_130"].pop(0)
    number = portal.tables["item_130"].ids[0]
    portal.update("item_130", number, UF_CRM_2_NEW1="here")
    rows = {row["ID"]: row for row in records(connector.read("smart_process_130"), "smart_process_130")}
    assert rows[number]["UF_CRM_2_NEW1"] == "here"
    assert len(rows) == len(portal.tables["item_130"])


def test_a_scalar_in_a_field_of_several_values_is_empty(connector: Connector) -> None:
    connector.app.portal.odd["crm.item.list"] = lambda result: {
        "items": [item | {"ufCrm_2_ABC2": "N"} for item in result["items"]]
    }
    rows = records(connector.read("smart_process_130"), "smart_process_130")
    assert rows and not any("UF_CRM_2_ABC2" in row or "UNTYPED_VALUES" in row for row in rows)


def test_tables_without_their_scope_are_not_offered_and_are_named(
    connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    connector.app.portal.scopes = {"crm", "user_basic"}
    caplog.set_level("INFO")
    names = {stream["name"] for stream in connector.streams()}
    assert "users" in names and not {"departments", "calls", "tasks"} & names
    (line,) = [record.getMessage() for record in caplog.records if "lacks the permission" in record.getMessage()]
    assert all(word in line for word in ("departments (department)", "calls (telephony)", "tasks (task)"))


def test_a_table_whose_scope_was_taken_away_fails_alone_and_names_the_permission(connector: Connector) -> None:
    connector.streams()
    connector.app.portal.scopes = {"crm"}
    messages = connector.read("deals", "users", "departments", "calls", "tasks")
    texts = [error["message"] for error in errors(messages)]
    for permission in ("Users (user)", "Company structure (department)", "Telephony (telephony)", "Tasks (task)"):
        assert sum(f'the permission "{permission}"' in text for text in texts) == 1
    assert records(messages, "deals")


def test_check_says_what_the_webhook_can_read(connector: Connector, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    connector.app.portal.scopes = {"crm"}
    connector.messages("check")
    (line,) = [
        record.getMessage() for record in caplog.records if record.getMessage().startswith("The webhook can read")
    ]
    assert "users (user or user_basic or user_brief)" in line and "calls (telephony)" in line


BY_TYPE = {"smart_process_products": ("OWNER_TYPE", "OWNER_ID", "POSITION"), "smart_process_stage_history": ("ID",)}


@pytest.mark.parametrize("name", BY_TYPE)
@pytest.mark.parametrize("lanes", [1, 4])
def test_a_table_of_all_types_equals_the_portal_and_has_a_state_for_each(
    connector: Connector, name: str, lanes: int
) -> None:
    connector.settings["concurrent_requests"] = lanes
    messages = connector.read(name)
    assert differences(records(messages, name), expected_rows(connector.app.portal, name), BY_TYPE[name]) == []
    assert connector.exit_code == 0
    types = _state(messages)[0]["stream"]["stream_state"]["types"]
    assert set(types) == ({"31", "130"} if name == "smart_process_products" else {"31", "130", "1030"})
    assert records(connector.read(name, state=_state(messages)), name) == []


def test_the_products_of_changed_items_come_again_and_a_new_type_is_read_in_full(connector: Connector) -> None:
    portal, name = connector.app.portal, "smart_process_products"
    state = _state(connector.read(name))
    del state[0]["stream"]["stream_state"]["types"]["31"]
    portal.clock.sleep(3600)
    number = portal.tables["item_130"].ids[4]
    rows = [{"PRODUCT_NAME": f"Row {place}", "PRICE": 1, "QUANTITY": place} for place in range(1, 121)]
    portal.set_product_rows("item_130", number, rows)
    found = records(connector.read(name, state=state), name)
    assert [row["POSITION"] for row in found if row["OWNER_TYPE"] == "T82"] == list(range(1, 121))
    invoices = [row for row in expected_rows(portal, name) if row["OWNER_TYPE"] == "SI"]
    assert differences([row for row in found if row["OWNER_TYPE"] == "SI"], invoices, BY_TYPE[name]) == []


@pytest.mark.parametrize("name", BY_TYPE)
def test_a_read_that_is_resumed_from_any_state_misses_nothing(connector: Connector, name: str) -> None:
    messages = connector.read(name)
    places = [place for place, message in enumerate(messages) if message["type"] == "STATE"]
    for place in places:
        state = _state(messages[: place + 1])
        rows = {tuple(row[column] for column in BY_TYPE[name]) for row in records(messages[: place + 1], name)}
        rest = records(connector.read(name, state=state), name)
        rows |= {tuple(row[column] for column in BY_TYPE[name]) for row in rest}
        assert len(rows) == len(expected_rows(connector.app.portal, name))


def test_bindings_of_a_changed_activity_come_again(connector: Connector) -> None:
    portal = connector.app.portal
    state = _state(connector.read("activity_bindings"))
    portal.clock.sleep(3600)
    number = next(one for one in portal.tables["activity"].ids if one % 3 == 0)
    portal.update("activity", number, SUBJECT="Edited")
    rows = records(connector.read("activity_bindings", state=state), "activity_bindings")
    assert {(row["ACTIVITY_ID"], row["POSITION"]) for row in rows} == {(number, 1), (number, 2)}
