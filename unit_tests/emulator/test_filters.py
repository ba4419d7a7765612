from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from emulator.app import App
from emulator.filters import moment, ordered, selected
from emulator.store import Portal
from unit_tests.emulator.client import call, listed

EVERYTHING = [1, 2, 3, 4]
MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 30, 3, 53, 20)


@pytest.fixture
def leads(app: App, portal: Portal) -> App:
    rows: list[dict[str, Any]] = [
        {
            "TITLE": "Alpha",
            "UF_CRM_BOOLEAN": True,
            "COMPANY_ID": 5,
            "OPPORTUNITY": Decimal("9.50"),
            "BIRTHDATE": datetime(2000, 5, 1).date(),
        },
        {"TITLE": "Beta", "COMPANY_ID": None, "OPPORTUNITY": Decimal(100), "OPENED": True},
        {"TITLE": "alphabet", "COMPANY_ID": 7, "STATUS_ID": "IN_PROCESS"},
        {"TITLE": None, "COMPANY_ID": 0, "STATUS_ID": "JUNK", "OPENED": False, "UF_CRM_BOOLEAN": False},
    ]
    for day, row in enumerate(rows, 1):
        portal.import_row("lead", DATE_CREATE=datetime(2024, 5, day, 12), DATE_MODIFY=datetime(2024, 5, day, 12), **row)
    return app


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"ID": 2}, [2]),
        ({"=ID": "2"}, [2]),
        ({">ID": 2}, [3, 4]),
        ({">=ID": 2}, [2, 3, 4]),
        ({"<ID": 2}, [1]),
        ({"<=ID": 2}, [1, 2]),
        ({">ID": 1, "<=ID": 3}, [2, 3]),
        ({">ID": 1, ">=ID": 3, "<ID": 5}, [3, 4]),
        ({"@ID": [1, "3"]}, [1, 3]),
        ({"@ID": {"5": 1, "x": 3}}, [1, 3]),
        ({"ID": [1, 3]}, [1, 3]),
        ({"=ID": [1, 3]}, [1, 3]),
        ({"!ID": 2}, [1, 3, 4]),
        ({"!=ID": 2}, [1, 3, 4]),
        ({"!@ID": [1, 2]}, [3, 4]),
        ({"!>ID": 2}, [1, 2]),
        ({"!COMPANY_ID": 5}, [2, 3, 4]),  # NULL is not 5
        ({"+COMPANY_ID": 5}, [1, 2]),
        ({"+>COMPANY_ID": 6}, [2, 3]),
        ({"@COMPANY_ID": [5, 7]}, [1, 3]),
        ({"%TITLE": "LPHA"}, [1, 3]),
        ({"?TITLE": "lpha"}, [1, 3]),
        ({"!%TITLE": "lpha"}, [2, 4]),
        ({"=%TITLE": "alpha%"}, [1, 3]),
        ({"%=TITLE": "%a"}, [1, 2]),
        ({"=%TITLE": "alpha"}, [1]),
        ({"*TITLE": "bet"}, [2, 3]),
        ({"*=TITLE": "bet"}, [2, 3]),
        ({"*%TITLE": "bet"}, [2, 3]),
        ({"TITLE": "ALPHA"}, [1]),
        ({"OPENED": "Y"}, [2]),
        ({"OPENED": "N"}, [4]),
        ({"UF_CRM_BOOLEAN": 1}, [1]),
        ({"UF_CRM_BOOLEAN": "0"}, [4]),
        ({">OPPORTUNITY": "9.5"}, [2]),
        ({">=OPPORTUNITY": 9.5}, [1, 2]),
        ({"BIRTHDATE": "2000-05-01"}, [1]),
    ],
)
def test_the_operators_of_a_filter(leads: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert listed(leads, "crm.lead.list", filter=filter_) == found  # P2.9


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {">id": 2},
        {">dateModify": "2030-01-01"},
        {"NO_SUCH_FIELD": 1},
        {"@CONTACT_IDS": [1]},
        {"><ID": [2, 3]},
        {"~ID": 2},
        {"LOGIC": "OR", "0": {"ID": 1}, "1": {"ID": 2}},
        {"0": {"ID": 1}},
        {"@ID": []},
        {"ID": []},
        {"=ID": []},
    ],
)
def test_unknown_filter_keys_are_silently_ignored(leads: App, filter_: dict[str, Any]) -> None:
    assert listed(leads, "crm.lead.list", filter=filter_) == EVERYTHING  # P2.9, P2.10, P2.11
    with_another = {"<ID": 3, **filter_}
    assert listed(leads, "crm.lead.list", filter=with_another) == [1, 2]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({">ID": [{"ID": "9"}]}, [2, 3, 4]),
        ({">=ID": {"a": 9}}, EVERYTHING),
        ({"<ID": [9]}, []),
        ({">ID": []}, EVERYTHING),
        ({">ID": ""}, EVERYTHING),
        ({">ID": None}, EVERYTHING),
        ({">ID": "$result[a][49][ID]"}, EVERYTHING),
        ({"<ID": []}, []),
        ({"<ID": ""}, []),
        ({"@ID": ""}, []),
        ({"ID": "3 of many"}, [3]),
    ],
)
def test_a_bound_on_the_id_is_cast_to_a_number(leads: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert listed(leads, "crm.lead.list", filter=filter_) == found  # P1.8, P2.11


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({">=COMPANY_ID": 0}, EVERYTHING),
        ({"COMPANY_ID": 0}, [2, 4]),
        ({"=COMPANY_ID": "0"}, [2, 4]),
        ({"<=COMPANY_ID": 0}, [2, 4]),
        ({">COMPANY_ID": 0}, [1, 3]),
        ({"<COMPANY_ID": 1}, [4]),
        ({">=COMPANY_ID": 1}, [1, 3]),
    ],
)
def test_zero_also_matches_null(leads: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert listed(leads, "crm.lead.list", filter=filter_) == found  # P2.12


@pytest.mark.parametrize(
    ("filter_", "found"),
    [({"%COMPANY_ID": 5}, [1]), ({"%STATUS_ID": "PROC"}, []), ({"%STATUS_ID": "IN_PROCESS"}, [3])],
)
def test_like_on_codes_and_links_is_equality(leads: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert listed(leads, "crm.lead.list", filter=filter_) == found  # P2.10


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({">=DATE_MODIFY": "2024-05-02T12:00:00+03:00"}, [2, 3, 4]),
        ({">=DATE_MODIFY": "2024-05-02T09:00:00Z"}, [2, 3, 4]),
        ({">=DATE_MODIFY": "2024-05-02T09:00:00.900Z"}, [2, 3, 4]),  # whole seconds
        ({">DATE_MODIFY": "2024-05-02T09:00:00Z"}, [3, 4]),
        ({">=DATE_MODIFY": "2024-05-02T12:00:01"}, [3, 4]),
        ({"<=DATE_MODIFY": "2024-05-02 12:00:00"}, [1, 2]),
        ({"<DATE_MODIFY": "2024-05-02 12:00:00"}, [1]),
        ({">=DATE_CREATE": "02.05.2024 12:00:00"}, [2, 3, 4]),
        ({">=DATE_MODIFY": "2024-05-02", "<DATE_MODIFY": "2024-05-04"}, [2, 3]),
        ({">=DATE_MODIFY": "2024-05-02T12:00:00+03:00", ">ID": 2}, [3, 4]),
        ({">=DATE_MODIFY": "2024-05-02T12:00:00 03:00"}, []),
        ({">=DATE_MODIFY": "soon"}, []),
        ({"<DATE_MODIFY": ""}, []),
        ({">=BIRTHDATE": "never"}, [2, 3, 4]),  # IS NULL
        ({"!DATE_MODIFY": "soon"}, EVERYTHING),
    ],
)
def test_a_date_that_cannot_be_parsed_matches_null(leads: App, filter_: dict[str, Any], found: list[int]) -> None:
    assert listed(leads, "crm.lead.list", filter=filter_) == found  # P2.13, P2.14


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2024-07-01T12:00:00+02:00", datetime(2024, 7, 1, 13)),
        ("2024-07-01T12:00:00Z", datetime(2024, 7, 1, 15)),
        ("2024-07-01T12:00:00", datetime(2024, 7, 1, 12)),
        ("2024-07-01 12:00:00", datetime(2024, 7, 1, 12)),
        ("2024-07-01", datetime(2024, 7, 1)),
        ("01.07.2024", datetime(2024, 7, 1)),
        ("01.07.2024 12:30:00", datetime(2024, 7, 1, 12, 30)),
        ("yesterday", datetime(2026, 11, 29)),
        ("2024-07-01T12:00:00.999Z", datetime(2024, 7, 1, 15)),
        ("2024-07-01T12:00:00 02:00", None),
        ("2024-13-01", None),
        ("", None),
        ([], None),
        (5, None),
    ],
)
def test_a_time_without_an_offset_is_local(value: Any, read: datetime | None) -> None:
    assert moment(value, MOSCOW, NOW) == read  # P2.13


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ({"DATE_MODIFY": "ASC", "ID": "asc"}, [("DATE_MODIFY", False), ("ID", False)]),
        ({"ID": "DESC"}, [("ID", True)]),
        ({"ID": "up"}, [("ID", True)]),
        ({"ID": ""}, [("ID", True)]),
        ({"id": "ASC", "NOPE": "ASC", "TITLE": "ASC"}, [("TITLE", False)]),
        ({"UF_CRM_INTEGER": "ASC"}, [("UF_CRM_INTEGER", False)]),
        (["ID"], []),
        (None, []),
    ],
)
def test_unknown_order_fields_are_ignored_and_the_direction_is_descending_unless_asc(
    portal: Portal, order: Any, keys: list[tuple[str, bool]]
) -> None:
    found = ordered(order, portal.tables["lead"].fields)
    assert [(field.name, falling) for field, falling in found] == keys  # P2.7


@pytest.mark.parametrize("select", [None, [], {}, ["*"], "TITLE"])
def test_without_a_selection_all_standard_columns_are_sent(portal: Portal, select: Any) -> None:
    fields = portal.tables["lead"].fields
    left_out = {"PHONE", "EMAIL", "WEB", "IM", "LINK", "CONTACT_IDS"}
    standard = [name for name in fields if not name.startswith("UF_") and name not in left_out]
    assert [field.name for field in selected(select, fields)] == standard  # P2.16


@pytest.mark.parametrize(
    ("select", "columns"),
    [
        (["TITLE"], ["ID", "TITLE"]),
        (["TITLE", "NOPE", "id", "title"], ["ID", "TITLE"]),
        ({"3": "TITLE"}, ["ID", "TITLE"]),
        (["PHONE", "LINK"], ["ID", "PHONE", "LINK"]),
        (["CONTACT_IDS"], ["ID"]),
        (["UF_CRM_DATE"], ["ID", "UF_CRM_DATE"]),
    ],
)
def test_a_selection_always_has_the_id_and_ignores_unknown_names(
    portal: Portal, select: Any, columns: list[str]
) -> None:
    assert [field.name for field in selected(select, portal.tables["lead"].fields)] == columns  # P2.16


def test_a_mask_adds_all_custom_fields(portal: Portal) -> None:
    fields = portal.tables["lead"].fields
    custom = [field.name for field in portal.user_fields["lead"]]
    assert [field.name for field in selected(["UF_*"], fields)] == ["ID", *custom]
    both = [field.name for field in selected(["*", "UF_*"], fields)]
    assert both == [field.name for field in selected(["*"], fields)] + custom  # P2.16


def test_product_properties_have_their_own_mask(portal: Portal) -> None:
    fields = portal.tables["product"].fields
    names = [field.name for field in selected(["PROPERTY_*", "NAME"], fields)]
    assert names == ["ID", "NAME", "PROPERTY_101", "PROPERTY_103"]
    assert "PROPERTY_101" not in [field.name for field in selected(["*"], fields)]


def test_multi_fields_are_sent_only_if_they_are_named(app: App, portal: Portal) -> None:
    phones = [{"ID": "1", "VALUE_TYPE": "WORK", "VALUE": "+7 495", "TYPE_ID": "PHONE"}]
    portal.create("lead", PHONE=phones)
    portal.create("lead")
    rows = call(app, "crm.lead.list", select=["PHONE", "EMAIL"], order={"ID": "ASC"})["result"]
    assert rows == [{"ID": "1", "PHONE": phones}, {"ID": "2"}]  # P2.16, P2.17
