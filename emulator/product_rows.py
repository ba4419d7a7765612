"""Product rows of the sample company: what is in its catalogue, at the catalogue's price, or a service typed by hand."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from .company import mix
from .words import PRODUCTS, SERVICES

Row = dict[str, Any]

OWNER_TYPES = {"deal": "D", "lead": "L", "quote": "Q", "item_31": "SI", "item_130": "T82"}
_KINDS = {name: number for number, name in enumerate(OWNER_TYPES)}
_FIRST_OF_ITEMS = 500_000_000  # rows of all owners lie in one table
_SOLD = 40  # products of the catalogue that are ever sold
_SERVICE_CENTS = 25_000


def product_name(product: int) -> str:
    """The name of a product of the catalogue."""
    return f"{PRODUCTS[product % len(PRODUCTS)]} №{product}"


def price_in_cents(product: int) -> int:
    """The price of a product of the catalogue; of a service for 0."""
    return 990 + product * 3_700 % 90_000 if product else _SERVICE_CENTS


def sample_rows(name: str, owner: int, products: Sequence[int]) -> list[Row]:
    """The product rows of a sample deal, lead or quote. `products`: the IDs of the catalogue."""
    return [
        _row(owner, name, number, 10 + 10 * place, product, halves)
        for place, (number, product, halves) in enumerate(_sold(name, owner, products))
    ]


def sample_total(name: str, owner: int, products: Sequence[int]) -> Decimal | None:
    """The total of these rows; None if there are none."""
    sold = _sold(name, owner, products)
    return Decimal(sum([price_in_cents(product) * halves for _, product, halves in sold])) / 200 if sold else None


def empty_row(owner: int, name: str, number: int, sort: int) -> Row:
    """A row that a program adds, with the values it does not name."""
    return _row(owner, name, number, sort, 0, 2)


def _sold(name: str, owner: int, products: Sequence[int]) -> Sequence[tuple[int, int, int]]:
    """The ID of each row, its product (0 for none) and its quantity in halves."""
    kind = _KINDS[name]
    count = mix(kind, owner) % 6 - 2  # half of the owners have none
    if count <= 0:
        return ()
    sold = []
    for place in range(count):
        number = (owner * 4 + place) * 3 + kind if kind < 3 else _FIRST_OF_ITEMS + (owner * 4 + place) * 2 + kind
        draw = mix(77, number)
        product = products[draw % min(_SOLD, len(products))] if draw % 9 and products else 0
        sold.append((number, product, 1 + draw % 7 if draw % 11 == 0 else 2 + 2 * (draw % 7)))
    return sold


def _row(owner: int, name: str, number: int, sort: int, product: int, halves: int) -> Row:
    draw = mix(77, number)
    price = Decimal(price_in_cents(product)) / 100
    catalogue_name = product_name(product) if product else None
    return {
        "ID": number,
        "OWNER_ID": owner,
        "OWNER_TYPE": OWNER_TYPES[name],
        "PRODUCT_ID": product,
        "PRODUCT_NAME": catalogue_name or SERVICES[draw % len(SERVICES)],
        "ORIGINAL_PRODUCT_NAME": catalogue_name,
        "PRODUCT_DESCRIPTION": None if draw % 3 else "<p>Описание</p>",
        "PRICE": price,
        "PRICE_EXCLUSIVE": price,
        "PRICE_NETTO": price,
        "PRICE_BRUTTO": price,
        "PRICE_ACCOUNT": price,
        "QUANTITY": Decimal(halves) / 2,
        "DISCOUNT_TYPE_ID": 2,
        "DISCOUNT_RATE": Decimal(0),
        "DISCOUNT_SUM": Decimal(0),
        "TAX_RATE": None if draw % 2 else Decimal(20),
        "TAX_INCLUDED": bool(draw % 2),
        "CUSTOMIZED": True,
        "MEASURE_CODE": 796,
        "MEASURE_NAME": "шт",
        "SORT": sort,
        "XML_ID": None if draw % 2 else f"sale_basket_{number}",
        "TYPE": (1, 4, 7)[draw % 3],
        "STORE_ID": None if draw % 2 else 1,
        "RESERVE_ID": None if draw % 5 else number,
        "DATE_RESERVE_END": None,
        "RESERVE_QUANTITY": None if draw % 5 else Decimal(1),
    }
