"""Facts of the webhook, its user and its scopes (P7, P12, P13)."""

from ...portal.batch import Command
from ...portal.errors import MissingScope, NoSuchMethod
from ...portal.reply import portal_time
from ..fact import Asking, Direct, code_of, fact, judged, untold
from ..known import Known

_CLOCK = Command("server.time")
# a method that only reads, for each scope that a webhook may lack
_OF_SCOPE = {
    "department": ("department.get", ("department",)),
    "telephony": ("voximplant.statistic.get", ("telephony",)),
    "task": ("tasks.task.list", ("task", "tasks")),
    "user": ("user.get", ("user", "user_basic", "user_brief")),
}


@fact(
    "P1.15",
    "A command without its scope gets `insufficient_scope`; the others run.",
    "A table whose scope is missing fails alone, with its reason.",
)
def scope_is_checked_by_command(known: Known) -> Asking:
    """Call a method whose scope the webhook lacks."""
    lacking = [method for method, scopes in _OF_SCOPE.values() if not known.scopes & set(scopes)]
    if not lacking:
        return untold("the webhook has every scope that could be tried")
    reply = yield {"unscoped": _CLOCK, "scoped": Command(lacking[0])}
    error = reply["scoped"].error
    if isinstance(error, NoSuchMethod):
        return untold("the portal does not have the method")
    return judged(isinstance(error, MissingScope) and not reply["unscoped"].error, f"it gets {code_of(error)}")


@fact(
    "P7.3",
    "An answer has a block `time` with `duration` and `date_start`, a time with its offset.",
    "The clock is asked for by `server.time`; seconds are measured here.",
)
def answers_have_times(known: Known) -> Asking:
    """Look at the times of an answer and of a command."""
    reply = yield {"timed": _CLOCK}
    missing = [name for name in ("duration", "date_start") if name not in reply.time]
    if "duration" not in reply.times.get("timed", {}):
        missing.append("duration of a command")
    if "date_start" in reply.time and portal_time(reply.time["date_start"]) is None:
        missing.append("the offset of date_start")
    return judged(not missing, f"missing: {', '.join(missing)}" if missing else "both are there")


@fact(
    "P12.3",
    "`server.time` is the portal's clock with its offset, the same as in `time`.",
    "A sync whose answers show no clock stops with a message.",
)
def server_time_is_the_clock(known: Known) -> Asking:
    """Compare both clocks."""
    reply = yield {"server_clock": _CLOCK}
    if reply["server_clock"].error:
        raise reply["server_clock"].error
    told = portal_time(reply["server_clock"].result)
    block = portal_time(reply.time.get("date_start"))
    if told is None:
        return judged(False, "no time with an offset")
    if block is None:
        return judged(True, "a time with an offset; the answer has none to compare it with")
    apart = abs((told - block).total_seconds())
    return judged(apart < 60, f"{apart:.0f} s apart")


@fact(
    "P13.1",
    "`profile` has the user's `ID` as text, and `ADMIN`, whether it is an administrator, as a boolean.",
    "A user whose `ADMIN` is not true counts as no administrator: product rows are read owner by owner.",
)
def profile_tells_the_administrator(known: Known) -> Asking:
    """Look at the profile, which was asked first."""
    yield from ()
    if known.user is None:
        return judged(False, "it is refused")
    user = known.user if isinstance(known.user, dict) else {}
    odd = [name for name, kind in (("ID", str), ("ADMIN", bool)) if not isinstance(user.get(name), kind)]
    return judged(not odd, f"of another type, or missing: {', '.join(odd)}" if odd else "both are there")


@fact(
    "P13.2", "`scope` is the list of the webhook's scopes.", "Tables are read, and fail alone where a scope is missing."
)
def scope_is_a_list(known: Known) -> Asking:
    """Look at the scopes, which were asked first."""
    yield from ()
    return judged("crm" in known.scopes, f"{len(known.scopes)} scopes" if known.scopes else "no list of scopes")


@fact("P13.3", "`crm.settings.mode.get` is 1 with leads, 2 without.", "Nothing: leads are read in both modes.")
def mode_of_the_crm(known: Known) -> Asking:
    """Ask for the mode."""
    answer = (yield {"mode": Command("crm.settings.mode.get")})["mode"]
    if answer.error:
        raise answer.error
    mode = str(answer.result)
    return judged(mode in ("1", "2"), {"1": "with leads", "2": "without leads"}.get(mode, "another mode"))


@fact("P13.4", "`app.info` is refused to a webhook.", "Nothing: the plan is a setting.")
def app_info_is_refused(known: Known) -> Asking:
    """Ask for the plan outside a batch."""
    answer = (yield Direct(Command("app.info")))["direct"]
    return judged(bool(answer.error), f"it answers with {code_of(answer.error)}")
