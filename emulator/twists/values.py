"""Twists of values, columns and fields (P2.15 to P2.17, P8.8, P10, P11)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..app import App
from ..registry import Outcome
from .twist import CLASSIC, Params, Run, around, twist

_DAYS = ("BEGINDATE", "CLOSEDATE", "BIRTHDATE")
_TIMES = ("DATE_CREATE", "DATE_MODIFY")
_SKEW = 3 * 3600.0


@twist("`select=*` sends custom fields too.")
def select_star(app: App) -> None:
    """As with UF_*."""

    def wrap(params: Params, run: Run) -> Outcome:
        return run({**params, "select": ["*", "UF_*"]} if params.get("select") == ["*"] else params)

    around(app, CLASSIC, wrap)


@twist("`UF_*` adds nothing, unless `*` is selected too.")
def select_custom_fields(app: App) -> None:
    """Custom fields are missing."""

    def wrap(params: Params, run: Run) -> Outcome:
        names = params.get("select") or []
        kept = names if "*" in names else [name for name in names if name != "UF_*"]
        return run({**params, "select": kept} if names else params)

    around(app, CLASSIC, wrap)


@twist("Classic lists send whole numbers as numbers.")
def classic_values_are_text(app: App) -> None:
    """As crm.item.list does."""
    _each_value(app, lambda name, value: int(value) if _is_number(name, value) else value)


@twist("Times of rows are shown in UTC, the clock is not.")
def times_have_the_servers_offset(app: App) -> None:
    """The same moments."""
    _each_value(app, lambda name, value: _moved(value, timedelta(), to_utc=True) if name in _TIMES and value else value)


@twist("A clock of the database is three hours ahead.")
def clocks_agree(app: App) -> None:
    """And a deal has just been added."""
    app.portal.database_skew = _SKEW
    app.portal.create("deal", TITLE="Dated by another clock")


@twist("A day is sent as five o'clock in UTC.")
def days_are_midnights(app: App) -> None:
    """The same days."""
    _each_value(app, lambda name, value: _moved(value, timedelta(hours=5)) if name in _DAYS and value else value)


@twist("Custom fields have their labels without a language too.")
def labels_need_a_language(app: App) -> None:
    """In English."""

    def wrap(params: Params, run: Run) -> Outcome:
        asked = params.get("filter") or {}
        return run({**params, "filter": {"LANG": "en", **asked}})

    around(app, ("crm.deal.userfield.list",), wrap)


@twist("`crm.deal.fields` has no labels of custom fields.")
def fields_are_a_map(app: App) -> None:
    """They are in the definitions only."""

    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        plain = {
            name: {key: part for key, part in info.items() if not key.endswith("Label")}
            for name, info in outcome.result.items()
        }
        return replace(outcome, result=plain)

    around(app, ("crm.deal.fields",), wrap)


@twist("`crm.status.list` comes in pages of ten.")
def small_tables_are_whole(app: App) -> None:
    """With a total and a next page."""
    app.portal.page_sizes["crm.status.list"] = 10


@twist("The default pipeline has another ID than 0.")
def default_pipeline_is_0(app: App) -> None:
    """The second one is the default."""
    app.portal.pipelines[0].is_default, app.portal.pipelines[1].is_default = False, True


@twist("An amount of some deals is a word.")
def values_fit_their_columns(app: App) -> None:
    """It fits no number."""
    _each_value(app, lambda name, value: "much" if name == "OPPORTUNITY" and str(value).startswith("1") else value)


@twist("There is a custom field of an unknown type.")
def types_of_custom_fields(app: App) -> None:
    """A quaternion."""
    app.portal.add_user_field("lead", "UF_CRM_TWIST", "quaternion", en="Twist", ru="Twist")


@twist("A custom field with several values is null if empty.")
def several_values_are_lists(app: App) -> None:
    """As other fields."""
    _each_value(app, lambda name, value: None if name.startswith("UF_") and value is False else value)


def _each_value(app: App, change: Callable[[str, Any], Any]) -> None:
    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        rows = [{name: change(name, value) for name, value in row.items()} for row in outcome.result]
        return replace(outcome, result=rows)

    around(app, CLASSIC, wrap)


def _is_number(name: str, value: Any) -> bool:
    return name != "ID" and isinstance(value, str) and value.isdecimal() and name.endswith("_ID") and value[0] != "0"


def _moved(text: str, by: timedelta, *, to_utc: bool = False) -> str:
    moment = datetime.fromisoformat(text) + by
    return (moment.astimezone(UTC) if to_utc else moment).isoformat(timespec="seconds")
