"""The expected rows of each table, computed from the data and types of the emulated portal, not from its answers."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from emulator.company_staff import address_rows
from emulator.fields import Field
from emulator.methods.bindings import bindings_of
from emulator.methods.plain import PLAIN
from emulator.methods.products import ONLY_IN_GET
from emulator.reference import currency_rows, directory_rows
from emulator.smart_types import item_stage_history
from emulator.store import Portal
from emulator.userfields import OBJECTS as PORTAL_OBJECTS
from emulator.userfields import UserField
from emulator.wire import Row
from integration_tests.expected_labels import add_labels
from source_bitrix24.catalog.column import Column, standard_columns
from source_bitrix24.catalog.tables import TABLES

# the emulator's object behind each table that is one list
OBJECTS = {
    "activities": "activity",
    "companies": "company",
    "contacts": "contact",
    "deals": "deal",
    "leads": "lead",
    "quotes": "quote",
    "products": "product",
    "catalogs": "catalog",
    "deal_stage_history": "stage_history",
    "lead_stage_history": "lead_history",
    "users": "user",
    "calls": "call",
    "requisites": "requisite",
}
# the tables of smart processes: the number of the type
SMART_TABLES = {"smart_invoices": 31} | {f"smart_process_{number}": number for number in (130, 1030, 1036)}
_REFERENCES = ("crm_company", "crm_contact", "crm_lead", "crm_deal", "crm_quote", "crm_entity")
_FLAGS = ("MULTIPLE", "MANDATORY", "SHOW_IN_LIST", "EDIT_IN_LIST", "IS_SEARCHABLE", "SYSTEM", "DEF", "IS_DEFAULT")
_NUMBERS = ("ID", "SORT", "CATEGORY_ID", "ENTITY_ID", "ENTITY_TYPE_ID", "FIELD_ID")


def expected_rows(portal: Portal, table: str) -> list[Row]:
    """The rows of a table in any order. Columns without a value are left out.

    A custom field that is empty has a row here; in the warehouse it has none, or one that is empty.
    """
    if table in SMART_TABLES:
        rows: Iterable[Row] = _items(portal, SMART_TABLES[table])
    else:
        rows = _ROWS_BY_TABLE[table](portal) if table in _ROWS_BY_TABLE else _plain(table)
    found = [{name: value for name, value in row.items() if value is not None} for row in rows]
    add_labels(portal, table, found)
    return found


def first_rows(portal: Portal, table: str) -> list[Row]:
    """The rows that a first sync prints: without those of custom fields that are empty."""
    return [row for row in expected_rows(portal, table) if row.get("VALUES") != []]


def _value(portal: Portal, value: Any) -> Any:
    """A value as it should arrive in the warehouse."""
    if isinstance(value, datetime):
        return portal.wire.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_value(portal, item) for item in value] or None
    if isinstance(value, dict):
        return {name: _value(portal, _number(name, item)) for name, item in value.items()} or None
    return value.replace("auth=x", "auth=****") or None if isinstance(value, str) else value


def _column(portal: Portal, field: Field, value: Any) -> Any:
    if field.type == "resourcebooking":  # its shape is unknown, so it is kept as text
        return [str(item) for item in value] or None if isinstance(value, list) else value and str(value)
    if field.name == "DEADLINE" and isinstance(value, datetime) and value.year == 9999:
        return None
    typed = _value(portal, value)
    return (typed or None) if field.type in _REFERENCES else typed


def _number(name: str, value: Any) -> Any:
    return int(value) if name in _NUMBERS and isinstance(value, str) and value.isdigit() else value


def _objects(name: str) -> Callable[[Portal], Iterator[Row]]:
    def rows(portal: Portal) -> Iterator[Row]:
        fields = portal.tables[name].fields
        for row in portal.visible(name):
            yield {code: _column(portal, field, row.get(code)) for code, field in fields.items() if field.sent}

    return rows


def _custom_values(name: str) -> Callable[[Portal], Iterator[Row]]:
    def rows(portal: Portal) -> Iterator[Row]:
        sources = {
            row["STATUS_ID"]: row["NAME"]
            for row in directory_rows(portal.pipelines, portal.smart_types.values())
            if row["ENTITY_ID"] == "SOURCE"
        }
        for row in portal.visible(name):
            for field in portal.user_fields[name]:
                values = [_text(portal, field, value) for value in _listed(row.get(field.name))]
                yield {
                    "ID": row["ID"],
                    "FIELD_NAME": field.name,
                    "FIELD_LABEL": field.labels["en"],
                    "USER_TYPE_ID": field.type,
                    "VALUE": (orjson.dumps(values).decode() if field.multiple else values[0]) if values else None,
                    "VALUES": values,
                    "LABELS": _labels(field, values, sources),
                    "DATE_MODIFY": portal.wire.moment(row["DATE_MODIFY"]),
                }

    return rows


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None or value == "" else [value]


def _text(portal: Portal, field: UserField, value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return str(value if isinstance(value, Decimal) else _value(portal, value))


def _labels(field: UserField, values: Iterable[str], sources: dict[str, str]) -> list[str]:
    if field.type == "enumeration":
        return [field.options[int(value)] for value in values]
    return [sources[value] for value in values] if field.type == "crm_status" else []


def _product_rows(name: str) -> Callable[[Portal], Iterator[Row]]:
    def rows(portal: Portal) -> Iterator[Row]:
        for owner in portal.visible(name):
            for place, row in enumerate(portal.product_rows(name, owner["ID"]), 1):
                yield {code: _value(portal, value) for code, value in row.items()} | {
                    "POSITION": place,
                    "PRODUCT_ID": row["PRODUCT_ID"] or None,
                    "DATE_MODIFY": portal.wire.moment(owner["DATE_MODIFY"]),
                }

    return rows


def _contact_companies(portal: Portal) -> Iterator[Row]:
    for contact in portal.visible("contact"):
        date = portal.wire.moment(contact["DATE_MODIFY"])
        for place, link in enumerate(portal.companies_of(contact["ID"]), 1):
            yield link | {"CONTACT_ID": contact["ID"], "POSITION": place, "DATE_MODIFY": date}


def _contacts_of(name: str) -> Callable[[Portal], Iterator[Row]]:
    def rows(portal: Portal) -> Iterator[Row]:
        for record in portal.visible(name):
            date = portal.wire.moment(record["DATE_MODIFY"])
            for place, link in enumerate(portal.contact_links.of(name, record["ID"]), 1):
                its_own = {f"{name.upper()}_ID": record["ID"], "POSITION": place, "DATE_MODIFY": date}
                yield its_own | {column: link[column] for column in ("CONTACT_ID", "IS_PRIMARY")}

    return rows


def _definitions(name: str) -> Callable[[Portal], Iterator[Row]]:
    def rows(portal: Portal) -> Iterator[Row]:
        for field in portal.user_fields[name]:
            yield {
                key: value if key == "ENTITY_ID" else _definition(key, value)
                for key, value in field.as_row("en").items()
            }

    return rows


def _options(portal: Portal) -> Iterator[Row]:
    for field in [field for name in PORTAL_OBJECTS for field in portal.user_fields[name]]:
        row = field.as_row("en")
        for option in row.get("LIST", ()):
            yield {key: _definition(key, value) for key, value in option.items()} | {
                "FIELD_ID": field.id,
                "FIELD_NAME": field.name,
                "ENTITY_ID": row["ENTITY_ID"],
            }


def _definition(name: str, value: Any) -> Any:
    if name in _FLAGS:
        return value == "Y"
    if name == "LIST":
        return [{key: _definition(key, item) for key, item in option.items()} for option in value]
    return _number(name, value) or None


def _pipelines(portal: Portal) -> Iterator[Row]:
    for pipeline in portal.pipelines:
        yield {
            _upper(name): (value == "Y" if _upper(name) in _FLAGS else _value(portal, value))
            for name, value in pipeline.as_row().items()
        }


def _upper(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _stages(portal: Portal) -> Iterator[Row]:
    for row in _statuses(portal):
        if row["ENTITY_ID"].startswith("DEAL_STAGE"):
            yield row | {"CATEGORY_ID": row["CATEGORY_ID"] or 0}


def _statuses(portal: Portal) -> Iterator[Row]:
    for row in directory_rows(portal.pipelines, portal.smart_types.values()):
        yield {
            name: value == "Y" if name in _FLAGS else _value(portal, _number(name, value))
            for name, value in row.items()
        }


def _tasks(portal: Portal) -> Iterator[Row]:
    for row in portal.tables["task"]:
        people = {"CREATOR": row["CREATED_BY"], "RESPONSIBLE": row["RESPONSIBLE_ID"]}
        watchers = {str(user): {"id": str(user), "name": f"User {user}"} for user in row["AUDITORS"]}
        yield {
            **{name: _value(portal, value) for name, value in row.items()},
            **{
                name: {"id": str(user), "name": f"User {user}", "link": f"/company/personal/user/{user}/"}
                for name, user in people.items()
            },
            **{name: row[name] or None for name in ("GROUP_ID", "STAGE_ID")},
            "AUDITORS_DATA": watchers or None,
        }


def _items(portal: Portal, number: int) -> Iterator[Row]:
    type_ = portal.smart_types[number]
    table = portal.tables[type_.name]
    for row in table:
        yield {name: _item_value(portal, field, row[name]) for name, field in table.fields.items()}


def _item_value(portal: Portal, field: Field, value: Any) -> Any:
    if field.type == "file" and value:
        link = value["downloadUrl"].replace("auth=", "auth=")
        return {"id": value["id"], "url": link, "urlMachine": link}
    return _column(portal, field, value) if field.name != "WEBFORM_ID" else value or None


def _smart_products(portal: Portal) -> Iterator[Row]:
    for number in (31, 130):
        type_ = portal.smart_types[number]
        for item in portal.tables[type_.name]:
            rows = portal.product_rows(type_.name, item["ID"])
            for position, row in enumerate(sorted(rows, key=lambda row: (row["SORT"], row["ID"])), 1):
                sent = {code: _value(portal, value) for code, value in row.items() if code not in ONLY_IN_GET}
                yield sent | {
                    "PRODUCT_ID": row["PRODUCT_ID"] or None,
                    "POSITION": position,
                    "UPDATED_TIME": portal.wire.moment(item["UPDATED_TIME"]),
                }


def _smart_history(portal: Portal) -> Iterator[Row]:
    for type_ in portal.smart_types.values():
        if "Stages" in type_.flags:
            for item in portal.tables[type_.name]:
                for row in item_stage_history(type_.number, item):
                    yield {name: _value(portal, value) for name, value in row.items()} | {
                        "ENTITY_TYPE_ID": type_.number
                    }


def _activity_bindings(portal: Portal) -> Iterator[Row]:
    for activity in portal.tables["activity"]:
        for position, (kind, record) in enumerate(bindings_of(portal, activity["ID"]), 1):
            yield {
                "ACTIVITY_ID": activity["ID"],
                "POSITION": position,
                "LAST_UPDATED": portal.wire.moment(activity["LAST_UPDATED"]),
                "ENTITY_TYPE_ID": kind,
                "ENTITY_ID": record,
            }


def _smart_types(portal: Portal) -> Iterator[Row]:
    for type_ in portal.smart_types.values():
        if type_.number != 31 and type_.is_readable:
            row = {_upper(name): value for name, value in type_.as_row().items()}
            yield {name: value == "Y" if value in ("Y", "N") else value or None for name, value in row.items()}


def _smart_pipelines(portal: Portal) -> Iterator[Row]:
    for type_ in portal.smart_types.values():
        if type_.is_readable:
            pipeline = type_.pipeline
            row = {"ID": pipeline.id, "NAME": pipeline.name, "SORT": pipeline.sort, "ENTITY_TYPE_ID": type_.number}
            yield row | {"IS_DEFAULT": True, "IS_SYSTEM": False}


def _by_types(table: str, rows: Callable[[Portal], Iterable[Row]]) -> Callable[[Portal], Iterator[Row]]:
    """Rows as the portal sends them, by the types of the table's file of columns."""
    columns = {column.name: column for column in standard_columns(table)}
    return lambda portal: ({name: _typed(columns[name], value) for name, value in row.items()} for row in rows(portal))


def _plain(table: str) -> Iterator[Row]:
    """The rows of a table whose rows stand in a file of the emulator, by the types of its file of columns."""
    (method,) = [one.method for one in TABLES if one.name == table]
    if method not in PLAIN:
        raise AssertionError(
            f"The emulator has no rows for {table}: write emulator/rows/{method}.json (CONTRIBUTING.md)."
        )
    columns = {column.name: column for column in standard_columns(table)}
    for row in PLAIN[method].rows:
        yield {name: _typed(columns[name], value) for name, value in row.items()}


def _typed(column: Column, value: Any) -> Any:
    if value in (None, "", [], False) and column.type != "boolean":
        return None
    if column.multiple:
        return [_typed(replace(column, multiple=False), item) for item in value]
    make: dict[str, Callable[[Any], Any]] = {
        "integer": int,
        "reference": lambda text: int(text) or None,
        "number": float,
        "boolean": lambda text: {"Y": True, "N": False}[text],
        "date": lambda text: text[:10],
        "object": lambda value: value,
    }
    return make.get(column.type, str)(value)


_ROWS_BY_TABLE: dict[str, Callable[[Portal], Iterator[Row]]] = {
    **{table: _objects(name) for table, name in OBJECTS.items()},
    **{f"{name}_custom_field_values": _custom_values(name) for name in PORTAL_OBJECTS},
    **{f"{name}_products": _product_rows(name) for name in ("deal", "lead", "quote")},
    "contact_companies": _contact_companies,
    **{f"{name}_contacts": _contacts_of(name) for name in ("deal", "lead", "quote")},
    **{f"{name}_custom_field_definitions": _definitions(name) for name in PORTAL_OBJECTS},
    "custom_field_options": _options,
    "statuses": _statuses,
    "tasks": _tasks,
    "smart_process_types": _smart_types,
    "smart_process_products": _smart_products,
    "smart_process_stage_history": _smart_history,
    "activity_bindings": _activity_bindings,
    "smart_process_pipelines": _smart_pipelines,
    "currencies": _by_types("currencies", lambda portal: currency_rows()),
    "departments": _by_types("departments", lambda portal: portal.departments),
    "addresses": _by_types(
        "addresses", lambda portal: address_rows(iter(portal.tables["requisite"]), iter(portal.tables["lead"]))
    ),
    "deal_pipelines": _pipelines,
    "deal_pipeline_stages": _stages,
}
