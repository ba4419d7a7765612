"""Facts of dates: the database's clock against PHP's, and the form of a day (P2.15, P8)."""

from datetime import datetime, timedelta

from ...portal.batch import Command
from ...portal.reply import portal_time
from ..fact import Asking, fact, judged, untold
from ..known import Known

_RECENT = timedelta(minutes=10)
_SLACK = timedelta(seconds=2)
_MIDNIGHT_SLACK = timedelta(hours=1)  # P2.15: where clocks change it can be an hour off


@fact(
    "P8.8",
    "Rows are dated by a clock that agrees with the portal's.",
    "Each sync looks back by as much as the dates of rows show; a warning says so where they are ahead.",
)
def clocks_agree(known: Known) -> Asking:
    """Compare the latest date among the newest rows with the portal's clock."""
    reply = yield {"clock_after_rows": Command("server.time")}
    told = None if reply["clock_after_rows"].error else portal_time(reply["clock_after_rows"].result)
    now = told or portal_time(reply.time.get("date_finish"))
    if now is None:
        return untold("the portal does not show its clock")
    dates = [
        date for one in known.lists for row in one.rows if one.cursor and (date := portal_time(row.get(one.cursor)))
    ]
    if not dates:
        return untold("no row has a date")
    behind = now - max(dates)
    if behind < -_SLACK:
        return judged(False, f"rows are dated {_words(-behind)} ahead of the portal's clock")
    if behind > _RECENT:
        return untold(f"the latest change is {_words(behind)} old")
    return judged(True, f"the latest change is dated {_words(behind)} ago")


@fact(
    "P2.15",
    "A day is sent as its midnight in UTC, or nearly so.",
    "The nearest midnight in UTC is taken.",
)
def days_are_midnights(known: Known) -> Asking:
    """Look at the days in the newest rows."""
    yield from ()
    days = [
        moment
        for one in known.lists
        for row in one.rows
        for name in ("BEGINDATE", "CLOSEDATE", "BIRTHDATE")
        if (moment := portal_time(row.get(name)))
    ]
    if not days:
        return untold("no row has a day")
    off = [moment for moment in days if _from_midnight(moment) > _MIDNIGHT_SLACK]
    return judged(
        not off, "all are midnights in UTC" if not off else f"{100 * len(off) / len(days):.0f} % are other hours"
    )


def _from_midnight(moment: datetime) -> timedelta:
    offset = moment.utcoffset() or timedelta()
    since = (timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second) - offset) % timedelta(days=1)
    return min(since, timedelta(days=1) - since)


def _words(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
