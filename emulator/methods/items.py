"""crm.item.list: the universal list (P3)."""

import re
from collections.abc import Mapping
from typing import Any

from ..fields import MULTI_FIELDS, Field
from ..php import int_cast, is_array, values
from ..registry import Outcome, RestError, method
from ..store import Portal
from ..strict_filters import strict_conditions
from ..table import Table
from .classic import hidden_rows
from .paging import page_of_items
from .query import Query

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
    """Columns by their names in crm.item.list (P3.3). `original`: custom fields keep their upper-case names."""
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
    conditions = strict_conditions(
        params.get("filter", {}), fields, accepted, portal.wire.zone, portal.now(), dates_must_parse=False
    )
    query = Query(table, conditions, _order(params.get("order", {}), fields, accepted), hidden_rows(table.name, {}))
    renderer = _ItemRenderer(portal, table, names, params.get("select"), original)
    return page_of_items(query, int_cast(params.get("start", 0)), renderer)


def object_of(params: Mapping[str, Any]) -> str:
    """The name of the object that `entityTypeId` means."""
    number = int_cast(params.get("entityTypeId"))
    if number == 5:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if number not in OBJECT_OF:
        raise RestError("NOT_FOUND", "Smart process not found")
    return OBJECT_OF[number]


class _ItemRenderer:
    def __init__(self, portal: Portal, table: Table, names: Mapping[str, str], select: Any, original: bool) -> None:
        chosen = [str(name) for name in values(select)] if is_array(select) and select else ["*"]
        self._portal = portal
        self._table = table
        self._names = {name: column for name, column in names.items() if "*" in chosen or {name, column} & set(chosen)}
        if original and "*" not in chosen:
            # P3.4: if `select` lists names, only custom fields are sent
            self._names = {name: column for name, column in self._names.items() if column.startswith("UF_")}
        else:
            self._names = {"id": "ID"} | self._names
        self._has_links = "*" in chosen or bool({"contactIds", "companyIds"} & set(chosen))

    def __call__(self, number: int) -> Any:
        row = self._table.row(number)
        item = {name: self._value(column, row.get(column)) for name, column in self._names.items()}
        if self._has_links and self._table.name == "contact":
            item["companyIds"] = [link["COMPANY_ID"] for link in self._portal.companies_of(number)]
        return item or []

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
    for key, direction in order.items() if isinstance(order, Mapping) else ():
        if key not in accepted or str(direction).upper() not in ("ASC", "DESC"):
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{key}' is not allowed in order")
        found.append((fields[accepted[key]], str(direction).upper() == "DESC"))
    return found


def _item_name(column: str, *, original: bool) -> str:
    if column in _RENAMED:
        return _RENAMED[column]
    if column.startswith("UF_CRM_"):
        return column if original else "ufCrm_" + _camel(column.removeprefix("UF_CRM_"))
    return _camel(column)


def _camel(text: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), text.lower())
