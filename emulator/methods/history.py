"""crm.stagehistory.list: the moves of deals through their stages (P5)."""

from typing import Any

from ..fields import Field
from ..filters import ordered
from ..php import int_cast, is_array, values
from ..registry import PAGE, Outcome, RestError, method
from ..store import Portal
from ..strict import strict_conditions
from .classic import Found

_DEALS = 2


@method("crm.stagehistory.list", reads="deal", facts="P5")
def stage_history(portal: Portal, params: dict[str, Any]) -> Outcome:
    """Upper-case names, strict filter, typed values; unknown order fields are ignored (P5.2)."""
    if int_cast(params.get("entityTypeId")) != _DEALS:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    table = portal.tables["stage_history"]
    fields = table.fields
    same = {name: name for name in fields}
    wanted = strict_conditions(
        params.get("filter", {}), fields, same, portal.wire.zone, portal.now(), dates_must_parse=True
    )
    found = Found(table, wanted, ordered(params.get("order"), fields))
    start = int_cast(params.get("start", 0))
    columns = _selected(params.get("select"), fields)
    if start < 0:
        rows = [_told(portal, number, columns) for number in found.first(PAGE)]
        return Outcome({"items": rows}, rows=len(rows))  # P3.1, P5.3: neither total nor next
    everything = found.all()
    offset = start // PAGE * PAGE
    rows = [_told(portal, number, columns) for number in everything[offset : offset + PAGE]]
    following = offset + PAGE if offset + PAGE < len(everything) else None
    return Outcome({"items": rows}, len(everything), following, rows=len(rows), counted=True, offset=offset)


def _selected(select: Any, fields: dict[str, Field]) -> list[str]:
    names = [str(name) for name in values(select)] if is_array(select) else []
    return [name for name in fields if name == "ID" or not names or "*" in names or name in names]


def _told(portal: Portal, number: int, columns: list[str]) -> dict[str, Any]:
    row = portal.tables["stage_history"].row(number)
    return {name: portal.wire.typed(row[name]) for name in columns}
