from typing import Any

import pytest

from source_bitrix24.catalog.column import Column
from source_bitrix24.catalog.label import PEOPLE, Label, amount_of, currency_of, label_columns


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (Column("TITLE"), []),
        (Column("STAGE_ID", words="DEAL_STAGE*"), ["STAGE_ID_LABEL"]),
        (Column("ASSIGNED_BY_ID", "integer", words=PEOPLE), ["ASSIGNED_BY_ID_LABEL"]),
        (Column("UF_A", "integer", portal_type="enumeration"), ["UF_A_LABEL"]),
        (Column("UF_A", portal_type="money"), ["UF_A_AMOUNT", "UF_A_CURRENCY"]),
        (Column("UF_A", portal_type="url"), []),
    ],
)
def test_the_columns_that_are_made_of_a_column(column: Column, names: list[str]) -> None:
    assert [one.name for one in label_columns(column)] == names
    assert all(one.description for one in label_columns(column))


def test_what_is_made_of_several_values_has_several_values() -> None:
    (label,) = label_columns(Column("UF_A", "integer", multiple=True, portal_type="enumeration"))
    assert label.multiple
    assert Label(label, "UF_A", {1: "one"}.get).values([[1, 2], None, []]) == [["one", None], None, []]


def test_a_code_without_a_word_is_null() -> None:
    assert Label(Column("A_LABEL"), "A", {"x": "word"}.get).values(["x", "y", None]) == ["word", None, None]


@pytest.mark.parametrize(
    ("money", "amount", "currency"),
    [
        ("300.50|EUR", 300.5, "EUR"),
        ("300", 300, None),
        ("|EUR", None, "EUR"),
        ("x|EUR", None, "EUR"),
        (None, None, None),
    ],
)
def test_money_is_an_amount_and_a_currency(money: Any, amount: float | None, currency: str | None) -> None:
    assert (amount_of(money), currency_of(money)) == (amount, currency)
