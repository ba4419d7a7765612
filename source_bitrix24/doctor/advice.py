"""What the doctor tells a user in plain sentences: what the webhook sees, what to watch, which settings to choose."""

from collections.abc import Iterator

from ..portal.profile import NOT_AN_ADMINISTRATOR
from ..sentences import sentence_of
from .estimates import MOST_LANES, Estimates
from .examination import Examination
from .fact import Verdict
from .words import duration

_MUCH = 20.0  # seconds of operating time that others have spent
_LONG, _HOUR, _LONG_FIRST_SYNC = 300.0, 3600.0, 6 * 3600.0


def findings_in_short(found: Examination) -> Iterator[str]:
    """Yield sentences about the portal and the webhook."""
    known = found.known
    if known.user is None:
        yield "The portal does not say who the webhook's user is."
    elif known.is_administrator:
        yield "The webhook's user is an administrator of the portal, who sees every record."
    else:
        yield NOT_AN_ADMINISTRATOR
    if known.scopes:
        yield f"The webhook has these permissions (scopes): {', '.join(sorted(known.scopes))}."
    gains: dict[str, list[str]] = {}
    for table in known.lacking:
        gains.setdefault(" or ".join(f"`{scope}`" for scope in table.scopes), []).append(table.name)
    for scope, names in gains.items():
        yield f"With the permission {scope} it would also read: {', '.join(names)}."
    unreadable = sorted(name for one in known.lists if one.error for name in one.tables)
    if unreadable:
        yield f"These tables cannot be read: {', '.join(unreadable)}."
    else:
        yield "Every table that is a list can be read."


def warnings(found: Examination) -> Iterator[str]:
    """Yield what a user should know before the first sync."""
    if found.guard.redirects:
        yield "The portal redirects to another address: paste the webhook URL with its new name into the settings."
    if found.guard.crowded:
        yield (
            "The portal refused requests because of its rate limit: another program on the same IP address uses it too. "
            "Stop or slow it while the first sync runs."
        )
    if found.line.others > _MUCH:
        yield (
            f"In the last ten minutes others, or an earlier sync, have spent {duration(found.line.others)} of the 480 s of "
            "operating time that a sync needs too."
        )
    if found.verdict("clocks_agree") is Verdict.DIFFERENT:
        yield "The clocks of the portal's database and of its web server are apart: set both to the same time."
    for one in found.known.lists:
        if one.error:
            yield f"{', '.join(one.tables)}: {sentence_of(one.error).partition(' (')[0]}"
    if found.stopped:
        yield f"The examination is not complete: {found.stopped}."


def settings(found: Examination, estimates: Estimates) -> Iterator[tuple[str, str]]:
    """Yield settings and what to choose for each."""
    if estimates.first.by == "request rate" and estimates.first.seconds > _LONG:
        yield "portal_plan", "`enterprise` if the portal is on that plan: the request rate bounds the first sync"
    else:
        yield "portal_plan", "`standard`, or `enterprise` on that plan; it makes no difference for the first sync here"
    yield "concurrent_requests", f"{MOST_LANES}; a sync finds out by itself how many the portal bears"
    if estimates.first.seconds > _LONG_FIRST_SYNC:
        yield "start_date", "the oldest day that you need: the first sync of everything takes long"
    else:
        yield "start_date", "empty: everything is read in reasonable time"
    if found.verdict("labels_need_a_language") is Verdict.AS_KNOWN:
        yield "label_language", f"`{found.known.language}`: custom fields have labels in it"
    else:
        yield (
            "label_language",
            "the language of the portal's users: custom fields show no labels in the one that was tried",
        )
    often = estimates.hourly.seconds < _HOUR / 4
    yield "frequency", "every hour" if often else f"every {max(2, round(estimates.hourly.seconds * 4 / _HOUR))} hours"
