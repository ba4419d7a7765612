"""tasks.task.list: asked in capitals, answered in camel case (P15.4)."""

import re
from typing import Any

from ..fields import Field
from ..filters import conditions
from ..php import int_cast, is_array, values
from ..registry import PAGE, Outcome, RestError, method
from ..store import Portal
from .query import Query

_ALWAYS = ("ID", "SUB_STATUS")


@method("tasks.task.list", scope="task", reads="task", facts="P15.4")
def tasks(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of tasks under `tasks`; an unknown order is an error, an unknown condition is dropped."""
    table = portal.tables["task"]
    fields, filter_, order = table.fields, params.get("filter"), params.get("order")
    filter_ = filter_ if isinstance(filter_, dict) else {}
    if any(is_array(value) and key.startswith(("<", ">")) for key, value in filter_.items()):
        raise RestError("0", "A comparison with a list")  # not known: what the real one does (P15.4)
    wanted = order if isinstance(order, dict) and order else {"ID": "DESC"}
    if wanted.keys() - fields.keys():
        raise RestError("0", f"Unknown order: {', '.join(wanted)}")
    query = Query(
        table,
        conditions(filter_, fields, portal.wire.zone, portal.now()),
        [(fields[name], str(direction).upper() == "DESC") for name, direction in wanted.items()],
    )
    start = int_cast(params.get("start", 0))
    ids = query.first(PAGE) if start < 0 else query.all()
    offset = max(0, start) // PAGE * PAGE
    select = [str(name) for name in values(params["select"])] if is_array(params.get("select")) else []
    page = [_task(portal, number, select) for number in ids[offset : offset + PAGE]]
    if start < 0:
        return Outcome({"tasks": page}, 0, rows=len(page))
    following = offset + PAGE if offset + PAGE < len(ids) else None
    return Outcome({"tasks": page}, len(ids), following, rows=len(page), counted=True, offset=offset)


def _task(portal: Portal, number: int, select: list[str]) -> dict[str, Any]:
    """Numbers as text; people and group as objects beside their IDs, the group as [] if there is none."""
    table = portal.tables["task"]
    row = table.row(number)
    columns = [name for name in table.fields if not select or name in select or name in _ALWAYS]
    sent: dict[str, Any] = {_camel(name): _value(portal, table.fields[name], row[name]) for name in columns}
    if "GROUP_ID" in columns:
        sent["group"] = []
    for column, name in (("CREATED_BY", "creator"), ("RESPONSIBLE_ID", "responsible")):
        if column in columns:
            sent[name] = {
                "id": str(row[column]),
                "name": f"User {row[column]}",
                "link": f"/company/personal/user/{row[column]}/",
            }
    if "AUDITORS" in columns:
        sent["auditorsData"] = {
            str(user): {"id": str(user), "name": f"User {user}"} for user in row["AUDITORS"] or ()
        } or []
    return sent


def _value(portal: Portal, field: Field, value: Any) -> Any:
    if field.multiple:
        return [str(item) for item in value or ()] or (False if field.name == "UF_CRM_TASK" else [])
    if value is None:
        return None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else portal.wire.typed(value)


def _camel(column: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), column.lower())
