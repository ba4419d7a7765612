"""A stream's JSON schema: the standard columns from its file, and the columns that only this portal has."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PortalField:
    """A column that only this portal has: a custom field, a link to a smart process, a product property.

    `type` as the portal names it (P10.4); `texts`: what stored values stand for, where they are options or codes.
    """

    name: str
    type: str
    multiple: bool
    label: str
    texts: Mapping[str, str] = field(default_factory=dict)


# the column that keeps what does not fit the type of its own column
UNTYPED_VALUES = "UNTYPED_VALUES"
_UNTYPED_COLUMN = {
    "type": ["null", "object"],
    "additionalProperties": True,
    "description": "Values that do not fit the type of their column, by column; in the column itself they are null",
}

_TEXT: Schema = {"type": ["null", "string"]}
_INTEGER: Schema = {"type": ["null", "integer"]}
_OBJECT: Schema = {"type": ["null", "object"], "additionalProperties": True}
_FILE: Schema = {**_OBJECT, "properties": {"id": _INTEGER, "showUrl": _TEXT, "downloadUrl": _TEXT}}
_DATE: Schema = {"type": ["null", "string"], "format": "date"}
_MOMENT: Schema = {"type": ["null", "string"], "format": "date-time", "airbyte_type": "timestamp_with_timezone"}

# P10.4, P11: every other type, also one an application brings, is text
_COLUMN_OF_TYPE: Mapping[str, Schema] = {
    "integer": _INTEGER,
    "double": {"type": ["null", "number"]},
    "boolean": {"type": ["null", "boolean"]},
    "date": _DATE,
    "datetime": _MOMENT,
    "enumeration": _INTEGER,
    "employee": _INTEGER,
    "iblock_element": _INTEGER,
    "iblock_section": _INTEGER,
    "file": _FILE,
    "crm_entity": {**_INTEGER, "minimum": 1},
    "product_property": _OBJECT,
}
_MOST_OPTIONS = 50


@cache
def _file(table: str) -> str:
    return files(__package__).joinpath("schemas", f"{table}.json").read_text(encoding="utf-8")


def standard_schema(table: str) -> Schema:
    """The columns that every portal has, and the one for misfits."""
    schema: Schema = json.loads(_file(table))
    schema["properties"][UNTYPED_VALUES] = _UNTYPED_COLUMN
    return schema


def with_columns(schema: Schema, fields: Iterable[PortalField]) -> Schema:
    """The schema with a column for each of the portal's own fields."""
    columns = {portal_field.name: column_of(portal_field) for portal_field in fields}
    return {**schema, "properties": {**schema["properties"], **columns}}


def column_of(portal_field: PortalField) -> Schema:
    """A column typed by the field's type, titled by the name people see, its options in the description."""
    single = _COLUMN_OF_TYPE.get(portal_field.type, _TEXT)
    column = {"type": ["null", "array"], "items": single} if portal_field.multiple else dict(single)
    column["title"] = portal_field.label
    if portal_field.texts:
        column["description"] = _options(portal_field.texts)
    return column


def _options(texts: Mapping[str, str]) -> str:
    told = [f"{code} = {text}" for code, text in list(texts.items())[:_MOST_OPTIONS]]
    more = len(texts) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")
