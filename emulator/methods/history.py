"""crm.stagehistory.list: the moves of deals and leads through their stages (P5)."""

from typing import Any

from ..fields import STANDARD, Field
from ..filters import comparable, ordered
from ..php import int_cast, is_array, values
from ..registry import PAGE, Outcome, RestError, method
from ..smart_types import SmartType, item_stage_history
from ..store import Portal
from ..strict_filters import strict_conditions
from .paging import page_of_items
from .query import Query

_TABLES = {1: "lead_history", 2: "stage_history"}


@method("crm.stagehistory.list", reads="deal", facts="P5")
def stage_history(portal: Portal, params: dict[str, Any]) -> Outcome:
    """Upper-case names, strict filter, typed values; unknown order fields are ignored (P5.2)."""
    number = int_cast(params.get("entityTypeId"))
    if number in portal.smart_types:
        return _of_items(portal, portal.smart_types[number], params)
    name = _TABLES.get(number)
    if name is None:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    table = portal.tables[name]
    fields = table.fields
    names = {name: name for name in fields}
    conditions = strict_conditions(
        params.get("filter", {}), fields, names, portal.wire.zone, portal.now(), dates_must_parse=True
    )
    columns = _selected(params.get("select"), fields)

    def render(number: int) -> dict[str, Any]:
        row = table.row(number)
        return {name: portal.wire.typed(row[name]) for name in columns}

    query = Query(table, conditions, ordered(params.get("order"), fields), denied=portal.denied_ids("stage_history"))
    return page_of_items(query, int_cast(params.get("start", 0)), render)


def _of_items(portal: Portal, type_: SmartType, params: dict[str, Any]) -> Outcome:
    """The history of one type, out of the table that all types share (P14.10)."""
    fields = STANDARD["stage_history"]
    conditions = strict_conditions(
        params.get("filter", {}),
        fields,
        {name: name for name in fields},
        portal.wire.zone,
        portal.now(),
        dates_must_parse=True,
    )
    has_rows = type_.is_readable and "STAGE_ID" in portal.tables[type_.name].fields
    items = portal.tables[type_.name] if has_rows else ()
    rows = [row for item in items for row in item_stage_history(type_.number, item)]
    rows = [row for row in rows if all(one.test(comparable(one.field, row[one.field.name])) for one in conditions)]
    for field, descending in reversed(ordered(params.get("order"), fields)):
        rows.sort(key=lambda row, name=field.name: row[name], reverse=descending)  # type: ignore[misc]
    columns = _selected(params.get("select"), fields)
    start = int_cast(params.get("start", 0))
    offset = max(0, start) // PAGE * PAGE
    page = [{name: portal.wire.typed(row[name]) for name in columns} for row in rows[offset : offset + PAGE]]
    if start < 0:
        return Outcome({"items": page}, rows=len(page))
    following = offset + PAGE if offset + PAGE < len(rows) else None
    return Outcome({"items": page}, len(rows), following, rows=len(page), counted=True, offset=min(offset, len(rows)))


def _selected(select: Any, fields: dict[str, Field]) -> list[str]:
    names = [str(name) for name in values(select)] if is_array(select) else []
    return [name for name in fields if name == "ID" or not names or "*" in names or name in names]
