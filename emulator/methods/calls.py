"""voximplant.statistic.get: the calls (P15.3)."""

from typing import Any

from ..filters import conditions
from ..php import int_cast
from ..registry import Outcome, method
from ..store import Portal
from .query import Query
from .staff import offset_page


@method("voximplant.statistic.get", scope="telephony", reads="call", facts="P15.3")
def calls(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of calls; SORT and ORDER are texts in capitals, unknown keys of FILTER are dropped; empty beyond the end."""
    table = portal.tables["call"]
    fields, filter_ = table.fields, params.get("FILTER")
    found = conditions(filter_ if isinstance(filter_, dict) else {}, fields, portal.wire.zone, portal.now())
    column = fields.get(str(params.get("SORT")))
    sorts = column is not None and column.name != "CALL_TYPE" and params.get("ORDER") in ("ASC", "DESC")
    order = [(column, params["ORDER"] == "DESC")] if sorts and column else [(fields["ID"], False)]
    query, start = Query(table, found, order), int_cast(params.get("start", 0))
    ids = query.first(50) if start < 0 else query.all()
    return offset_page([_call(portal, number) for number in ids], start)


def _call(portal: Portal, number: int) -> dict[str, Any]:
    table = portal.tables["call"]
    row, fields = table.row(number), table.fields
    sent = {name: portal.wire.classic(field)(row[name]) for name, field in fields.items()}
    return sent | {"RECORD_FILE_ID": row["RECORD_FILE_ID"], "COST": f"{row['COST'] or 0:.4f}"}
