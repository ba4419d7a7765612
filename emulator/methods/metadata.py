"""Metadata: fields, custom fields, pipelines, directories (P10)."""

from functools import partial
from typing import Any

from ..fields import Field
from ..php import int_cast
from ..reference import currency_rows, directory_rows
from ..registry import Outcome, RestError, method
from ..smart_types import INVOICES, SmartType
from ..store import Portal
from ..userfields import OBJECTS, SETTINGS
from .items import item_names, object_of

_CLASSIC_TYPES = (
    (1, "LEAD", "L"),
    (2, "DEAL", "D"),
    (3, "CONTACT", "C"),
    (4, "COMPANY", "CO"),
    (7, "QUOTE", "Q"),
    (36, "SMART_DOCUMENT", "T24"),
)
_FILTERS = ("ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY")


def fields_of(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """Every column by name; the title of a custom field is its code (P10.2)."""
    return Outcome({code: _field_row(portal, name, field) for code, field in portal.tables[name].fields.items()})


def user_fields_of(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """All custom fields, never paged; labels only in the language that the filter names (P10.1)."""
    filter_ = _filter(params)
    rows = [field.as_row(filter_.get("LANG")) for field in portal.user_fields[name]]
    for key in _FILTERS:
        if key in filter_:
            rows = [row for row in rows if str(row[key]) == str(filter_[key])]
    rows.sort(key=lambda row: (int(row["SORT"]), int(row["ID"])))
    return Outcome(rows, total=len(rows), rows=len(rows))


for _name in OBJECTS:
    method(f"crm.{_name}.fields", reads=_name, facts="P10.2")(partial(fields_of, _name))
    method(f"crm.{_name}.userfield.list", reads=_name, facts="P10.1")(partial(user_fields_of, _name))
for _name in ("activity", "product", "catalog"):
    method(f"crm.{_name}.fields", reads=_name, facts="P10.2")(partial(fields_of, _name))


@method("crm.item.fields", reads="item", facts="P10.3")
def item_fields(portal: Portal, params: dict[str, Any]) -> Outcome:
    """Every column by its camel-case name."""
    table = portal.tables[object_of(portal, params)]
    _check_type(portal, table.name)
    names = item_names(table, original=params.get("useOriginalUfNames") == "Y")
    rows = {
        name: _field_row(portal, table.name, table.fields[column]) | {"upperName": column}
        for name, column in names.items()
    }
    return Outcome({"fields": rows})


@method("crm.enum.ownertype", facts="P14.2")
def owner_types(portal: Portal, params: dict[str, Any]) -> Outcome:
    """All types of objects, for every user."""
    rows = [
        {"ID": number, "NAME": code.title(), "SYMBOL_CODE": code, "SYMBOL_CODE_SHORT": letter}
        for number, code, letter in _CLASSIC_TYPES
    ]
    for type_ in portal.smart_types.values():
        code = "SMART_INVOICE" if type_.number == INVOICES else f"DYNAMIC_{type_.number}"
        rows.append(
            {"ID": type_.number, "NAME": type_.title, "SYMBOL_CODE": code, "SYMBOL_CODE_SHORT": type_.owner_type}
        )
    return Outcome(rows, rows=len(rows))


@method("crm.type.getbyentitytypeid", facts="P14.4")
def type_of_number(portal: Portal, params: dict[str, Any]) -> Outcome:
    """A type with its flags, to everyone who may read its items."""
    type_ = portal.smart_types.get(int_cast(params.get("entityTypeId")))
    if type_ is None:
        raise RestError("", "Smart process not found")
    _check_type(portal, type_.name)
    return Outcome({"type": type_.as_row()}, rows=1)


def _check_type(portal: Portal, name: str) -> None:
    if any(type_.name == name and not type_.is_readable for type_ in portal.smart_types.values()):
        raise RestError("ACCESS_DENIED", "Access denied")  # P14.3


@method("crm.category.list", reads="deal", facts="P12, P14.8")
def categories(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The pipelines of deals, or of a smart process, all in one answer."""
    type_ = portal.smart_types.get(int_cast(params.get("entityTypeId")))
    if type_:
        rows = [_smart_pipeline(type_)] if type_.is_readable else []
        return Outcome({"categories": rows}, total=len(rows), rows=len(rows))
    if int_cast(params.get("entityTypeId")) != 2:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    rows = [pipeline.as_row() for pipeline in portal.pipelines]
    return Outcome({"categories": rows}, total=len(rows), rows=len(rows))


@method("crm.status.list", facts="P12")
def statuses(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The entries of all directories in one answer; columns can be filtered."""
    rows = directory_rows(portal.pipelines, portal.smart_types.values())
    for key, value in _filter(params).items():
        if key in rows[0]:
            rows = [row for row in rows if str(row[key]) == str(value)]
    return Outcome(rows, total=len(rows), rows=len(rows))


@method("crm.currency.list", facts="P15.7")
def currencies(portal: Portal, params: dict[str, Any]) -> Outcome:
    """All currencies in one answer, whose total is 0."""
    rows = currency_rows()
    return Outcome(rows, total=0, rows=len(rows))


def _smart_pipeline(type_: SmartType) -> dict[str, Any]:
    pipeline = type_.pipeline
    row = {"id": pipeline.id, "name": pipeline.name, "sort": pipeline.sort, "entityTypeId": type_.number}
    return row | {"isDefault": "Y", "isSystem": "N", "code": ""}


def _filter(params: dict[str, Any]) -> dict[str, Any]:
    filter_ = params.get("filter")
    return filter_ if isinstance(filter_, dict) else {}


def _field_row(portal: Portal, name: str, field: Field) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": field.type,
        "isRequired": False,
        "isReadOnly": field.name in ("ID", "DATE_CREATE", "DATE_MODIFY"),
        "isImmutable": False,
        "isMultiple": field.multiple,
        "isDynamic": field.is_user_field,
        "title": field.name,
    }
    if field.directory:
        row["statusType"] = field.directory
    if field.type == "product_property":
        row |= {"propertyType": "S", "userType": "", "title": f"Property {field.name.removeprefix('PROPERTY_')}"}
    if field.is_user_field:
        user_field = next(found for found in portal.user_fields[name] if found.name == field.name)
        label = user_field.labels.get("ru") or field.name  # the portal's own language
        row["settings"] = SETTINGS.get(user_field.type, [])
        row |= {"listLabel": label, "formLabel": label, "filterLabel": label}
        if user_field.options:
            row["items"] = [{"ID": str(key), "VALUE": text} for key, text in user_field.options.items()]
    return row
