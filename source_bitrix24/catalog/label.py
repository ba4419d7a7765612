"""Columns of words beside columns of codes, and the parts of an amount of money."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .column import Column
from .types import Misfit, load_number

PEOPLE = "$people"
_PEOPLE_TYPES = ("user", "employee")
_WORD_TYPES = ("enumeration", "crm_status", *_PEOPLE_TYPES)


@dataclass(frozen=True, slots=True)
class Label:
    """A column that is made of another one's values: `word` gives the word, or the part, for one value or null."""

    column: Column
    of: str
    word: Callable[[Any], Any]

    def values(self, loaded: Sequence[Any]) -> list[Any]:
        """Return its values for those of the other column, as they are loaded."""
        word = self.word
        if self.column.multiple:
            return [None if value is None else list(map(word, value)) for value in loaded]
        return list(map(word, loaded))


def is_person(column: Column) -> bool:
    """Whether a column holds users."""
    return column.words == PEOPLE or column.portal_type in _PEOPLE_TYPES


def label_columns(column: Column) -> list[Column]:
    """Return the columns that are made of this one: words, or amount and currency; none for most."""
    name = column.label or column.name
    if column.portal_type == "money":
        return [
            Column(
                f"{column.name}_AMOUNT", "number", column.multiple, label=name, description=f"Amount of {column.name}"
            ),
            Column(
                f"{column.name}_CURRENCY", "text", column.multiple, label=name, description=f"Currency of {column.name}"
            ),
        ]
    if not column.words and column.portal_type not in _WORD_TYPES:
        return []
    what = "First and last name of" if is_person(column) else "Word for"
    return [Column(f"{column.name}_LABEL", "text", column.multiple, label=name, description=f"{what} {column.name}")]


def amount_of(money: object) -> float | int | None:
    """Return the amount of a value such as `300.50|EUR`; None if it has none."""
    amount = money.partition("|")[0] if isinstance(money, str) else None
    try:
        return load_number(amount)
    except Misfit:
        return None


def currency_of(money: object) -> str | None:
    """Return the currency of such a value."""
    return money.partition("|")[2] or None if isinstance(money, str) else None
