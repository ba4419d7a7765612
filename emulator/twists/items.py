"""Twists of `crm.item.list`, `crm.item.fields` and the stage history (P3, P5, P10.3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..app import App
from ..filters import moment
from ..registry import Outcome, RestError
from .twist import Params, Run, around, start_of, twist, with_filter

_ITEMS, _HISTORY = ("crm.item.list",), ("crm.stagehistory.list",)
_MOST_COUNTED, _SMALL_PAGE = 5, 20
_DEALS = "2"  # the number of the type


@twist("Beyond the end, `crm.item.list` gives the first page again.")
def items_beyond_the_end(app: App) -> None:
    """As classic lists do."""

    def wrap(params: Params, run: Run) -> Outcome:
        page = run(params)
        return run({**params, "start": 0}) if start_of(params) > 0 and not page.result["items"] else page

    around(app, _ITEMS, wrap)


@twist("With `start=-1`, `crm.item.list` counts.")
def items_without_a_count(app: App) -> None:
    """As with `start=0`."""
    around(app, _ITEMS, lambda params, run: run({**params, "start": max(0, start_of(params))}))


@twist(f"A total of `crm.item.list` is never above {_MOST_COUNTED}.")
def items_are_counted(app: App) -> None:
    """Totals are capped."""

    def wrap(params: Params, run: Run) -> Outcome:
        page = run(params)
        return page if page.total is None else replace(page, total=min(page.total, _MOST_COUNTED))

    around(app, _ITEMS, wrap)


@twist(f"A page of deals in `crm.item.list` holds {_SMALL_PAGE} items.")
def items_are_chained(app: App) -> None:
    """A reference to the last of 50 leads nowhere."""

    def wrap(params: Params, run: Run) -> Outcome:
        is_deals = str(params.get("entityTypeId")) == _DEALS
        return _with_items(run(params), lambda items: items[:_SMALL_PAGE] if is_deals else items)

    around(app, _ITEMS, wrap)


@twist("`crm.item.list` drops a filter by an unknown field.")
def items_refuse_unknown_filters(app: App) -> None:
    """As classic lists do."""
    around(
        app,
        _ITEMS,
        lambda params, run: run(with_filter(params, lambda key, value: None if "noSuch" in key else value)),
    )


@twist("In `crm.item.list`, a time that cannot be parsed is no condition.")
def items_with_unparsable_time(app: App) -> None:
    """The items come."""
    zone, now = app.portal.wire.zone, datetime(2026, 1, 1)

    def change(key: str, value: Any) -> Any:
        return None if key.endswith("Time") and moment(value, zone, now) is None else value

    around(app, _ITEMS, lambda params, run: run(with_filter(params, change)))


@twist("Items have texts, as rows of classic lists.")
def items_are_typed(app: App) -> None:
    """Numbers are texts."""
    around(app, _ITEMS, lambda params, run: _with_items(run(params), _as_texts))


@twist("`crm.item.fields` has no `upperName`.")
def item_fields_tell_rights(app: App) -> None:
    """Columns have one name only."""

    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        fields = outcome.result["fields"]
        plain = {name: {key: part for key, part in info.items() if key != "upperName"} for name, info in fields.items()}
        return replace(outcome, result={"fields": plain})

    around(app, ("crm.item.fields",), wrap)


@twist("The stage history of an object without stages is empty.")
def history_of_no_stages(app: App) -> None:
    """There is no error."""

    def wrap(params: Params, run: Run) -> Outcome:
        try:
            return run(params)
        except RestError as error:
            if error.code == "ENTITY_TYPE_NOT_SUPPORTED":
                return Outcome({"items": []})
            raise

    around(app, _HISTORY, wrap)


@twist("The stage history drops a filter by an unknown column.")
def history_refuses_unknown_filters(app: App) -> None:
    """As classic lists do."""
    around(
        app,
        _HISTORY,
        lambda params, run: run(with_filter(params, lambda key, value: None if "NO_SUCH" in key else value)),
    )


@twist("Rows of the stage history have texts.")
def history_rows_are_typed(app: App) -> None:
    """As rows of classic lists."""
    around(app, _HISTORY, lambda params, run: _with_items(run(params), _as_texts))


@twist("In the stage history, a time that cannot be parsed matches nothing.")
def history_times(app: App) -> None:
    """There is no error."""

    def wrap(params: Params, run: Run) -> Outcome:
        try:
            return run(params)
        except RestError as error:
            if error.code == "WRONG_DATETIME_FORMAT":
                return Outcome({"items": []})
            raise

    around(app, _HISTORY, wrap)


def _with_items(outcome: Outcome, change: Callable[[list[Any]], list[Any]]) -> Outcome:
    return replace(outcome, result={"items": change(outcome.result["items"])})


def _as_texts(rows: list[Any]) -> list[Any]:
    return [{name: str(value) if type(value) in (int, float) else value for name, value in row.items()} for row in rows]
