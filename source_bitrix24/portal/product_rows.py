"""Which values of `crm.productrow.list` are those that `productrows.get` shows, for a row of any age (P4.7, P4.9).

The list shows what the database holds. The other method reads the same row and mends it: it fills in the product's name and
unit of measure from the catalogue, rounds amounts, replaces NULL by a default, and takes the warehouse from the
reservation. Rows that were written long ago, or by other programs, are those that differ, so samples of new rows prove
nothing about them. A value is taken from the list only where mending it would change nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, Any]
_UNIT_COLUMNS = ("MEASURE_CODE", "MEASURE_NAME")


def _shown_as_it_is(value: Any) -> bool:
    return True


def _not_null(value: Any) -> bool:
    return value is not None


def _filled(value: Any) -> bool:
    return bool(value)


def _rounded_to(places: int) -> Callable[[Any], bool]:
    def is_rounded(value: Any) -> bool:
        try:
            number = Decimal(str(value))
            return number.is_finite() and number == round(number, places)
        except InvalidOperation:
            return False

    return is_rounded


_IS_ROUNDED = _rounded_to(2)

# STORE_ID is not here: the list may show another one than the reservation, or none
FROM_LIST: Mapping[str, Callable[[Any], bool]] = {
    # never mended
    "ID": _shown_as_it_is,
    "OWNER_ID": _shown_as_it_is,
    "OWNER_TYPE": _shown_as_it_is,
    "PRICE_ACCOUNT": _shown_as_it_is,
    "XML_ID": _shown_as_it_is,
    # filled in from the catalogue
    "PRODUCT_NAME": _filled,
    "MEASURE_CODE": _not_null,
    "MEASURE_NAME": _shown_as_it_is,
    # NULL becomes a default
    "PRODUCT_ID": _not_null,
    "DISCOUNT_TYPE_ID": _not_null,
    "TAX_INCLUDED": _filled,
    "CUSTOMIZED": _filled,
    "SORT": _not_null,
    "TYPE": _not_null,
    # rounded, and NULL becomes 0
    "PRICE": _IS_ROUNDED,
    "PRICE_EXCLUSIVE": _IS_ROUNDED,
    "PRICE_NETTO": _IS_ROUNDED,
    "PRICE_BRUTTO": _IS_ROUNDED,
    "DISCOUNT_RATE": _IS_ROUNDED,
    "DISCOUNT_SUM": _IS_ROUNDED,
    "QUANTITY": _rounded_to(4),
    # rounded, and NULL stays
    "TAX_RATE": lambda value: value is None or _IS_ROUNDED(value),
}


def is_proved(row: Row, columns: Collection[str]) -> bool:
    """Whether these columns of a row of the list are as its owner shows them when it is asked alone."""
    if not all(name in FROM_LIST and FROM_LIST[name](row.get(name)) for name in columns):
        return False
    return not set(_UNIT_COLUMNS) & set(columns) or _has_own_unit(row)


def _has_own_unit(row: Row) -> bool:
    """Whether no unit of measure is filled in: the row has one, or no product of the catalogue."""
    code, product = str(row.get("MEASURE_CODE") or 0), str(row.get("PRODUCT_ID") or 0)
    return product == "0" or (code.isdecimal() and code.isascii() and int(code) > 0)


def has_numbers(row: object) -> bool:
    """Whether an entry is a row with the numbers by which sets are found, sorted and compared."""
    if not isinstance(row, dict):
        return False
    numbers = (row.get("ID"), row.get("OWNER_ID"), row.get("SORT") or 0)
    return all(str(number).isdecimal() and str(number).isascii() for number in numbers)


def keys_of(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return the IDs of rows and of their owners."""
    return [(str(row.get("ID")), str(row.get("OWNER_ID"))) for row in rows]
