"""Product rows of deals, leads and quotes (P4)."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from ..fields import Field
from ..filters import conditions, ordered
from ..php import int_cast, is_array, values
from ..registry import PAGE, Outcome, RestError, method
from ..store import OWNER_TYPES, Portal
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
_ONLY_IN_GET = ("ORIGINAL_PRODUCT_NAME", "PRODUCT_DESCRIPTION", "RESERVE_ID", "DATE_RESERVE_END", "RESERVE_QUANTITY")
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
NAME_OF = {letter: name for name, letter in OWNER_TYPES.items()}


def rows_of_one(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """All rows of one owner, no paging (P4.3); a deleted owner is Not found (P4.5)."""
    owner = int_cast(params.get("id"))
    if owner <= 0:
        raise RestError("", "The parameter id is invalid or not defined.")
    if owner not in portal.tables[name]:
        raise RestError("", "Not found.")
    rows = [_from_get(portal, row) for row in portal.product_rows(name, owner)]
    return Outcome(rows, rows=len(rows))


for _name in OWNER_TYPES:
    method(f"crm.{_name}.productrows.get", reads=_name, facts="P4.3, P4.5, P4.7")(partial(rows_of_one, _name))


@method("crm.productrow.list", reads="deal", facts="P4.1, P4.2, P4.4")
def old_list(portal: Portal, params: dict[str, Any]) -> Outcome:
    """50 rows a page; OWNER_TYPE and OWNER_ID without prefix are a must; a list of owners passes for an administrator."""
    asked = params.get("filter")
    if not isinstance(asked, dict) or "OWNER_TYPE" not in asked or "OWNER_ID" not in asked:
        raise RestError("", "The parameters OWNER_TYPE and OWNER_ID are required.")
    name = NAME_OF.get(str(asked["OWNER_TYPE"]))
    if name is None:
        raise RestError("", "Access denied.")
    rows = _of_owners(portal, name, asked["OWNER_ID"])
    rest = {key: value for key, value in asked.items() if key not in ("OWNER_TYPE", "OWNER_ID")}
    page, total, following, start = _page(portal, rows, rest, params)
    told = [_all_text(row) for row in page]
    return Outcome(
        told, total if start >= 0 else 0, following, rows=len(told), counted=start >= 0, offset=max(0, start)
    )


@method("crm.item.productrow.list", reads="deal", facts="P4.1, P4.2")
def new_list(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The same in camel case; =ownerType and =ownerId with exactly these keys."""
    asked = params.get("filter")
    if not isinstance(asked, dict) or "=ownerType" not in asked or "=ownerId" not in asked:
        raise RestError("INVALID_ARG_VALUE", "Required filter keys are missing")
    name = NAME_OF.get(str(asked["=ownerType"]))
    if name is None:
        raise RestError("ACCESS_DENIED", "Access denied")
    rows = _of_owners(portal, name, asked["=ownerId"])
    rest = {key.replace("id", "ID"): value for key, value in asked.items() if not key.startswith("=owner")}
    order = {key.upper(): way for key, way in (params.get("order") or {}).items()}
    page, total, following, start = _page(portal, rows, rest, {**params, "order": order})
    told = [_camel_row(portal, row) for row in page]
    counted = start >= 0
    return Outcome(
        {"productRows": told},
        total if counted else None,
        following,
        rows=len(told),
        counted=counted,
        offset=max(0, start),
    )


def _of_owners(portal: Portal, name: str, owners: Any) -> list[Row]:
    """P4.2: the check looks at one owner, a list casts to item 1; the query then takes the whole list."""
    checked = int_cast(owners)
    if checked <= 0:
        raise RestError("", "Access denied.")
    if is_array(owners):
        if not portal.user_is_admin or portal.lists_of_owners == "refuse":
            raise RestError("", "Access denied.")
        listed = [int_cast(owner) for owner in values(owners)]
        numbers: Iterable[int] = sorted({*(listed[:1] if portal.lists_of_owners == "first" else listed)})
        if portal.lists_of_owners == "some":
            numbers = [owner for owner in numbers if owner % 7]
    else:
        numbers = [checked]
    return [row for owner in numbers for row in portal.product_rows(name, owner)]


def _page(
    portal: Portal, rows: list[Row], asked: dict[str, Any], params: dict[str, Any]
) -> tuple[list[Row], int, int | None, int]:
    wanted = conditions(asked, FIELDS, portal.wire.zone, portal.now())
    rows = [row for row in rows if all(one.test(row.get(one.field.name)) for one in wanted)]
    for field, falling in reversed(ordered(params.get("order"), FIELDS)):
        rows.sort(key=lambda row, name=field.name: (row[name] is not None, row[name]), reverse=falling)  # type: ignore[misc]
    start = int_cast(params.get("start", 0))
    offset = max(0, start) // PAGE * PAGE
    following = offset + PAGE if start >= 0 and offset + PAGE < len(rows) else None
    return rows[offset : offset + PAGE], len(rows), following, start


def _from_get(portal: Portal, row: Row) -> Row:
    """Numbers as numbers but for ID, OWNER_ID and PRICE_ACCOUNT, which are text (P4)."""
    told = {name: portal.wire.typed(value) for name, value in row.items()}
    return told | {
        "ID": str(row["ID"]),
        "OWNER_ID": str(row["OWNER_ID"]),
        "PRICE_ACCOUNT": f"{row['PRICE_ACCOUNT']:.8f}",
    }


def _all_text(row: Row) -> Row:
    told = {name: value for name, value in row.items() if name not in _ONLY_IN_GET}
    return {
        name: value if value is None else "YN"[not value] if isinstance(value, bool) else str(value)
        for name, value in told.items()
    }


def _camel_row(portal: Portal, row: Row) -> Row:
    parts = {name: name.lower().split("_") for name in row if name not in _ONLY_IN_GET}
    return {
        words[0] + "".join(map(str.capitalize, words[1:])): portal.wire.typed(row[name])
        for name, words in parts.items()
    }
