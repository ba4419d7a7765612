"""Quirks of a family of list methods, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a family of list methods spells its answers.

    `rows_in`: the key under `result` that holds the rows, "" where `result` is the list itself.
    `id`: the name of the key column in rows, filters and orders. `created`: the column with the date of creation.
    `counting_start`: the `start` with which a page tells the number of rows; beyond the end no rows are built, where that is
    not the first page again (P2.3).
    """

    rows_in: str = ""
    id: str = "ID"
    created: str = "DATE_CREATE"
    counting_start: int = 0


CLASSIC = Dialect()
ACTIVITIES = Dialect(created="CREATED")
ITEMS = Dialect(rows_in="items", created="CREATED_TIME", counting_start=1_000_000_000)
