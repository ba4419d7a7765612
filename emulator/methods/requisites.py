"""Requisites, whose every page costs the whole rest, and addresses, which have no ID (P15.5, P15.6)."""

from typing import Any

from ..company_staff import address_rows
from ..fields import Field
from ..filters import conditions, ordered, selected
from ..php import int_cast
from ..registry import PAGE, Outcome, method
from ..store import Portal
from ..wire import Row
from .classic import parameter, renderer
from .query import Query

_NUMBERS = ("TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID", "LOC_ADDR_ID", "ANCHOR_TYPE_ID", "ANCHOR_ID")


@method("crm.requisite.list", reads="requisite", facts="P15.5")
def requisites(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of requisites as text; all that match are selected and counted, also for -1, which is the first page."""
    table = portal.tables["requisite"]
    found = conditions(parameter(params, "filter"), table.fields, portal.wire.zone, portal.now())
    ids = Query(table, found, ordered(parameter(params, "order"), table.fields)).all()
    offset = max(0, int_cast(params.get("start", 0))) // PAGE * PAGE
    columns = selected(parameter(params, "select"), table.fields)
    rows = renderer(portal.wire, table, columns).rows(table, ids[offset : offset + PAGE])
    following = offset + PAGE if offset + PAGE < len(ids) else None
    return Outcome(rows, len(ids), following, rows=len(rows), counted=True, offset=len(ids))


@method("crm.address.list", reads="address", facts="P15.6")
def addresses(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of addresses; `total` is that of the page. A condition on the type 3 or 4 becomes one on the anchor."""
    rows = list(address_rows(iter(portal.tables["requisite"]), iter(portal.tables["lead"])))
    fields = {name: Field(name, "integer" if name in _NUMBERS else "string") for name in (rows[0] if rows else ())}
    filter_ = dict(parameter(params, "filter"))
    for prefix in ("", "="):
        if str(filter_.get(f"{prefix}ENTITY_TYPE_ID")) in ("3", "4"):
            filter_["ANCHOR_TYPE_ID"] = filter_.pop(f"{prefix}ENTITY_TYPE_ID")
    found = conditions(filter_, fields, portal.wire.zone, portal.now())
    rows = [row for row in rows if all(one.test(_held(row, one.field)) for one in found)]
    for field, descending in reversed(ordered(parameter(params, "order"), fields)):
        rows.sort(key=lambda row, field=field: _held(row, field), reverse=descending)  # type: ignore[misc]
    start = int_cast(params.get("start", 0))
    page = rows[max(0, start) : max(0, start) + PAGE]
    return Outcome(page, 0 if start < 0 else len(page), rows=len(page), counted=start >= 0, offset=max(0, start))


def _held(row: Row, field: Field) -> Any:
    value = row[field.name]
    return int(value) if field.type == "integer" else value or ""
