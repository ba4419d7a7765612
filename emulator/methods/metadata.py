"""Metadata: fields, custom fields, pipelines, directories (P10)."""

from functools import partial
from typing import Any

from ..fields import Field
from ..php import int_cast
from ..reference import directory_rows
from ..registry import Outcome, RestError, method
from ..store import Portal
from ..userfields import OBJECTS
from .items import item_names, object_of

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
    table = portal.tables[object_of(params)]
    names = item_names(table, original=params.get("useOriginalUfNames") == "Y")
    rows = {
        name: _field_row(portal, table.name, table.fields[column]) | {"upperName": column}
        for name, column in names.items()
    }
    return Outcome({"fields": rows})


@method("crm.category.list", reads="deal", facts="P12")
def categories(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The pipelines of deals, all in one answer."""
    if int_cast(params.get("entityTypeId")) != 2:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    rows = [pipeline.as_row() for pipeline in portal.pipelines]
    return Outcome({"categories": rows}, total=len(rows), rows=len(rows))


@method("crm.status.list", facts="P12")
def statuses(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The entries of all directories in one answer; columns can be filtered."""
    rows = directory_rows(portal.pipelines)
    for key, value in _filter(params).items():
        if key in rows[0]:
            rows = [row for row in rows if str(row[key]) == str(value)]
    return Outcome(rows, total=len(rows), rows=len(rows))


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
        row |= {"listLabel": label, "formLabel": label, "filterLabel": label}
        if user_field.options:
            row["items"] = [{"ID": str(key), "VALUE": text} for key, text in user_field.options.items()]
    return row
