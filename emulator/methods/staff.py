"""Users and departments (P15.1, P15.2)."""

from typing import Any

from ..fields import Field
from ..filters import conditions
from ..php import int_cast, is_true
from ..registry import PAGE, Outcome, RestError, method
from ..store import Portal
from ..wire import Row
from .query import Query

_USER_SCOPES = ("user", "user_basic", "user_brief")
# what the narrower scopes do not show
_HIDDEN = {
    "user_brief": ("EMAIL", "PERSONAL_MOBILE", "PERSONAL_CITY", "WORK_PHONE", "UF_PHONE_INNER", "PERSONAL_BIRTHDAY"),
    "user_basic": ("LAST_LOGIN",),
}


@method("user.get", scope="", reads="user", facts="P15.1")
def users(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of users; `sort` and `order` are texts, FILTER replaces all other conditions; empty beyond the end."""
    granted = [scope for scope in _USER_SCOPES if scope in portal.scopes]
    if not granted:
        raise RestError("insufficient_scope", "", 401)
    table, upper = portal.tables["user"], {key.upper(): value for key, value in params.items()}
    sent = upper.get("FILTER", upper)
    found = conditions(sent if isinstance(sent, dict) else {}, table.fields, portal.wire.zone, portal.now())
    sees_all = portal.user_is_admin and is_true(upper.get("ADMIN_MODE"))
    ids = Query(table, found, _order(upper, table.fields, "SORT", "ORDER")).all()
    rows = [table.row(number) for number in ids]
    rows = [row for row in rows if sees_all or row["UF_DEPARTMENT"]]
    hidden = set() if granted[0] == "user" else set(_HIDDEN[granted[0]]) | set(_HIDDEN["user_basic"])
    return offset_page([_user(portal, row, hidden) for row in rows], int_cast(params.get("start", 0)))


@method("department.get", scope="department", facts="P15.2")
def departments(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of departments; beyond the end comes the first page again, and -1 is the first page too."""
    rows = list(portal.departments)
    for key, value in params.items():
        if key.upper() in ("ID", "NAME", "PARENT", "UF_HEAD"):
            rows = [row for row in rows if str(row.get(key.upper())) == str(value)]
    if str(params.get("sort", "")).upper() == "ID":
        rows.sort(key=lambda row: int(row["ID"]), reverse=str(params.get("order", "")).upper() == "DESC")
    start = max(0, int_cast(params.get("start", 0)))
    return offset_page(rows, start if start < len(rows) else 0)


def offset_page(rows: list[Row], start: int) -> Outcome:
    """A page from any offset on; nothing is counted if it is negative."""
    offset = max(0, start)
    page = rows[offset : offset + PAGE]
    if start < 0:
        return Outcome(page, 0, rows=len(page))
    following = offset + PAGE if offset + PAGE < len(rows) else None
    return Outcome(page, len(rows), following, rows=len(page), counted=True, offset=min(offset, len(rows)))


def _order(params: dict[str, Any], fields: dict[str, Field], column: str, direction: str) -> list[tuple[Field, bool]]:
    field = fields.get(str(params.get(column, "ID")).upper(), fields["ID"])
    return [(field, str(params.get(direction, "ASC")).upper() == "DESC")]


def _user(portal: Portal, row: Row, hidden: set[str]) -> Row:
    wire = portal.wire
    sent: Row = {}
    for name, field in portal.tables["user"].fields.items():
        value = row[name]
        if name in hidden:
            continue
        if field.type in ("flag", "integers"):
            sent[name] = value if value != [] else False
        elif field.type == "never":
            sent[name] = {}  # P15.1: a date that is sent without its value
        else:
            sent[name] = "" if value is None else wire.classic(field)(value)
    return sent
