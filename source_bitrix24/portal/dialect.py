"""Quirks of a family of list methods, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a family of list methods spells its answers.

    `rows_in`: the key under `result` that holds the rows, "" where `result` is the list itself.
    `id`: the name of the key column in rows, filters and orders. `created`: the column with the date of creation.
    """

    rows_in: str = ""
    id: str = "ID"
    created: str = "DATE_CREATE"


CLASSIC = Dialect()
ACTIVITIES = Dialect(created="CREATED")
ITEMS = Dialect(rows_in="items", created="CREATED_TIME")
