"""Facts of `crm.item.list` and `crm.item.fields` (P3, P10.3)."""

from typing import Any

from ...portal.batch import Answer, Command
from ...portal.errors import BadArgument
from ...portal.keyset import PAGE
from ..fact import Asking, code_of, fact, ids_of, judged, rows_of, untold
from ..known import Known

_BEYOND = 100_000
_TYPES = {1: "leads", 2: "deals", 3: "contacts", 4: "companies", 7: "quotes", 31: "invoices"}


@fact("P3.1", "Beyond the end, `crm.item.list` gives an empty list.", "Nothing: lists are read by ID.", rows=40)
def items_beyond_the_end(known: Known) -> Asking:
    """Ask a window of 40 items from far beyond them."""
    sample = known.of_sample
    ids = ids_of(
        (yield {"items_beyond": sample.items(sample.item_window(0, 40), start=_BEYOND)})["items_beyond"], "items", "id"
    )
    return judged(not ids, "items again" if ids else "an empty list")


@fact(
    "P3.1",
    "With `start=-1`, `crm.item.list` sends neither `total` nor `next`.",
    "Both are ignored with `start=-1`.",
    rows=60,
)
def items_without_a_count(known: Known) -> Asking:
    """Ask for a page of items without a count."""
    sample = known.of_sample
    answer = (yield {"items_uncounted": sample.items(sample.item_window(0, 60))})["items_uncounted"]
    ids_of(answer, "items", "id")
    said = [text for text, is_so in (("a total", answer.total is not None), ("a next page", answer.more)) if is_so]
    return judged(not said, " and ".join(said) or "neither total nor next page")


@fact(
    "P3.1",
    "The total of a window of IDs is the number of its items, also beyond the end.",
    "A list is read to its end, whatever its total.",
    rows=60,
)
def items_are_counted(known: Known) -> Asking:
    """Count a window of items without any item in the answer, and read its items."""
    sample = known.of_sample
    window = sample.item_window(0, 15)
    reply = yield {"items_count": sample.items(window, start=_BEYOND), "items_counted": sample.items(window)}
    ids_of(reply["items_count"], "items", "id")
    is_right = reply["items_count"].total == len(ids_of(reply["items_counted"], "items", "id"))
    return judged(is_right, f"the total is {'right' if is_right else 'another number'}")


@fact(
    "P3.2, P3.3",
    "Items are under `items`, 50 a page; their ID is `id`, and a chain goes on below `[items][49][id]`.",
    "IDs that do not fall fail their table.",
    rows=60,
)
def items_are_chained(known: Known) -> Asking:
    """Read 60 items in two pages."""
    sample = known.of_sample
    reply = yield {
        "items_page0": sample.items(sample.item_window(0, 60)),
        "items_page1": sample.items({">id": sample.ids[59] - 1, "<id": "$result[items_page0][items][49][id]"}),
    }
    first, second = (ids_of(reply[key], "items", "id") for key in ("items_page0", "items_page1"))
    together = (*first, *second)
    holds = len(first) == PAGE and bool(second) and together == tuple(sorted(set(together), reverse=True))
    return judged(holds, f"pages of {len(first)} and {len(second)}")


@fact(
    "P3.5",
    "`crm.item.list` refuses a filter by an unknown field with `INVALID_ARG_VALUE`.",
    "Every sync proves its filter by date on a row that it knows.",
    rows=10,
)
def items_refuse_unknown_filters(known: Known) -> Asking:
    """Filter items by no field."""
    sample = known.of_sample
    answer = (yield {"items_unknown": sample.items({**sample.item_window(0, 10), ">noSuchField": 5})})["items_unknown"]
    return judged(isinstance(answer.error, BadArgument), f"it answers with {code_of(answer.error)}")


@fact(
    "P3.6",
    "In `crm.item.list`, a time that cannot be parsed matches nothing.",
    "Every sync proves its filter by date on a row that it knows.",
    rows=10,
)
def items_with_unparsable_time(known: Known) -> Asking:
    """Filter items by a text that is no time."""
    sample = known.of_sample
    answer = (yield {"items_no_time": sample.items({**sample.item_window(0, 10), ">=updatedTime": "no time"})})[
        "items_no_time"
    ]
    if answer.error:
        return judged(False, f"it is refused with {code_of(answer.error)}")
    ids = ids_of(answer, "items", "id")
    return judged(not ids, "items come" if ids else "no items come")


@fact(
    "P3.7",
    "Items have values of JSON: numbers are numbers, yes and no are `Y` and `N`.",
    "Texts are read as well; what does not fit its column is kept in UNTYPED_VALUES.",
    rows=10,
)
def items_are_typed(known: Known) -> Asking:
    """Look at a few columns of ten items."""
    sample = known.of_sample
    names = ["id", "opened", "assignedById", "updatedTime"]
    rows = rows_of(
        (yield {"items_typed": sample.items(sample.item_window(0, 10), select=names)})["items_typed"], "items"
    )
    numbers = all(type(row.get(name)) in (int, type(None)) for row in rows for name in ("id", "assignedById"))
    flags = all(row.get("opened") in ("Y", "N", None) for row in rows)
    text = f"IDs are {'numbers' if numbers else 'no numbers'}, flags are {'Y and N' if flags else 'something else'}"
    return judged(bool(rows) and numbers and flags, text)


@fact(
    "P10.3",
    "`crm.item.fields` answers for every type of object that the user may read, and refuses the others; `upperName` is the "
    "name of a column.",
    "A table whose columns are refused is left out, with a message.",
)
def item_fields_tell_rights(known: Known) -> Asking:
    """Ask for the fields of every known type, and for one item of it."""
    commands: dict[str, Command] = {}
    for number in _TYPES:
        commands[f"fields_of_{number}"] = Command("crm.item.fields", {"entityTypeId": number})
        commands[f"item_of_{number}"] = Command(
            "crm.item.list", {"entityTypeId": number, "select": ["id"], "start": -1}
        )
    reply = yield commands
    readable, contradictions, named = 0, 0, True
    for number in _TYPES:
        answer, items = reply[f"fields_of_{number}"], reply[f"item_of_{number}"]
        if answer.error:
            contradictions += not items.error and bool(ids_of(items, "items", "id"))
            continue
        readable += 1
        named = named and _has_upper_names(answer)
    if not readable:
        return untold("the user may not read the fields of any type")
    text = f"{readable} of {len(_TYPES)} types have fields"
    if contradictions:
        return judged(False, f"{text}; of {contradictions} others items can be read")
    return judged(named, text if named else f"{text}; names are missing")


def _has_upper_names(answer: Answer) -> bool:
    result: Any = answer.result
    fields = result.get("fields") if isinstance(result, dict) else None
    return isinstance(fields, dict) and all(
        isinstance(info, dict) and str(info.get("upperName", "")).isupper() for info in fields.values()
    )
