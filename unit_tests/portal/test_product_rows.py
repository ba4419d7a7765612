"""A row of the list is proved only where the documented method would show the same values (P4.9)."""

from typing import Any

import pytest

from source_bitrix24.catalog.column import standard_columns
from source_bitrix24.portal.product_rows import FROM_LIST, has_numbers, is_proved

NEW = {
    "ID": "7",
    "OWNER_ID": "3",
    "OWNER_TYPE": "D",
    "PRODUCT_ID": "5",
    "PRODUCT_NAME": "Row",
    "XML_ID": None,
    "PRICE": "12.50",
    "PRICE_EXCLUSIVE": "12.5",
    "PRICE_NETTO": "0.00",
    "PRICE_BRUTTO": "12",
    "PRICE_ACCOUNT": "1.2345",
    "QUANTITY": "1.5000",
    "DISCOUNT_TYPE_ID": "2",
    "DISCOUNT_RATE": "0",
    "DISCOUNT_SUM": "0.0000",
    "TAX_RATE": None,
    "TAX_INCLUDED": "N",
    "CUSTOMIZED": "Y",
    "MEASURE_CODE": "796",
    "MEASURE_NAME": "pcs",
    "SORT": "10",
    "TYPE": "1",
}
# what only the other method shows, or shows by the reservation
NEVER = {
    "ORIGINAL_PRODUCT_NAME",
    "PRODUCT_DESCRIPTION",
    "RESERVE_ID",
    "RESERVE_QUANTITY",
    "DATE_RESERVE_END",
    "STORE_ID",
}


def test_each_column_is_taken_for_a_reason_or_never() -> None:
    columns = {column.name for column in standard_columns("deal_products")} - {"DATE_MODIFY", "POSITION"}
    assert columns - FROM_LIST.keys() == NEVER
    assert NEW.keys() == FROM_LIST.keys()


def test_a_row_that_the_portal_writes_today_is_proved() -> None:
    assert is_proved(NEW, FROM_LIST)


@pytest.mark.parametrize("column", sorted(NEVER))
def test_a_column_without_a_reason_is_never_proved(column: str) -> None:
    assert not is_proved({**NEW, column: "1"}, ["ID", column])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("PRODUCT_NAME", value) for value in (None, "")),
        *((name, None) for name in ("PRODUCT_ID", "DISCOUNT_TYPE_ID", "TAX_INCLUDED", "CUSTOMIZED", "SORT", "TYPE")),
        *(
            (name, value)
            for name in ("PRICE", "PRICE_EXCLUSIVE", "DISCOUNT_RATE")
            for value in (None, "1.005", "x", "NaN")
        ),
        ("QUANTITY", "0.33333"),
        ("TAX_RATE", "6.125"),
        *(("MEASURE_CODE", value) for value in (None, "0", "-1", "x")),
    ],
)
def test_a_value_that_would_be_mended_is_not_proved(column: str, value: Any) -> None:
    row = {**NEW, column: value}
    assert not is_proved(row, FROM_LIST)
    others = FROM_LIST.keys() - {column, "MEASURE_CODE", "MEASURE_NAME"}
    assert is_proved(row, others)


def test_a_row_without_a_product_has_no_unit_to_fill_in() -> None:
    assert is_proved({**NEW, "PRODUCT_ID": "0", "MEASURE_CODE": "0", "MEASURE_NAME": ""}, FROM_LIST)
    assert not is_proved({**NEW, "MEASURE_CODE": "0"}, ["MEASURE_NAME"])


@pytest.mark.parametrize(
    "row", [None, False, [], {}, {"ID": "1"}, {"ID": "1", "OWNER_ID": "x"}, {**NEW, "SORT": "soon"}]
)
def test_an_entry_without_its_numbers_is_no_row(row: object) -> None:
    assert not has_numbers(row)
    assert has_numbers(NEW)
