"""Facts about the columns that classic lists send (P2.15 to P2.17)."""

from typing import Any

from ...portal.batch import Command
from ..fact import Asking, fact, judged, rows_of, untold
from ..known import Known

_CONTACT_DETAILS = {"PHONE", "EMAIL", "WEB", "IM", "LINK"}


@fact(
    "P2.16",
    "`select=*` sends all standard columns, without custom fields and contact details; `ID` always comes; unknown names are "
    "ignored.",
    "Custom fields and contact details are named; a row without its ID is left out and counted.",
    rows=10,
)
def select_star(known: Known) -> Asking:
    """Select everything, and a name that does not exist."""
    sample = known.of_sample
    window = sample.window(0, 10)
    reply = yield {
        "star": sample.command(window, select=["*"]),
        "unknown_name": sample.command(window, select=["NO_SUCH_COLUMN", sample.cursor]),
    }
    star, named = ({name for row in rows_of(reply[key]) for name in row} for key in ("star", "unknown_name"))
    wrong = [
        text
        for text, is_so in (
            ("custom fields come unasked", any(name.startswith("UF_") for name in star)),
            ("contact details come unasked", bool(star & _CONTACT_DETAILS)),
            ("few columns come", len(star) < 10),
            ("the ID is missing", "ID" not in star or "ID" not in named),
            ("the named column is missing", sample.cursor not in named),
            ("other columns come too", len(named) > 2),
        )
        if is_so
    ]
    return judged(not wrong, "; ".join(wrong) or f"{len(star)} columns with *, 2 of 3 names")


@fact(
    "P2.16",
    "`UF_*` adds the custom fields.",
    "Custom fields that are not sent are null.",
    rows=10,
)
def select_custom_fields(known: Known) -> Asking:
    """Select the custom fields by their mask."""
    sample = known.of_sample
    kind = sample.method.split(".")[1]
    reply = yield {
        "mask": sample.command(sample.window(0, 10), select=["ID", "UF_*"]),
        "definitions": Command(f"crm.{kind}.userfield.list"),
    }
    sent = {name for row in rows_of(reply["mask"]) for name in row if name.startswith("UF_")}
    defined = len(rows_of(reply["definitions"]))
    if not defined:
        return untold("the list has no custom fields")
    return judged(bool(sent), "they come" if sent else "they do not come")


@fact(
    "P2.17",
    "Classic lists send every value as text, and emptiness as null, an empty text, false, or a missing key.",
    "Numbers and booleans of JSON are read as well; what does not fit its column is kept in UNTYPED_VALUES.",
    rows=10,
)
def classic_values_are_text(known: Known) -> Asking:
    """Look at the values of the newest page with all columns."""
    sample = known.of_sample
    yield from ()
    one = known.list_of(sample.method)
    values = [value for row in (one.rows if one else []) for value in row.values()]
    numbers = sum(type(value) in (int, float) for value in values)
    trues = sum(value is True for value in values)
    kinds: list[tuple[str, Any]] = [("null", None), ("an empty text", ""), ("false", False), ("an empty list", [])]
    seen = [name for name, empty in kinds if any(value == empty and type(value) is type(empty) for value in values)]
    if numbers or trues:
        return judged(False, f"{'numbers' if numbers else 'true'} of JSON among the values")
    return judged(True, f"all texts; empty values: {', '.join(seen) or 'none'}")


@fact(
    "P2.15",
    "Times are shown with the offset of the server's zone, the same for every row of a season, in whole seconds.",
    "Every offset is read; a time without one is kept in UNTYPED_VALUES, and the table's changes are not found by it.",
    rows=10,
)
def times_have_the_servers_offset(known: Known) -> Asking:
    """Compare the offset of the newest rows with that of the portal's clock."""
    sample = known.of_sample
    answer = (yield {"dated": sample.command(sample.window(0, 10), select=["ID", sample.cursor])})["dated"]
    texts = [str(row.get(sample.cursor, "")) for row in rows_of(answer)]
    if known.now is None:
        return untold("the portal does not show its clock")
    if any("." in text for text in texts):
        return judged(False, "times with fractions of a second")
    own = known.now.utcoffset()
    offsets = {date.utcoffset() for date in sample.dates.values()}
    apart = [abs((offset - own).total_seconds()) for offset in offsets if offset is not None and own is not None]
    return judged(
        max(apart, default=0.0) <= 3600, f"{len(offsets)} offsets, up to {max(apart, default=0) / 3600:g} h off"
    )
