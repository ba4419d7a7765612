"""crm.item.list: the universal list (P3)."""

import re
from collections.abc import Mapping
from typing import Any

from ..fields import MULTI_FIELDS, Field
from ..php import int_cast, is_array, values
from ..registry import PAGE, Outcome, RestError, method
from ..store import Portal
from ..strict import strict_conditions
from ..table import Table
from .classic import Found, hides

OBJECT_OF = {1: "lead", 2: "deal", 3: "contact", 4: "company", 7: "quote"}
_RENAMED = {
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
    "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "MOVED_BY_ID": "movedBy",
    "MYCOMPANY_ID": "mycompanyId",
}
_ABSENT = (*MULTI_FIELDS, "FACE_ID", "LAST_COMMUNICATION_TIME")


def item_names(table: Table, *, original: bool = False) -> dict[str, str]:
    """Columns by the names that crm.item.list gives them (P3.3); `original` keeps the spelling of custom fields."""
    names = {}
    for column in table.fields:
        if column in _ABSENT or column.startswith(("ADDRESS", "REG_ADDRESS")):
            continue
        names[_item_name(column, original=original)] = column
    return names


@method("crm.item.list", reads="item", facts="P3")
def item_list(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of 50 items with typed values; filter and order are checked (P3.5)."""
    table = portal.tables[object_of(params)]
    fields = table.fields
    original = params.get("useOriginalUfNames") == "Y"
    names = item_names(table, original=original)
    accepted = names | {column: column for column in names.values()}
    asked = params.get("filter", {})
    wanted = strict_conditions(asked, fields, accepted, portal.wire.zone, portal.now(), dates_must_parse=False)
    found = Found(table, wanted, _order(params.get("order", {}), fields, accepted), hides(table.name, {}))
    start = int_cast(params.get("start", 0))
    told = _Teller(portal, table, names, params.get("select"), original)
    if start < 0:
        rows = [told(number) for number in found.first(PAGE)]
        return Outcome({"items": rows}, rows=len(rows))  # P3.1
    everything = found.all()
    offset = start // PAGE * PAGE
    rows = [told(number) for number in everything[offset : offset + PAGE]]
    following = offset + PAGE if offset + PAGE < len(everything) else None
    return Outcome({"items": rows}, len(everything), following, rows=len(rows), counted=True, offset=offset)


def object_of(params: Mapping[str, Any]) -> str:
    """The object that entityTypeId names."""
    number = int_cast(params.get("entityTypeId"))
    if number == 5:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if number not in OBJECT_OF:
        raise RestError("NOT_FOUND", "Smart process not found")
    return OBJECT_OF[number]


class _Teller:
    def __init__(self, portal: Portal, table: Table, names: Mapping[str, str], select: Any, original: bool) -> None:
        chosen = [str(name) for name in values(select)] if is_array(select) and select else ["*"]
        self._portal = portal
        self._table = table
        self._names = {name: column for name, column in names.items() if "*" in chosen or {name, column} & set(chosen)}
        if original and "*" not in chosen:
            # P3.4: with a selection of names, the output keeps the custom fields only
            self._names = {name: column for name, column in self._names.items() if column.startswith("UF_")}
        else:
            self._names = {"id": "ID"} | self._names
        self._binds = "*" in chosen or bool({"contactIds", "companyIds"} & set(chosen))

    def __call__(self, number: int) -> Any:
        row = self._table.row(number)
        told = {name: self._value(column, row.get(column)) for name, column in self._names.items()}
        if self._binds and self._table.name == "contact":
            told["companyIds"] = [link["COMPANY_ID"] for link in self._portal.companies_of(number)]
        return told or []

    def _value(self, column: str, value: Any) -> Any:
        field = self._table.fields[column]
        if value is None:
            return 0 if field.type in ("crm_company", "crm_contact") and not field.multiple else None
        if field.type == "file":
            return (
                {"id": value["id"], "url": value["downloadUrl"], "urlMachine": value["downloadUrl"]}
                if isinstance(value, dict)
                else value
            )
        return self._portal.wire.typed(value)


def _order(order: Any, fields: Mapping[str, Field], accepted: Mapping[str, str]) -> list[tuple[Field, bool]]:
    found = []
    for key, way in order.items() if isinstance(order, Mapping) else ():
        if key not in accepted or str(way).upper() not in ("ASC", "DESC"):
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{key}' is not allowed in order")
        found.append((fields[accepted[key]], str(way).upper() == "DESC"))
    return found


def _item_name(column: str, *, original: bool) -> str:
    if column in _RENAMED:
        return _RENAMED[column]
    if column.startswith("UF_CRM_"):
        return column if original else "ufCrm_" + _camel(column.removeprefix("UF_CRM_"))
    return _camel(column)


def _camel(text: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), text.lower())
