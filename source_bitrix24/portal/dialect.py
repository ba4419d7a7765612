"""Quirks of a family of list methods, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a family of list methods spells its questions and answers.

    `rows_in`: the key under `result` that holds the rows, "" where `result` is the list itself. `id`: the key column;
    `created`: the column with the date of creation. `is_camel`: rows have their names in camel case. `filter`: the parameter
    that holds the filter. `sort`: the parameters that hold the column and the direction of the order, where the order is no
    map. `first_pages`: the most pages of a first request, where each costs the whole rest of the list. `windows`: pages are
    windows of 50 IDs, since a reference past a short page is not known to end the chain (P15.4).
    `counting_start`: the `start` with which a page tells the number of rows; beyond the end no rows are built, where that is
    not the first page again (P2.3).
    """

    rows_in: str = ""
    id: str = "ID"
    created: str = "DATE_CREATE"
    is_camel: bool = False
    filter: str = "filter"
    sort: tuple[str, str] | None = None
    first_pages: int | None = None
    windows: bool = False
    counting_start: int = 0


_BEYOND = 1_000_000_000  # every end
CLASSIC = Dialect()
ACTIVITIES = Dialect(created="CREATED")
ITEMS = Dialect(rows_in="items", created="CREATED_TIME", counting_start=_BEYOND)
SMART_ITEMS = Dialect(  # P14.6: dear
    rows_in="items", created="CREATED_TIME", is_camel=True, first_pages=10, counting_start=_BEYOND
)
REQUISITES = Dialect(first_pages=1)  # P15.5
USERS = Dialect(created="DATE_REGISTER", filter="FILTER", sort=("sort", "order"), counting_start=_BEYOND)  # P15.1
CALLS = Dialect(created="CALL_START_DATE", filter="FILTER", sort=("SORT", "ORDER"), counting_start=_BEYOND)  # P15.3
TASKS = Dialect(rows_in="tasks", created="CREATED_DATE", is_camel=True, windows=True)  # P15.4
