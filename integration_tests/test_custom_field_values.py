import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from integration_tests.harness import Connector, Row, records

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


def test_there_is_one_row_for_each_record_and_field_also_where_it_is_empty(connector: Connector) -> None:
    portal = connector.app.portal
    deal = _set(portal)
    rows = records(connector.read(TABLE), TABLE)
    names = {field.name for field in portal.user_fields["deal"]}
    expected = {(row["ID"], name): 1 for row in portal.visible("deal") for name in names}
    assert Counter((row["ID"], row["FIELD_NAME"]) for row in rows) == expected
    empty = [(row.get("VALUE"), row["VALUES"], row["LABELS"]) for row in rows if row["ID"] == deal]
    assert empty == [(None, [], [])] * len(names)


@pytest.mark.parametrize(
    ("language", "name", "label"),
    [("en", _PRIORITY, "Priority"), ("ru", _PRIORITY, "Приоритет"), ("ru", "UF_CRM_DATE", "Дата договора")],
)
def test_fields_are_named_in_the_language_of_the_settings(
    connector: Connector, language: str, name: str, label: str
) -> None:
    connector.settings["label_language"] = language
    assert _values(connector, _set(connector.app.portal))[name]["FIELD_LABEL"] == label


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
    deal = _set(portal)
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
