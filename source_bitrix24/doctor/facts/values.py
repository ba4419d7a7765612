"""Facts of values: every value fits the type of its column, and emptiness has few forms (P2.17, P11)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ...catalog.column import UNTYPED_VALUES, standard_columns
from ...catalog.loader import RecordLoader
from ...portal.batch import Command
from ..fact import Asking, fact, judged, rows_of, untold
from ..known import Known

_EMPTY_TEXT_IF_SEVERAL = ("date", "datetime")
# P10.4; rest_<n>_<code> is a type that an application defines
_TYPES = frozenset(
    (
        *(
            "string",
            "integer",
            "double",
            "boolean",
            "char",
            "date",
            "datetime",
            "enumeration",
            "money",
            "url",
            "address",
        ),
        *("file", "employee", "user", "crm", "crm_status", "crm_entity", "iblock_element", "iblock_section"),
        *("resourcebooking", "hlblock", "video", "vote", "disk_file", "disk_version", "mail_message", "url_preview"),
    )
)


@fact(
    "P11",
    "Every value of a standard column fits the type that the connector gives it.",
    "A value that does not fit is kept in UNTYPED_VALUES, and its column is null.",
)
def values_fit_their_columns(known: Known) -> Asking:
    """Load the newest page of every list, with the connector's own loader."""
    yield from ()
    odd: Counter[str] = Counter()
    seen = 0
    for one in known.lists:
        is_item = one.tables[0].startswith("smart_process_") and one.listing.dialect.is_camel
        table = "smart_invoices" if is_item else one.tables[0]  # one file describes the fields of all types
        columns = {column.name: column for column in standard_columns(table)}
        rows = [_known_columns(row, columns) for row in one.rows]
        for record in RecordLoader(list(columns.values()))(rows):
            seen += 1
            odd.update(f"{table}.{name}" for name in record.get(UNTYPED_VALUES.name, ()))
    if not seen:
        return untold("no list has rows")
    names = ", ".join(sorted(odd)[:5])  # of the product's own columns, not of custom ones
    return judged(not odd, f"{len(odd)} columns have values that do not fit: {names}" if odd else "all fit")


@fact(
    "P10.4",
    "The types of custom fields are those of the list, or an application's.",
    "A field of another type is read as text.",
)
def types_of_custom_fields(known: Known) -> Asking:
    """Ask for the custom fields of every kind of record."""
    kinds = ("deal", "lead", "contact", "company", "quote")
    reply = yield {f"types_{kind}": Command(f"crm.{kind}.userfield.list") for kind in kinds}
    types = [
        str(row.get("USER_TYPE_ID"))
        for kind in kinds
        if not reply[f"types_{kind}"].error
        for row in rows_of(reply[f"types_{kind}"])
    ]
    if not types:
        return untold("the portal has no custom fields, or the user may not see them")
    unknown = {name for name in types if name not in _TYPES and not name.startswith("rest_")}
    return judged(not unknown, f"{len(unknown)} unknown types" if unknown else f"{len(set(types))} types, all known")


@fact(
    "P11.1",
    "A custom field with several values is a list; if empty, it is false, and an empty text for dates.",
    "Every form of emptiness is null.",
)
def several_values_are_lists(known: Known) -> Asking:
    """Look at the custom fields with several values in the newest deals."""
    deals = known.list_of("crm.deal.list")
    reply = yield {"several": Command("crm.deal.userfield.list")}
    several = {
        str(row.get("FIELD_NAME")): str(row.get("USER_TYPE_ID"))
        for row in rows_of(reply["several"])
        if row.get("MULTIPLE") == "Y"
    }
    values = [(several[name], row[name]) for row in (deals.rows if deals else []) for name in several if name in row]
    if not values:
        return untold("no field of the newest deals has several values")
    odd = sum(not _is_usual(kind, value) for kind, value in values)
    filled = sum(isinstance(value, list) and bool(value) for _, value in values)
    text = f"{odd} of {len(values)} values have another form"
    return judged(
        not odd, text if odd else f"lists, or as known if empty ({100 * filled / len(values):.0f} % are filled)"
    )


def _is_usual(kind: str, value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) or kind == "file"
    return value == "" if kind in _EMPTY_TEXT_IF_SEVERAL else value is False


def _known_columns(row: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in columns}
