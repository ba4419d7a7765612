"""Twists of the classic lists: pages, totals, orders and filters (P2)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ..app import App
from ..fields import MODIFIED
from ..filters import moment
from ..php import is_array
from ..registry import Outcome, RestError, shortened
from .twist import CLASSIC, Params, Run, around, start_of, twist, with_filter

_LARGE_PAGE, _MOST_COUNTED = 60, 45
_DATES = (*MODIFIED.values(), "DATE_CREATE", "CREATED")
_SHORT_BELOW = 110  # rows from the newest on


@twist(f"A page holds {_LARGE_PAGE} rows.")
def page_of_50(app: App) -> None:
    """Ten rows of the following page come too."""

    def wrap(params: Params, run: Run) -> Outcome:
        page = run(params)
        if start_of(params) >= 0 or len(page.result) < 50 or not _is_descending(params):
            return page
        lowest = {"<ID": page.result[-1]["ID"]}
        more = run({**params, "filter": {**(params.get("filter") or {}), **lowest}})
        return replace(page, result=[*page.result, *more.result[: _LARGE_PAGE - 50]])

    around(app, CLASSIC, wrap)


@twist("`start` is an exact offset.")
def start_selects_a_page(app: App) -> None:
    """75 gives the rows from 75 on."""

    def wrap(params: Params, run: Run) -> Outcome:
        start = start_of(params)
        if start <= 0 or start % 50 == 0:
            return run(params)
        first, second = (run({**params, "start": start // 50 * 50 + more}) for more in (0, 50))
        rows = [*first.result, *second.result][start % 50 :][:50]
        return replace(first, result=rows)

    around(app, CLASSIC, wrap)


@twist("`start` beyond the end gives an empty page.")
def start_beyond_the_end(app: App) -> None:
    """As in crm.item.list."""

    def wrap(params: Params, run: Run) -> Outcome:
        page = run(params)
        return replace(page, result=[], next=None) if start_of(params) >= max(1, page.total or 0) else page

    around(app, CLASSIC, wrap)


@twist(f"A total is never above {_MOST_COUNTED}.")
def total_counts_a_window(app: App) -> None:
    """As on plans that cap it, at a smaller number."""

    def wrap(params: Params, run: Run) -> Outcome:
        page = run(params)
        return replace(page, total=min(page.total or 0, _MOST_COUNTED))

    around(app, CLASSIC, wrap)


@twist("`start=-1` counts as any `start`.")
def no_count_with_start_minus_1(app: App) -> None:
    """As `start=0`."""
    around(app, CLASSIC, lambda params, run: run({**params, "start": 0} if start_of(params) < 0 else params))


@twist("`next` is always missing.")
def next_counts_rows(app: App) -> None:
    """There is no way to the next page."""
    around(app, CLASSIC, lambda params, run: replace(run(params), next=None))


@twist("An unknown column or direction in `order` is an error.")
def unknown_order_is_ignored(app: App) -> None:
    """As in crm.item.list."""

    def wrap(params: Params, run: Run) -> Outcome:
        for column, direction in (params.get("order") or {}).items():
            if column.startswith("NO_SUCH") or str(direction).upper() not in ("ASC", "DESC"):
                raise RestError("INVALID_ARG_VALUE", "Invalid order")
        return run(params)

    around(app, CLASSIC, wrap)


@twist("Of a list of IDs in a filter, only the first counts.")
def list_in_a_filter(app: App) -> None:
    """The others are ignored."""

    def change(key: str, value: Any) -> Any:
        return value[:1] if key in ("@ID", "=ID") and isinstance(value, list) else value

    around(app, CLASSIC, lambda params, run: run(with_filter(params, change)))


@twist("A filter by an unknown column is an error.")
def unknown_filter_is_dropped(app: App) -> None:
    """As in crm.item.list."""

    def wrap(params: Params, run: Run) -> Outcome:
        if any("noSuch" in key for key in params.get("filter") or {}):
            raise RestError("INVALID_ARG_VALUE", "Invalid filter")
        return run(params)

    around(app, CLASSIC, wrap)


@twist("An empty text in `@ID` is no condition.")
def empty_list_in_a_filter(app: App) -> None:
    """All rows come."""
    around(
        app,
        CLASSIC,
        lambda params, run: run(with_filter(params, lambda key, value: None if (key, value) == ("@ID", "") else value)),
    )


@twist("A time with `Z` is not understood.")
def times_in_filters(app: App) -> None:
    """It matches nothing, as what is no time."""

    def change(key: str, value: Any) -> Any:
        return "no time" if key.lstrip("<>=") in _DATES and str(value).endswith("Z") else value

    around(app, CLASSIC, lambda params, run: run(with_filter(params, change)))


@twist("A time that cannot be parsed is no condition.")
def unparsable_time(app: App) -> None:
    """The row comes."""
    zone, now = app.portal.wire.zone, datetime(2026, 1, 1)

    def change(key: str, value: Any) -> Any:
        is_no_time = key.lstrip("<>=") in _DATES and not is_array(value) and moment(value, zone, now) is None
        return None if is_no_time else value

    around(app, CLASSIC, lambda params, run: run(with_filter(params, change)))


@twist("Templates of recurring deals are listed too.")
def templates_are_left_out(app: App) -> None:
    """They are rows as others."""
    app.portal.rules.hides_deals_by = ""


@twist("`FILTER` is ignored.")
def filter_in_capitals(app: App) -> None:
    """All rows come."""
    around(app, CLASSIC, lambda params, run: run({key: value for key, value in params.items() if key != "FILTER"}))


@twist("Pages further down in the list of deals lack their last row, which comes with the next page.")
def short_page_is_the_last(app: App) -> None:
    """A short page is not the last one."""
    ids = app.portal.tables["deal"].ids
    short_below = ids[-min(len(ids), _SHORT_BELOW)]

    def wrap(params: Params, run: Run) -> Outcome:
        below = str((params.get("filter") or {}).get("<ID", ""))
        is_deep = below.isdecimal() and int(below) <= short_below + 60
        return shortened(run(params)) if is_deep and _is_descending(params) else run(params)

    around(app, ("crm.deal.list",), wrap)


def _is_descending(params: Params) -> bool:
    return bool((params.get("order") or {}).get("ID") == "DESC")
