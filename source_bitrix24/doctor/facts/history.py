"""Facts of the stage history (P5)."""

from typing import Any

from ...portal.batch import Command
from ..fact import Asking, code_of, fact, ids_of, judged, rows_of, untold
from ..known import Known

_METHOD = "crm.stagehistory.list"
_NOTHING = "the portal has no stage history of deals, or the user may not read it"
_CONTACTS = 3  # a type of object without stages


def _command(filter_: dict[str, Any], **params: Any) -> Command:
    usual = {"entityTypeId": 2, "order": {"ID": "DESC"}, "start": -1}
    return Command(_METHOD, {**usual, "filter": filter_, **params})


def _newest(known: Known) -> int:
    history = known.list_of(_METHOD)
    return history.max_id if history else 0


@fact("P5.1", "The stage history of an object without stages is refused.", "Nothing: it is not asked.")
def history_of_no_stages(known: Known) -> Asking:
    """Ask for the history of contacts."""
    answer = (yield {"history_contacts": _command({}, entityTypeId=_CONTACTS)})["history_contacts"]
    return judged(bool(answer.error), f"it answers with {code_of(answer.error)}")


@fact(
    "P5.2",
    "The stage history refuses a filter by an unknown column.",
    "Every sync proves its filter by date on a row that it knows.",
)
def history_refuses_unknown_filters(known: Known) -> Asking:
    """Filter by no column."""
    answer = (yield {"history_unknown": _command({">NO_SUCH_COLUMN": 5})})["history_unknown"]
    return judged(bool(answer.error), f"it answers with {code_of(answer.error)}")


@fact(
    "P5.3",
    "Rows of the stage history are under `items`, with numbers as numbers; `start=-1` counts nothing.",
    "Texts are read as well; a total is ignored.",
)
def history_rows_are_typed(known: Known) -> Asking:
    """Look at the newest entry."""
    newest = _newest(known)
    if not newest:
        return untold(_NOTHING)
    answer = (yield {"history_newest": _command({">ID": newest - 1})})["history_newest"]
    rows = rows_of(answer, "items")
    if not rows:
        return untold("the newest entry is gone")
    typed = all(type(row.get(name)) is int for row in rows for name in ("ID", "OWNER_ID"))
    counted = answer.total is not None
    text = f"numbers are {'numbers' if typed else 'texts'}{', with a total' if counted else ''}"
    return judged(typed and not counted, text)


@fact(
    "P5.4",
    "In the stage history, times with `Z` are understood, and what is no time is refused with `WRONG_DATETIME_FORMAT`.",
    "Every sync proves its filter by date on a row that it knows.",
)
def history_times(known: Known) -> Asking:
    """Filter by a time before all, by one in the far future, and by no time."""
    newest = _newest(known)
    if not newest:
        return untold(_NOTHING)
    above = {">ID": newest - 1}
    reply = yield {
        "history_since": _command({**above, ">=CREATED_TIME": "2000-01-01T00:00:00Z"}),
        "history_future": _command({**above, ">=CREATED_TIME": "2099-01-01T00:00:00Z"}),
        "history_no_time": _command({**above, ">=CREATED_TIME": "no time"}),
    }
    since, future = (ids_of(reply[key], "items") for key in ("history_since", "history_future"))
    error = reply["history_no_time"].error
    right = bool(since) and not future
    text = f"times with Z are {'understood' if right else 'not understood'}; no time answers with {code_of(error)}"
    return judged(right and bool(error and error.code == "WRONG_DATETIME_FORMAT"), text)
