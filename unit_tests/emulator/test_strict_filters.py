from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from emulator.filters import Condition
from emulator.registry import RestError
from emulator.store import Portal
from emulator.strict_filters import strict_conditions

NAMES = {"id": "ID", "ID": "ID", "updatedTime": "DATE_MODIFY", "title": "TITLE"}


def strict(portal: Portal, filter_: Any, *, dates_must_parse: bool = False) -> list[Condition]:
    fields, zone = portal.tables["lead"].fields, ZoneInfo("Europe/Moscow")
    return strict_conditions(filter_, fields, NAMES, zone, datetime(2026, 1, 1), dates_must_parse=dates_must_parse)


@pytest.mark.parametrize("filter_", [{}, []])
def test_an_empty_filter_is_no_condition(portal: Portal, filter_: Any) -> None:
    assert strict(portal, filter_) == []


def test_names_are_mapped_to_columns(portal: Portal) -> None:
    found = strict(portal, {">id": "5", "!title": "x", ">=updatedTime": "2024-05-01T09:00:00Z"})
    assert [(condition.field.name, condition.operator, condition.value) for condition in found] == [
        ("ID", ">", 5),
        ("TITLE", "!", "x"),
        ("DATE_MODIFY", ">=", datetime(2024, 5, 1, 12)),
    ]  # P3.5, P3.6


@pytest.mark.parametrize(
    ("filter_", "text"),
    [
        ("id", "Invalid filter"),
        (None, "Invalid filter"),
        ({"stageId": 1}, "Invalid filter: field 'stageId' is not allowed in filter"),
        ({"TITLE": 1}, "Invalid filter: field 'TITLE' is not allowed in filter"),
        ({"~id": 1}, "Invalid filter: field '~id' is not allowed in filter"),
        ({">id": [1]}, "Invalid filter: field '>id' has invalid value"),
        ({"<id": []}, "Invalid filter: field '<id' has invalid value"),
        ({"%title": {"a": 1}}, "Invalid filter: field '%title' has invalid value"),
    ],
)
def test_an_unknown_field_or_an_invalid_value_is_an_error(portal: Portal, filter_: Any, text: str) -> None:
    with pytest.raises(RestError) as raised:
        strict(portal, filter_)
    assert (raised.value.code, raised.value.text, raised.value.status) == ("INVALID_ARG_VALUE", text, 400)  # P3.5


def test_a_time_that_cannot_be_parsed_is_an_error_only_if_times_must_parse(portal: Portal) -> None:
    (condition,) = strict(portal, {">updatedTime": "soon"})
    assert (condition.value, condition.test(None), condition.test(datetime(2026, 1, 1))) == (None, True, False)  # P3.6
    with pytest.raises(RestError) as raised:
        strict(portal, {">updatedTime": "soon"}, dates_must_parse=True)
    assert raised.value.code == "WRONG_DATETIME_FORMAT"  # P5.4
