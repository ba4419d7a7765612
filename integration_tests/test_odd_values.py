"""One odd value costs itself: it is beside its column, and every other value and row is there."""

from typing import Any

import pytest

from emulator.app import App
from emulator.odd import raw, values
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
        ("OPPORTUNITY", "12345678901234567.89"),
        ("UF_CRM_DOUBLE", "9007199254740993"),
        ("UF_CRM_INTEGER", "12345678901234567890"),
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


@pytest.mark.parametrize(
    ("column", "json", "kept"),
    [
        ("OPPORTUNITY", b"12345678901234567.89", "12345678901234567.89"),
        ("OPPORTUNITY", b"12345678901234567890", "12345678901234567890"),
        ("UF_CRM_INTEGER", b"12345678901234567890123", "12345678901234567890123"),
        ("UF_CRM_INTEGER_LIST", b"[1,12345678901234567890]", [1, "12345678901234567890"]),
        ("UF_CRM_DOUBLE", b"1e999", "1e999"),
        ("UF_CRM_DOUBLE", b"-INF", "-INF"),
        ("UF_CRM_DOUBLE", b"NaN", "NaN"),
    ],
)
def test_a_number_of_json_that_does_not_fit_is_beside_its_column_as_it_was_sent(
    app: App, connector: Connector, deal: int, column: str, json: bytes, kept: Any
) -> None:
    app.portal.odd[LIST] = values({deal}, **{column: raw(json)})
    rows = _read(connector, "deals")["deals"]
    assert _row(rows, deal)["UNTYPED_VALUES"] == {column: kept}
    assert column not in _row(rows, deal)
    assert not any("UNTYPED_VALUES" in row for row in rows if row["ID"] != deal)


def test_a_number_of_many_digits_is_whole_in_a_text_column_and_in_product_rows(
    app: App, connector: Connector, deal: int
) -> None:
    app.portal.odd[LIST] = values({deal}, TITLE=raw(b"12345678901234567.89"))
    assert _row(_read(connector, "deals")["deals"], deal)["TITLE"] == "12345678901234567.89"
    app.portal.set_product_rows("deal", deal, [{"PRODUCT_NAME": "Row", "PRICE": 1, "QUANTITY": 1}])
    app.portal.odd["crm.deal.productrows.get"] = values(PRICE=raw(b"12345678901234567.89"))
    rows = _read(connector, "deal_products")["deal_products"]
    assert {row["UNTYPED_VALUES"]["PRICE"] for row in rows} == {"12345678901234567.89"}


@pytest.mark.parametrize(("sent", "flag"), [(False, False), (True, True), ("N", False), ("0", False), ("Y", True)])
def test_all_tables_agree_on_what_means_no(app: App, connector: Connector, deal: int, sent: Any, flag: bool) -> None:
    app.portal.odd[LIST] = values({deal}, UF_CRM_BOOLEAN=sent)
    read = _read(connector, "deals", VALUES)
    (field,) = [row for row in read[VALUES] if (row["ID"], row["FIELD_NAME"]) == (deal, "UF_CRM_BOOLEAN")]
    assert _row(read["deals"], deal)["UF_CRM_BOOLEAN"] is flag
    assert (field["VALUE"], field["VALUES"]) == ("01"[flag], ["01"[flag]])


def test_what_opens_a_link_is_masked_in_every_table_and_column(app: App, connector: Connector, deal: int) -> None:
    link = "/rest/download.json?auth=c0de&amp;token=crm%7Cc0de&x=1"
    file = {
        "id": 7,
        "showUrl": link,
        "downloadUrl": link,
        "urlMachine": "https://portal.test/rest/1/c0de/getFile/?token=c0de",
    }
    odd = values(
        {deal}, TITLE=f"see {link}", UF_CRM_FILE=file, UF_CRM_FILE_LIST=[file], UF_CRM_URL=link, OPPORTUNITY=link
    )
    app.portal.odd[LIST] = odd
    app.portal.odd["crm.activity.list"] = values(FILES=[{"id": 1, "url": link}], SETTINGS={"at": link})
    app.portal.odd["crm.deal.productrows.get"] = values(PRODUCT_DESCRIPTION=link)
    app.portal.odd["crm.product.list"] = values(PREVIEW_PICTURE=file, PROPERTY_101={"value": link})
    app.portal.odd["crm.status.list"] = values(NAME=link)
    lines = "".join(connector.lines("read", catalog=connector.catalog()))
    assert "c0de" not in lines
    assert lines.count("auth=****&amp;token=****&x=1") > 10
