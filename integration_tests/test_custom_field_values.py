import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from integration_tests.expected import expected_rows, first_rows
from integration_tests.harness import Connector, Message, Row, Warehouse, differences, records
from integration_tests.seeded_defects import (
    Defect,
    new_fields_are_printed_without_a_state_before_them,
    rows_of_a_resumed_scan_count_as_new,
)

TABLE = "deal_custom_field_values"
_PRIORITY, _CHANNELS = "UF_CRM_ENUMERATION", "UF_CRM_CRM_STATUS_LIST"


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    return Connector(App(sample_portal(PlayedClock(), deals=60)), tmp_path)


def _set(portal: Portal, **values: Any) -> int:
    return portal.create("deal", TITLE="Known", **values)


def _values(connector: Connector, deal: int) -> dict[str, Row]:
    rows = records(connector.read(TABLE), TABLE)
    return {row["FIELD_NAME"]: row for row in rows if row["ID"] == deal}


def _sync(connector: Connector, warehouse: Warehouse, kill_after: int | None = None) -> list[Message]:
    """Run a sync from the warehouse's state; return the records. `kill_after`: it is killed behind so many lines."""
    found = []
    for count, message in enumerate(connector.read_lines(TABLE, state=warehouse.state)):
        warehouse.take([message])
        found.append(message)
        if count == kill_after:
            break
    return [message["record"]["data"] for message in found if message["type"] == "RECORD"]


def _field_of(warehouse: Warehouse, deal: int, name: str) -> list[str]:
    rows = [row for row in warehouse.rows(TABLE) if (row["ID"], row["FIELD_NAME"]) == (deal, name)]
    return rows[0]["VALUES"] if rows else []


def test_a_first_sync_prints_filled_fields_only(connector: Connector) -> None:
    portal = connector.app.portal
    _set(portal)
    rows = records(connector.read(TABLE), TABLE)
    assert all(row["VALUES"] for row in rows)
    expected = {(row["ID"], row["FIELD_NAME"]): 1 for row in first_rows(portal, TABLE)}
    assert Counter((row["ID"], row["FIELD_NAME"]) for row in rows) == expected


def test_a_later_sync_prints_all_fields_of_a_record_that_changed_and_the_filled_ones_of_a_new_one(
    connector: Connector,
) -> None:
    portal, warehouse = connector.app.portal, Warehouse(connector.streams())
    _sync(connector, warehouse)
    portal.clock.sleep(3600)
    old, new = portal.tables["deal"].ids[4], _set(portal, UF_CRM_INTEGER=5)
    portal.update("deal", old, UF_CRM_INTEGER=None, TITLE="Edited")
    rows = _sync(connector, warehouse)
    names = [field.name for field in portal.user_fields["deal"]]
    assert sorted(row["FIELD_NAME"] for row in rows if row["ID"] == old) == sorted(names)
    assert [row["FIELD_NAME"] for row in rows if row["ID"] == new] == ["UF_CRM_INTEGER"]
    assert {row["ID"] for row in rows} == {old, new}


@pytest.mark.parametrize("kill_after", [8, 40, 120, 400])
@pytest.mark.parametrize("sync", ["first", "later"])
def test_a_field_that_is_emptied_after_a_kill_is_empty_in_the_copy(
    connector: Connector, sync: str, kill_after: int
) -> None:
    portal, warehouse = connector.app.portal, Warehouse(connector.streams())
    if sync == "later":
        _sync(connector, warehouse)
        portal.clock.sleep(3600)
    deals = [_set(portal, UF_CRM_INTEGER=number, UF_CRM_MONEY="5|EUR") for number in range(1, 200)]
    _sync(connector, warehouse, kill_after)
    assert _field_of(warehouse, deals[-1], "UF_CRM_INTEGER")
    portal.clock.sleep(60)
    for deal in deals:
        portal.update("deal", deal, UF_CRM_INTEGER=None)
    _sync(connector, warehouse, kill_after=9)
    _sync(connector, warehouse)  # a further one would read them again, within the lookback
    assert [_field_of(warehouse, deal, "UF_CRM_INTEGER") for deal in deals] == [[]] * len(deals)
    assert differences(warehouse.rows(TABLE), expected_rows(portal, TABLE), ("ID", "FIELD_NAME")) == []


@pytest.mark.parametrize(
    ("defect", "kill_after"),
    [(new_fields_are_printed_without_a_state_before_them, 40), (rows_of_a_resumed_scan_count_as_new, 40)],
)
def test_a_kill_shows_why_the_state_decides(
    connector: Connector, defect: Defect, kill_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    defect(monkeypatch)
    with pytest.raises(AssertionError):
        test_a_field_that_is_emptied_after_a_kill_is_empty_in_the_copy(connector, "first", kill_after)


def test_two_tables_that_end_apart_print_all_fields_that_either_may_have_printed(connector: Connector) -> None:
    portal, warehouse = connector.app.portal, Warehouse(connector.streams())
    warehouse.take(connector.read("deals"))
    deal = _set(portal, UF_CRM_INTEGER=5)
    portal.clock.sleep(600)
    _sync(connector, warehouse)
    portal.clock.sleep(600)
    portal.update("deal", deal, UF_CRM_INTEGER=None)
    warehouse.take(connector.read("deals", TABLE, state=warehouse.state))
    assert _field_of(warehouse, deal, "UF_CRM_INTEGER") == []


@pytest.mark.parametrize(
    ("language", "name", "label"),
    [("en", _PRIORITY, "Priority"), ("ru", _PRIORITY, "Приоритет"), ("ru", "UF_CRM_DATE", "Дата договора")],
)
def test_fields_are_named_in_the_language_of_the_settings(
    connector: Connector, language: str, name: str, label: str
) -> None:
    connector.settings["label_language"] = language
    portal = connector.app.portal
    option = next(iter(next(one for one in portal.user_fields["deal"] if one.name == _PRIORITY).options))
    deal = _set(portal, **{_PRIORITY: option, "UF_CRM_DATE": date(2026, 5, 10)})
    assert _values(connector, deal)[name]["FIELD_LABEL"] == label


def test_an_option_has_its_label(connector: Connector) -> None:
    portal = connector.app.portal
    (field,) = [one for one in portal.user_fields["deal"] if one.name == _PRIORITY]
    option, text = list(field.options.items())[2]
    row = _values(connector, _set(portal, **{_PRIORITY: option}))[_PRIORITY]
    assert (row["VALUE"], row["VALUES"], row["LABELS"]) == (str(option), [str(option)], [text])


def test_codes_of_a_directory_come_with_their_names_in_the_same_order(connector: Connector) -> None:
    deal = _set(connector.app.portal, **{_CHANNELS: ["WEB", "CALL"]})
    row = _values(connector, deal)[_CHANNELS]
    assert (row["VALUES"], row["LABELS"]) == (["WEB", "CALL"], ["Web site", "Call"])
    assert json.loads(row["VALUE"]) == ["WEB", "CALL"]


def test_labels_are_in_the_places_of_their_values_also_where_an_option_is_gone(connector: Connector) -> None:
    portal = connector.app.portal
    (field,) = [one for one in portal.user_fields["deal"] if one.name == f"{_PRIORITY}_LIST"]
    (first, low), (second, _), (third, high), _ = field.options.items()
    deal = _set(portal, **{field.name: [third, second, first, second]})
    del field.options[second]
    row = _values(connector, deal)[field.name]
    assert row["VALUES"] == [str(third), str(second), str(first), str(second)]
    assert row["LABELS"] == [high, None, low, None]


def test_when_all_options_are_gone_each_value_has_an_empty_label(connector: Connector) -> None:
    portal = connector.app.portal
    (field,) = [one for one in portal.user_fields["deal"] if one.name == f"{_PRIORITY}_LIST"]
    options = list(field.options)
    deal = _set(portal, **{field.name: options[:2]})
    assert None not in _values(connector, deal)[field.name]["LABELS"]
    field.options.clear()
    assert _values(connector, deal)[field.name]["LABELS"] == [None, None]


@pytest.mark.parametrize("gone", [None, False, {"ID": "7"}, {"VALUE": "x"}])
def test_an_option_that_is_no_option_costs_only_its_label(connector: Connector, gone: Any) -> None:
    portal = connector.app.portal
    portal.odd["crm.deal.userfield.list"] = lambda rows: [
        row | ({"LIST": [gone, *row["LIST"]]} if "LIST" in row else {}) for row in rows
    ]
    (field,) = [one for one in portal.user_fields["deal"] if one.name == _PRIORITY]
    option, text = list(field.options.items())[2]
    assert _values(connector, _set(portal, **{_PRIORITY: option}))[_PRIORITY]["LABELS"] == [text]


def test_a_row_has_the_date_of_its_record(connector: Connector) -> None:
    portal = connector.app.portal
    deal = _set(portal, UF_CRM_INTEGER=1)
    row = _values(connector, deal)["UF_CRM_INTEGER"]
    assert row["DATE_MODIFY"] == portal.wire.moment(portal.tables["deal"].row(deal)["DATE_MODIFY"])


def test_a_field_that_is_added_between_two_syncs_comes_with_the_records_that_change(connector: Connector) -> None:
    portal = connector.app.portal
    first = connector.read(TABLE)
    state = [message["state"] for message in first if message["type"] == "STATE"][-1]
    portal.clock.sleep(3600)
    portal.add_user_field("deal", "UF_CRM_ADDED", "string", en="Added")
    deal = portal.tables["deal"].ids[4]
    portal.update("deal", deal, UF_CRM_ADDED="filled")
    second = records(connector.read(TABLE, state=[state]), TABLE)
    assert {row["ID"] for row in second} == {deal}
    assert [(row["FIELD_LABEL"], row["VALUE"]) for row in second if row["FIELD_NAME"] == "UF_CRM_ADDED"] == [
        ("Added", "filled")
    ]
