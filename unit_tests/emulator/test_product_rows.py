from decimal import Decimal

from emulator.product_rows import empty_row, price_in_cents, product_name, sample_rows, sample_total

PRODUCTS = (3, 7, 11)
OWNER = next(owner for owner in range(1, 99) if len(sample_rows("deal", owner, PRODUCTS)) == 3)


def test_half_of_the_owners_have_product_rows() -> None:
    filled = sum(bool(sample_rows("deal", owner, PRODUCTS)) for owner in range(1, 1001))
    assert 450 < filled < 550


def test_the_total_is_that_of_the_rows() -> None:
    rows = sample_rows("deal", OWNER, PRODUCTS)
    assert sample_total("deal", OWNER, PRODUCTS) == sum((row["PRICE"] * row["QUANTITY"] for row in rows), Decimal(0))
    without = next(owner for owner in range(1, 99) if not sample_rows("deal", owner, PRODUCTS))
    assert sample_total("deal", without, PRODUCTS) is None


def test_rows_name_products_of_the_catalogue_or_a_service() -> None:
    rows = [row for owner in range(1, 200) for row in sample_rows("quote", owner, PRODUCTS)]
    assert {row["PRODUCT_ID"] for row in rows} == {0, *PRODUCTS}
    for row in rows:
        assert row["PRICE"] == Decimal(price_in_cents(row["PRODUCT_ID"])) / 100
        assert row["PRODUCT_ID"] == 0 or row["PRODUCT_NAME"] == product_name(row["PRODUCT_ID"])


def test_without_a_catalogue_only_services_are_sold() -> None:
    assert {row["PRODUCT_ID"] for row in sample_rows("deal", OWNER, ())} == {0}


def test_rows_of_different_owners_have_different_ids() -> None:
    ids = [
        row["ID"]
        for name in ("deal", "lead", "quote")
        for owner in range(1, 99)
        for row in sample_rows(name, owner, ())
    ]
    assert len(set(ids)) == len(ids)


def test_a_row_that_is_added_has_every_column() -> None:
    assert set(empty_row(1, "deal", 900, 10)) == set(sample_rows("deal", OWNER, PRODUCTS)[0])
