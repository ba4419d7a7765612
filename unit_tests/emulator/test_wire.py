from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.fields import STANDARD, Field
from emulator.wire import MISSING, rendered, wire_of

MOSCOW, NEW_YORK = wire_of("Europe/Moscow"), wire_of("America/New_York")
MOMENT, DAY = datetime(2024, 5, 10, 13, 4, 5), date(2024, 5, 10)


@pytest.mark.parametrize(
    ("type_", "value", "sent", "empty"),
    [
        ("integer", 12, "12", None),
        ("string", "a <b>", "a <b>", None),
        ("double", Decimal("1000.00"), "1000.00", None),
        ("char", True, "Y", None),
        ("char", False, "N", None),
        ("boolean", True, "1", None),
        ("boolean", False, "0", None),
        ("datetime", MOMENT, "2024-05-10T13:04:05+03:00", ""),
        ("date", DAY, "2024-05-10T03:00:00+03:00", ""),
        ("crm_company", 12, "12", None),
        ("crm_status", "NEW", "NEW", None),
        ("file", {"id": 5}, {"id": 5}, None),
        ("crm_multifield", [{"ID": "1"}], [{"ID": "1"}], MISSING),
        ("object", {"a": [1]}, {"a": [1]}, []),
        ("diskfile", [{"id": 1}], [{"id": 1}], []),
    ],
)
def test_a_standard_column_of_the_classic_lists(type_: str, value: Any, sent: Any, empty: Any) -> None:
    render = MOSCOW.classic(Field("NAME", type_), "deal")
    assert (render(value), render(None)) == (sent, empty)  # P2.15, P2.17


@pytest.mark.parametrize("empty", [[], None])
def test_a_multi_field_without_entries_has_no_key(empty: Any) -> None:
    assert MOSCOW.classic(STANDARD["lead"]["PHONE"])(empty) is MISSING  # P2.17
    assert not MISSING
    renderers = {"A": lambda value: value or MISSING, "B": lambda value: value}
    assert rendered({"A": 1}, renderers) == {"A": 1, "B": None}
    assert rendered({"B": 0}, renderers) == {"B": 0}


@pytest.mark.parametrize(
    ("type_", "value", "sent", "empty"),
    [
        ("string", "a", "a", ""),
        ("crm", "D_1", "D_1", ""),
        ("url", "https://a", "https://a", ""),
        ("money", "100|RUB", "100|RUB", ""),
        ("address", "a|1;2|3", "a|1;2|3", ""),
        ("integer", 5, "5", None),
        ("double", Decimal("0.50"), "0.50", None),
        ("boolean", True, "1", None),
        ("enumeration", 44, "44", None),
        ("employee", 3, "3", None),
        ("date", DAY, "2024-05-10T03:00:00+03:00", ""),
        ("datetime", MOMENT, "2024-05-10T13:04:05+03:00", ""),
        ("file", {"id": 5}, {"id": 5}, MISSING),
        ("rest_12_colour", "red", "red", None),
    ],
)
def test_a_custom_field_of_the_classic_lists(type_: str, value: Any, sent: Any, empty: Any) -> None:
    single = MOSCOW.classic(Field("UF_CRM_X", type_))
    several = MOSCOW.classic(Field("UF_CRM_X", type_, multiple=True))
    assert (single(value), single(None)) == (sent, empty)  # P2.17
    nothing = "" if type_ in ("date", "datetime") else False
    assert (several([value, value]), several([]), several(None)) == ([sent, sent], nothing, nothing)  # P2.17


def test_some_columns_have_a_special_empty_value() -> None:
    company = Field("COMPANY_ID", "crm_company")
    assert [MOSCOW.classic(company, owner)(None) for owner in ("lead", "deal")] == ["0", None]
    assert MOSCOW.classic(STANDARD["deal"]["COMMENTS"])(None) == ""


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (True, "Y"),
        (False, "N"),
        (5, 5),
        (Decimal("9.50"), 9.5),
        (Decimal("9.00"), 9),
        ("text", "text"),
        (None, None),
        (MOMENT, "2024-05-10T13:04:05+03:00"),
        (DAY, "2024-05-10T03:00:00+03:00"),
        ([DAY, Decimal(2), True], ["2024-05-10T03:00:00+03:00", 2, "Y"]),
        ([], []),
    ],
)
def test_the_universal_methods_send_values_with_their_types(value: Any, sent: Any) -> None:
    sent = MOSCOW.typed(value)
    assert (sent, type(sent)) == (sent, type(sent))  # P3.7


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2024, 1, 10), "2024-01-09T19:00:00-05:00"),
        (date(2024, 7, 10), "2024-07-09T20:00:00-04:00"),
    ],
)
def test_a_date_is_sent_as_midnight_in_utc_in_the_portals_zone(day: date, shown: str) -> None:
    assert NEW_YORK.day(day) == shown  # P2.15


def test_the_repeated_hour_has_the_first_offset() -> None:
    repeated = datetime(2024, 11, 3, 1, 30)
    assert NEW_YORK.moment(repeated) == NEW_YORK.moment(repeated.replace(fold=1)) == "2024-11-03T01:30:00-04:00"
