"""crm.item.list: the universal list (P3)."""

import re
from collections.abc import Mapping
from typing import Any

from ..contact_links import LINKED
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
_LINKS = {"contact": ("companyId", "companyIds")} | dict.fromkeys(LINKED, ("contactId", "contactIds"))
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
    name = object_of(portal, params)
    if name.startswith("item_") and not portal.smart_types[int(name.removeprefix("item_"))].is_readable:
        return Outcome({"items": []})  # P14.3
    table = portal.tables[name]
    fields = table.fields
    original = params.get("useOriginalUfNames") == "Y"
    names = item_names(table, original=original)
    accepted = names | {column: column for column in names.values()}
    conditions = strict_conditions(
        params.get("filter", {}), fields, accepted, portal.wire.zone, portal.now(), dates_must_parse=False
    )
    order, hidden = _order(params.get("order", {}), fields, accepted), hidden_rows(table.name, {})
    query = Query(table, conditions, order, hidden, portal.denied_ids(table.name))
    renderer = _ItemRenderer(portal, table, names, params.get("select"), original)
    return page_of_items(query, int_cast(params.get("start", 0)), renderer)


@method("crm.item.get", reads="item", facts="P3.11")
def item_get(portal: Portal, params: dict[str, Any]) -> Outcome:
    """One item, whatever the lists leave out; it is looked up before the user's rights are."""
    table = portal.tables[object_of(portal, params)]
    number = int_cast(params.get("id"))
    if number not in table:
        raise RestError("NOT_FOUND", "Item not found")
    if number in portal.denied_ids(table.name):
        raise RestError("ACCESS_DENIED", "Access denied")
    original = params.get("useOriginalUfNames") == "Y"
    render = _ItemRenderer(portal, table, item_names(table, original=original), None, original)
    return Outcome({"item": render(number)}, rows=1)


def object_of(portal: Portal, params: Mapping[str, Any]) -> str:
    """The name of the object that `entityTypeId` means."""
    number = int_cast(params.get("entityTypeId"))
    if number == 5:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if number in portal.smart_types:
        return portal.smart_types[number].name
    if number not in OBJECT_OF:
        raise RestError("NOT_FOUND", "Smart process not found")
    return OBJECT_OF[number]


class _ItemRenderer:
    def __init__(self, portal: Portal, table: Table, names: Mapping[str, str], select: Any, original: bool) -> None:
        chosen = [str(name) for name in values(select)] if is_array(select) and select else ["*"]
        self._portal = portal
        self._table = table
        self._is_smart = table.name.startswith("item_")
        self._names = {name: column for name, column in names.items() if "*" in chosen or {name, column} & set(chosen)}
        if original and "*" not in chosen:
            # P3.4: if `select` lists names, only custom fields are sent
            self._names = {name: column for name, column in self._names.items() if column.startswith("UF_")}
        self._sends_all = "*" in chosen
        self._links = [name for name in _LINKS.get(table.name, ()) if "*" in chosen or name in chosen]

    def __call__(self, number: int) -> Any:
        row = self._table.row(number)
        item = {name: self._value(column, row.get(column)) for name, column in self._names.items()}
        if self._links:
            item |= self._linked(number)
        if self._is_smart and self._sends_all:
            item |= {"entityTypeId": int(self._table.name.removeprefix("item_")), "utmSource": None, "utmMedium": None}
        return item or []

    def _linked(self, number: int) -> dict[str, Any]:
        """P6.2: the linked records in the order of their links, and the primary one."""
        name = self._table.name
        if name == "contact":
            links, column = self._portal.companies_of(number), "COMPANY_ID"
        else:
            links, column = self._portal.contact_links.of(name, number), "CONTACT_ID"
        primary = next((link[column] for link in links if link["IS_PRIMARY"]), 0)
        linked = [link[column] for link in links]
        return {one: linked if one.endswith("Ids") else primary for one in self._links}

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
        return column if original else _custom_name(column)
    return _camel(column)


def _custom_name(column: str) -> str:
    """The irregular names of custom fields (P14.5)."""
    tail = column.removeprefix("UF_CRM_")
    if match := re.fullmatch(r"(\d{1,4})_([\d_]+)", tail):
        return f"ufCrm{match[1]}_{match[2]}"
    if match := re.fullmatch(r"(\d{1,4})_([A-Z_]+)", tail):
        return f"ufCrm{match[1]}" + _camel(f"_{match[2]}")
    if re.match(r"\d{1,4}_|SMART_INVOICE_", tail):
        return f"ufCrm_{tail}"
    return "ufCrm_" + _camel(tail)


def _camel(text: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), text.lower())
