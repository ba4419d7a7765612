"""crm.stagehistory.list: the moves of deals through their stages (P5)."""

from typing import Any

from ..fields import Field
from ..filters import ordered
from ..php import int_cast, is_array, values
from ..registry import Outcome, RestError, method
from ..store import Portal
from ..strict_filters import strict_conditions
from .paging import page_of_items
from .query import Query

_DEALS = 2


@method("crm.stagehistory.list", reads="deal", facts="P5")
def stage_history(portal: Portal, params: dict[str, Any]) -> Outcome:
    """Upper-case names, strict filter, typed values; unknown order fields are ignored (P5.2)."""
    if int_cast(params.get("entityTypeId")) != _DEALS:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    table = portal.tables["stage_history"]
    fields = table.fields
    names = {name: name for name in fields}
    conditions = strict_conditions(
        params.get("filter", {}), fields, names, portal.wire.zone, portal.now(), dates_must_parse=True
    )
    columns = _selected(params.get("select"), fields)

    def render(number: int) -> dict[str, Any]:
        row = table.row(number)
        return {name: portal.wire.typed(row[name]) for name in columns}

    query = Query(table, conditions, ordered(params.get("order"), fields))
    return page_of_items(query, int_cast(params.get("start", 0)), render)


def _selected(select: Any, fields: dict[str, Field]) -> list[str]:
    names = [str(name) for name in values(select)] if is_array(select) else []
    return [name for name in fields if name == "ID" or not names or "*" in names or name in names]
