"""Twists of the webhook, its user and its scopes (P1.15, P7.3, P12.3, P13)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ..app import App
from ..registry import Outcome
from .twist import Params, Run, around, twist


@twist("A missing scope is `ACCESS_DENIED`.")
def scope_is_checked_by_command(app: App) -> None:
    """Another code."""
    app.portal.rules.code_of_missing_scope = "ACCESS_DENIED"


@twist("The block `time` has no `date_start`.")
def answers_have_times(app: App) -> None:
    """Nor `date_finish`."""

    def odd(time: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in time.items() if not key.startswith("date_")}

    app.portal.rules.odd_time = odd


@twist("`server.time` is a time without an offset.")
def server_time_is_the_clock(app: App) -> None:
    """The local time."""

    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        return replace(outcome, result=datetime.fromisoformat(outcome.result).replace(tzinfo=None).isoformat())

    around(app, ("server.time",), wrap)


@twist("`profile` has the user's ID as a number.")
def profile_tells_the_administrator(app: App) -> None:
    """Not as text."""

    def wrap(params: Params, run: Run) -> Outcome:
        outcome = run(params)
        return replace(outcome, result=outcome.result | {"ID": int(outcome.result["ID"])})

    around(app, ("profile",), wrap)


@twist("`scope` is a map.")
def scope_is_a_list(app: App) -> None:
    """Not a list."""
    around(app, ("scope",), lambda params, run: Outcome(dict.fromkeys(run(params).result, True)))


@twist("`crm.settings.mode.get` is 3.")
def mode_of_the_crm(app: App) -> None:
    """An unknown mode."""
    around(app, ("crm.settings.mode.get",), lambda params, run: Outcome(3))


@twist("`app.info` answers.")
def app_info_is_refused(app: App) -> None:
    """With the plan."""
    around(app, ("app.info",), lambda params, run: Outcome({"LICENSE": "pro", "SCOPE": ["crm"]}))
