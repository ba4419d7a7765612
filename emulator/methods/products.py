"""Product rows of deals, leads and quotes (P4)."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from ..fields import Field
from ..filters import conditions, ordered
from ..php import int_cast, is_array, values
from ..product_rows import OWNER_TYPES
from ..registry import PAGE, Outcome, RestError, method
from ..store import OwnerLists, Portal
from ..wire import Row

_NUMBERS = (
    "ID",
    "OWNER_ID",
    "PRODUCT_ID",
    "DISCOUNT_TYPE_ID",
    "MEASURE_CODE",
    "SORT",
    "TYPE",
    "STORE_ID",
    "RESERVE_ID",
)
# P4.7: columns that the lists of product rows lack
ONLY_IN_GET = ("ORIGINAL_PRODUCT_NAME", "PRODUCT_DESCRIPTION", "RESERVE_ID", "DATE_RESERVE_END", "RESERVE_QUANTITY")
FIELDS = {
    name: Field(
        name,
        "integer"
        if name in _NUMBERS
        else "double"
        if name.startswith(("PRICE", "QUANTITY", "DISCOUNT", "TAX_R"))
        else "string",
    )
    for name in (
        *_NUMBERS,
        *(
            "OWNER_TYPE",
            "PRODUCT_NAME",
            "PRICE",
            "PRICE_EXCLUSIVE",
            "PRICE_NETTO",
            "PRICE_BRUTTO",
            "PRICE_ACCOUNT",
            "QUANTITY",
        ),
        *("DISCOUNT_RATE", "DISCOUNT_SUM", "TAX_RATE", "TAX_INCLUDED", "CUSTOMIZED", "MEASURE_NAME", "XML_ID"),
    )
}
_AMOUNTS = ("PRICE", "PRICE_EXCLUSIVE", "PRICE_NETTO", "PRICE_BRUTTO", "DISCOUNT_RATE", "DISCOUNT_SUM")
_PLACES = dict.fromkeys((*_AMOUNTS, "TAX_RATE"), 2) | {"QUANTITY": 4}
_DEFAULTS: Row = {
    **dict.fromkeys((*_AMOUNTS, "QUANTITY"), Decimal(0)),
    **dict.fromkeys(("PRODUCT_ID", "DISCOUNT_TYPE_ID", "SORT", "MEASURE_CODE"), 0),
    **dict.fromkeys(("TAX_INCLUDED", "CUSTOMIZED"), False),
    "TYPE": 1,
}
NAME_OF = {letter: name for name, letter in OWNER_TYPES.items()}


def rows_of_owner(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """All rows of one owner, without paging (P4.3); a deleted owner is Not found (P4.5)."""
    owner = int_cast(params.get("id"))
    if owner <= 0:
        raise RestError("", "The parameter id is invalid or not defined.")
    if owner not in portal.tables[name]:
        raise RestError("", "Not found.")
    rows = [_row_of_get(portal, row) for row in portal.product_rows(name, owner)]
    return Outcome(rows, rows=len(rows))


for _name in ("deal", "lead", "quote"):
    method(f"crm.{_name}.productrows.get", reads=_name, facts="P4.3, P4.5, P4.7")(partial(rows_of_owner, _name))


@method("crm.productrow.list", reads="deal", facts="P4.1, P4.2, P4.4")
def product_row_list(portal: Portal, params: dict[str, Any]) -> Outcome:
    """50 rows a page; OWNER_TYPE and OWNER_ID are required; administrators may name a list of owners."""
    missing = RestError("", "The parameters OWNER_TYPE and OWNER_ID are required.")
    filter_ = _filter_with(params, ("OWNER_TYPE", "OWNER_ID"), missing)
    rows = _rows_of_owners(portal, filter_["OWNER_TYPE"], filter_["OWNER_ID"], RestError("", "Access denied."))
    others = {key: value for key, value in filter_.items() if key not in ("OWNER_TYPE", "OWNER_ID")}
    outcome = _page(portal, rows, others, params, _row_of_list)
    if not outcome.counted:
        outcome.total = 0
    return outcome


@method("crm.item.productrow.list", reads="deal", facts="P4.1, P4.2")
def item_product_row_list(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The same rows in camel case; the keys =ownerType and =ownerId are required."""
    missing = RestError("INVALID_ARG_VALUE", "Required filter keys are missing")
    filter_ = _filter_with(params, ("=ownerType", "=ownerId"), missing)
    denied = RestError("ACCESS_DENIED", "Access denied")
    rows = _rows_of_owners(portal, filter_["=ownerType"], filter_["=ownerId"], denied)
    others = {key.replace("id", "ID"): value for key, value in filter_.items() if not key.startswith("=owner")}
    order = {key.upper(): direction for key, direction in (params.get("order") or {}).items()}
    outcome = _page(portal, rows, others, {**params, "order": order}, partial(_row_of_item_list, portal))
    outcome.result = {"productRows": outcome.result}
    return outcome


def _filter_with(params: dict[str, Any], required: tuple[str, str], missing: RestError) -> dict[str, Any]:
    filter_ = params.get("filter")
    if not isinstance(filter_, dict) or not filter_.keys() >= set(required):
        raise missing
    return filter_


def _rows_of_owners(portal: Portal, owner_type: Any, owners: Any, unknown_type: RestError) -> list[Row]:
    """P4.2: the access check casts a list to owner 1; the query then takes the whole list."""
    name = NAME_OF.get(str(owner_type))
    if name is None:
        raise unknown_type
    checked = int_cast(owners)
    if checked <= 0:
        raise RestError("", "Access denied.")
    if not is_array(owners):
        return portal.product_rows(name, checked)
    ids = [int_cast(owner) for owner in values(owners)]
    match OwnerLists(portal.lists_of_owners) if portal.user_is_admin else OwnerLists.REFUSE:
        case OwnerLists.REFUSE:
            raise RestError("", "Access denied.")
        case OwnerLists.FIRST:
            ids = ids[:1]
        case OwnerLists.SOME:
            ids = [owner for owner in ids if owner % 7]
    return [row for owner in sorted({*ids}) for row in portal.product_rows(name, owner)]


def _page(
    portal: Portal, rows: list[Row], filter_: dict[str, Any], params: dict[str, Any], render: Callable[[Row], Row]
) -> Outcome:
    """A page of the rows that meet the filter, in the order that `params` names; no total if `start` is negative."""
    found = conditions(filter_, FIELDS, portal.wire.zone, portal.now())
    rows = [row for row in rows if all(condition.test(row.get(condition.field.name)) for condition in found)]
    for field, descending in reversed(ordered(params.get("order"), FIELDS)):
        rows.sort(key=partial(_sort_key, field.name), reverse=descending)
    start = int_cast(params.get("start", 0))
    offset = max(0, start) // PAGE * PAGE
    page = [render(row) for row in rows[offset : offset + PAGE]]
    outcome = Outcome(page, rows=len(page))
    if start >= 0:
        outcome.total, outcome.counted, outcome.offset = len(rows), True, min(start, len(rows))
        outcome.next = offset + PAGE if offset + PAGE < len(rows) else None
    return outcome


def _sort_key(name: str, row: Row) -> tuple[bool, Any]:
    return row[name] is not None, row[name]


def _row_of_get(portal: Portal, row: Row) -> Row:
    """Numbers as numbers, but ID, OWNER_ID and PRICE_ACCOUNT as text (P4)."""
    values = {name: portal.wire.typed(value) for name, value in _mended(row).items()}
    return values | {
        "ID": str(row["ID"]),
        "OWNER_ID": str(row["OWNER_ID"]),
        "PRICE_ACCOUNT": f"{row['PRICE_ACCOUNT']:.8f}",
    }


def _mended(row: Row) -> Row:
    """P4.9: NULL becomes a default, amounts are rounded, name and unit come from the catalogue."""
    found = dict(row)
    for name, value in _DEFAULTS.items():
        found[name] = value if row[name] is None else row[name]
    for name, places in _PLACES.items():
        found[name] = None if found[name] is None else round(Decimal(found[name]), places)
    if found["PRODUCT_ID"]:
        found["PRODUCT_NAME"] = row["PRODUCT_NAME"] or row["ORIGINAL_PRODUCT_NAME"]
        if not found["MEASURE_CODE"]:
            found |= {"MEASURE_CODE": 796, "MEASURE_NAME": "шт"}
    return found


def _row_of_list(row: Row) -> Row:
    """Everything as text."""
    return {
        name: value if value is None else "YN"[not value] if isinstance(value, bool) else str(value)
        for name, value in row.items()
        if name not in ONLY_IN_GET
    }


def _row_of_item_list(portal: Portal, row: Row) -> Row:
    words = {name: name.lower().split("_") for name in row if name not in ONLY_IN_GET}
    return {
        first + "".join(map(str.capitalize, rest)): portal.wire.typed(row[name])
        for name, (first, *rest) in words.items()
    }
