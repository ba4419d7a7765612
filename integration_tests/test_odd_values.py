"""One odd value costs itself: it is beside its column, and every other value and row is there."""

from typing import Any

import pytest

from emulator.app import App
from emulator.odd import values
from integration_tests.harness import Connector, Row, errors, records

LIST = "crm.deal.list"
VALUES = "deal_custom_field_values"


@pytest.fixture
def deal(app: App) -> int:
    return app.portal.create("deal", TITLE="Known", UF_CRM_BOOLEAN=True)


def _read(connector: Connector, *names: str) -> dict[str, list[Row]]:
    messages = connector.read(*names)
    assert (errors(messages), connector.exit_code) == ([], 0)
    return {name: records(messages, name) for name in names}


def _row(rows: list[Row], deal: int) -> Row:
    (row,) = [row for row in rows if row["ID"] == deal]
    return row


@pytest.mark.parametrize(
    ("column", "sent", "loaded"),
    [
        ("UF_CRM_DATETIME", "9999-12-31T00:00:00+03:00", "9999-12-31T00:00:00+03:00"),
        ("UF_CRM_DATETIME_LIST", ["9999-01-01T00:00:00+03:00"], ["9999-01-01T00:00:00+03:00"]),
        ("UF_CRM_DATE", "9999-12-31T03:00:00+03:00", "9999-12-31"),
        ("UF_CRM_BOOLEAN", False, False),
        ("CLOSED", False, False),
        ("UF_CRM_INTEGER_LIST", "7", [7]),
        ("UF_CRM_STRING_OF_TOMORROW", {"a": [1]}, '{"a":[1]}'),
    ],
)
def test_a_value_that_is_unusual_but_has_a_meaning_is_in_its_column(
    app: App, connector: Connector, deal: int, column: str, sent: Any, loaded: Any
) -> None:
    app.portal.odd[LIST] = values({deal}, **{column: sent})
    row = _row(_read(connector, "deals")["deals"], deal)
    assert row[column] == loaded
    assert "UNTYPED_VALUES" not in row


@pytest.mark.parametrize(
    ("column", "sent"),
    [
        ("UF_CRM_DATETIME", "9999-12-31T23:59:59-12:00"),
        ("DATE_MODIFY", "soon"),
        ("OPPORTUNITY", "-INF"),
        ("OPPORTUNITY", "-nan"),
        ("UF_CRM_DOUBLE", "1e999"),
        ("UF_CRM_BOOLEAN", "maybe"),
        # its type changed between discover and read
        ("UF_CRM_INTEGER", "a text"),
        ("UF_CRM_INTEGER", ["1", "2"]),
        ("UF_CRM_ENUMERATION", {"ID": "1"}),
        ("UF_CRM_DATE", "D_15"),
        ("UF_CRM_FILE", "a text"),
        ("UF_CRM_DOUBLE_LIST", ["1.5", "a text"]),
    ],
)
def test_a_value_that_does_not_fit_is_beside_its_column_and_costs_nothing_else(
    app: App, connector: Connector, deal: int, column: str, sent: Any
) -> None:
    connector.streams()
    before = _read(connector, "deals")["deals"]
    app.portal.odd[LIST] = values({deal}, **{column: sent})
    after = _read(connector, "deals")["deals"]
    row = _row(after, deal)
    assert row.pop("UNTYPED_VALUES") == {column: sent}
    assert {**row, column: 0} == {**_row(before, deal), column: 0}
    assert [one for one in after if one["ID"] != deal] == [one for one in before if one["ID"] != deal]


@pytest.mark.parametrize(("sent", "flag"), [(False, False), (True, True), ("N", False), ("0", False), ("Y", True)])
def test_all_tables_agree_on_what_means_no(app: App, connector: Connector, deal: int, sent: Any, flag: bool) -> None:
    app.portal.odd[LIST] = values({deal}, UF_CRM_BOOLEAN=sent)
    read = _read(connector, "deals", VALUES)
    (field,) = [row for row in read[VALUES] if (row["ID"], row["FIELD_NAME"]) == (deal, "UF_CRM_BOOLEAN")]
    assert _row(read["deals"], deal)["UF_CRM_BOOLEAN"] is flag
    assert (field["VALUE"], field["VALUES"]) == ("01"[flag], ["01"[flag]])
