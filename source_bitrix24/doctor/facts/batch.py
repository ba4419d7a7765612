"""Facts of `batch`: its length, its references, and what an error in it does (P1)."""

from ...portal.batch import MOST_COMMANDS, Command
from ...portal.errors import BadArgument
from ..fact import Alone, Asking, code_of, fact, ids_of, judged, untold
from ..known import Known

_CLOCK = Command("server.time")
_NO_SUCH_TYPE = 999_999  # no object type has this number


@fact(
    "P1.1, P1.2",
    "A batch runs 50 commands; each further one gets `ERROR_BATCH_LENGTH_EXCEEDED`.",
    "Commands that did not run are sent again in smaller batches, or fail their table.",
)
def fifty_commands(known: Known) -> Asking:
    """Send one command too many."""
    reply = yield Alone({f"tick{place}": _CLOCK for place in range(MOST_COMMANDS + 1)})
    ran = sum(not answer.error for answer in reply.answers.values())
    last = reply[f"tick{MOST_COMMANDS}"].error
    return judged(
        ran == MOST_COMMANDS and bool(last and last.code == "ERROR_BATCH_LENGTH_EXCEEDED"),
        f"{ran} of {MOST_COMMANDS + 1} ran, the last got {code_of(last)}",
    )


@fact("P1.6", "A method's name may be written in capitals.", "Nothing: it is written in lower case.", rows=10)
def method_in_capitals(known: Known) -> Asking:
    """Write the method in capitals."""
    sample = known.of_sample
    command = sample.command(sample.window(0, 10))
    answer = (yield {"loud": Command(command.method.upper(), command.params)})["loud"]
    if answer.error:
        return judged(False, f"it is refused with {code_of(answer.error)}")
    return judged(tuple(ids_of(answer)) == sample.ids[:10], "it is understood")


@fact(
    "P1.7",
    "A reference alone keeps the type of what it leads to.",
    "A chain of pages needs texts only; where a reference fails, the list is read page by page.",
    rows=10,
)
def references_keep_their_type(known: Known) -> Asking:
    """Refer to a row that holds nothing but its ID, as the list of IDs to look for."""
    sample = known.of_sample
    reply = yield {
        "source": sample.command(sample.window(4, 8)),
        "typed": sample.command({**sample.window(0, 10), "@ID": "$result[source][0]"}),
    }
    ids_of(reply["source"])
    ids = ids_of(reply["typed"])
    return judged(tuple(ids) == sample.ids[4:5], "the row itself" if len(ids) == 1 else f"{len(ids)} rows")


@fact(
    "P1.8",
    "In a classic list, a reference past a short page means `ID < 1`: a falling chain ends by itself.",
    "What stands behind a short page is thrown away; the end is proved from the other end.",
    rows=20,
)
def chain_ends_in_classic_lists(known: Known) -> Asking:
    """Go on behind a page of ten rows."""
    sample = known.of_sample
    reply = yield {
        "short": sample.command(sample.window(0, 10)),
        "behind": sample.command({">ID": sample.ids[19], "<ID": "$result[short][49][ID]"}),
    }
    ids_of(reply["short"])
    error = reply["behind"].error
    if error:
        return judged(False, f"it ends with {code_of(error)}")
    ids = ids_of(reply["behind"])
    return judged(not ids, "it starts again" if ids else "it ends")


@fact(
    "P1.8, P3.5",
    "In `crm.item.list`, a reference past a short page is refused with `INVALID_ARG_VALUE`.",
    "What stands behind a short page is thrown away.",
    rows=20,
)
def chain_ends_in_items(known: Known) -> Asking:
    """Go on behind a page of ten items."""
    sample = known.of_sample
    reply = yield {
        "short_items": sample.items(sample.item_window(0, 10)),
        "behind_items": sample.items({">id": sample.ids[19], "<id": "$result[short_items][items][49][id]"}),
    }
    ids_of(reply["short_items"], "items", "id")
    error = reply["behind_items"].error
    ids = [] if error else ids_of(reply["behind_items"], "items", "id")
    text = "it starts again" if ids else f"it ends with {code_of(error)}"
    return judged(isinstance(error, BadArgument), text)


@fact(
    "P1.8, P5.2",
    "In the stage history, a reference past a short page is refused.",
    "What stands behind a short page is thrown away.",
)
def chain_ends_in_history(known: Known) -> Asking:
    """Go on behind a page of one entry."""
    history = known.list_of("crm.stagehistory.list")
    if not history or not history.max_id:
        return untold("the portal has no stage history of deals, or the user may not read it")
    usual = {"entityTypeId": 2, "order": {"ID": "DESC"}, "select": ["ID"], "start": -1}
    newest = {">ID": history.max_id - 1}
    reply = yield {
        "short_history": Command("crm.stagehistory.list", {**usual, "filter": newest}),
        "behind_history": Command(
            "crm.stagehistory.list", {**usual, "filter": {**newest, "<ID": "$result[short_history][items][49][ID]"}}
        ),
    }
    ids_of(reply["short_history"], "items")
    error = reply["behind_history"].error
    return judged(bool(error), f"it ends with {code_of(error)}")


@fact(
    "P1.11",
    "PHP sends an empty map of a batch as an empty list.",
    "Both are read.",
)
def empty_maps_are_lists(known: Known) -> Asking:
    """Send a batch without an error, and look at its errors."""
    reply = yield Alone({"tick": _CLOCK})
    errors = reply.maps.get("result_error")
    kind = "missing" if errors is None else "an empty list" if errors == [] else "a map"
    return judged(errors == [], f"no errors are {kind}")


@fact(
    "P1.12",
    "An error of one command does not affect the others.",
    "Commands without an answer are sent again; if that does not help, their table fails.",
)
def errors_are_isolated(known: Known) -> Asking:
    """Send a command that fails before one that does not."""
    reply = yield Alone(
        {"bad": Command("crm.item.fields", {"entityTypeId": _NO_SUCH_TYPE}), "good": _CLOCK},
    )
    if not reply["bad"].error:
        return untold("the command that should fail did not")
    return judged(
        not reply["good"].error, "the next one ran" if not reply["good"].error else "the next one did not run"
    )
