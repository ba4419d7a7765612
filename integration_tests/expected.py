"""The expected rows of each table, computed from the data and types of the emulated portal, not from its answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson

from emulator.fields import Field
from emulator.methods.plain import PLAIN
from emulator.reference import directory_rows
from emulator.store import Portal
from emulator.userfields import UserField
from emulator.wire import Row
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
}
_REFERENCES = ("crm_company", "crm_contact", "crm_lead", "crm_deal", "crm_quote", "crm_entity")
_FLAGS = ("MULTIPLE", "MANDATORY", "SHOW_IN_LIST", "EDIT_IN_LIST", "IS_SEARCHABLE", "SYSTEM", "DEF", "isDefault")
_NUMBERS = ("ID", "SORT", "CATEGORY_ID", "ENTITY_ID", "ENTITY_TYPE_ID")


def expected_rows(portal: Portal, table: str) -> list[Row]:
    """The rows of a table in any order. Columns without a value are left out.

    A custom field that is empty has a row here; in the warehouse it has none, or one that is empty.
    """
    rows = _ROWS_BY_TABLE[table](portal) if table in _ROWS_BY_TABLE else _plain(table)
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


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
            row["STATUS_ID"]: row["NAME"] for row in directory_rows(portal.pipelines) if row["ENTITY_ID"] == "SOURCE"
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
            for row in portal.product_rows(name, owner["ID"]):
                yield {code: _value(portal, value) for code, value in row.items()} | {
                    "PRODUCT_ID": row["PRODUCT_ID"] or None,
                    "DATE_MODIFY": portal.wire.moment(owner["DATE_MODIFY"]),
                }

    return rows


def _contact_companies(portal: Portal) -> Iterator[Row]:
    for contact in portal.visible("contact"):
        for link in portal.companies_of(contact["ID"]):
            yield link | {"CONTACT_ID": contact["ID"], "DATE_MODIFY": portal.wire.moment(contact["DATE_MODIFY"])}


def _definitions(portal: Portal) -> Iterator[Row]:
    for field in portal.user_fields["deal"]:
        yield {name: _definition(name, value) for name, value in field.as_row("en").items()}


def _definition(name: str, value: Any) -> Any:
    if name in _FLAGS:
        return value == "Y"
    if name == "LIST":
        return [{key: _definition(key, item) for key, item in option.items()} for option in value]
    return _number(name, value) or None


def _pipelines(portal: Portal) -> Iterator[Row]:
    for pipeline in portal.pipelines:
        yield {
            name: (value == "Y" if name in _FLAGS else _value(portal, value))
            for name, value in pipeline.as_row().items()
        }


def _stages(portal: Portal) -> Iterator[Row]:
    for row in directory_rows(portal.pipelines):
        if row["ENTITY_ID"].startswith("DEAL_STAGE"):
            yield {
                name: value == "Y" if name in _FLAGS else _value(portal, _number(name, value))
                for name, value in row.items()
            } | {"CATEGORY_ID": int(row["CATEGORY_ID"] or 0)}


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
    **{f"{name}_custom_field_values": _custom_values(name) for name in ("company", "contact", "deal", "lead")},
    **{f"{name}_products": _product_rows(name) for name in ("deal", "lead", "quote")},
    "contact_companies": _contact_companies,
    "deal_custom_field_definitions": _definitions,
    "deal_pipelines": _pipelines,
    "deal_pipeline_stages": _stages,
}
