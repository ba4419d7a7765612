"""A column: the noun between a field of the portal and everything that is made of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from .types import TYPES, Load, Schema, list_loader, object_loader

_MAX_OPTIONS = 50  # that a description names
LABELLED_TYPES = ("enumeration", "crm_status")


class BadColumns(ValueError):
    """A file of columns is missing or wrong: a mistake of who adds a table. Its text says what to write."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `type`: a name in types.TYPES; `multiple`: a list of it. `parts`: the typed parts of an object. `label`: the name people
    see in the portal. `options`: the words behind the codes that it holds. `references`: `table.COLUMN` whose values it
    holds. `portal_type`: the portal's own name for the type of a custom field (P10.4). `words`: the dictionary of its codes
    (words.py).
    """

    name: str
    type: str = "text"
    multiple: bool = False
    parts: tuple["Column", ...] = ()
    label: str = ""
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    references: str = ""
    portal_type: str = ""
    words: str = ""

    @property
    def has_labels(self) -> bool:
        """Whether its values stand for words, even if none of these is left."""
        return bool(self.options) or self.portal_type in LABELLED_TYPES

    def json_schema(self, *, required: bool = False) -> Schema:
        """Return the column's JSON schema; `required`: it is never null."""
        schema = dict(TYPES[self.type].schema)
        if self.parts:
            schema["properties"] = {part.name: part.json_schema() for part in self.parts}
        if self.multiple:
            schema = {"type": ["null", "array"], "items": schema}
        if required:
            schema["type"] = schema["type"][1]
        described = {"title": self.label, "description": self._description(), "x-references": self.references}
        return schema | {name: text for name, text in described.items() if text}

    @classmethod
    def from_json_schema(cls, name: str, schema: Schema) -> "Column":
        """Return the column whose type a configured catalog asks for; text where it is no type of ours."""
        types = schema.get("type", "string")
        json_type = next((one for one in ([types] if isinstance(types, str) else types) if one != "null"), "string")
        if json_type == "array":
            items = schema.get("items")
            return replace(cls.from_json_schema(name, items if isinstance(items, dict) else {}), multiple=True)
        properties = schema.get("properties")
        parts = tuple(
            cls.from_json_schema(part, of_part if isinstance(of_part, dict) else {})
            for part, of_part in (properties.items() if isinstance(properties, dict) else ())
        )
        by_format = {"date": "date", "date-time": "datetime"}
        if json_type == "string":
            type_ = by_format.get(str(schema.get("format")), "text")
            return cls(name, "deadline" if type_ == "datetime" and schema.get("x-never-is-null") else type_)
        if json_type == "integer":
            by_hint = {"x-zero-is-null": "reference", "x-null-is-zero": "pipeline"}
            return cls(name, next((type_ for hint, type_ in by_hint.items() if schema.get(hint)), "integer"))
        return cls(name, json_type if json_type in TYPES else "text", parts=parts)

    def load(self) -> Load:
        """Return the function that loads one value; it raises Misfit."""
        load = self.load_item()
        return list_loader(load) if self.multiple else load

    def load_item(self) -> Load:
        """Return the function that loads one value, or one item of a multiple column."""
        if self.parts:
            return object_loader({part.name: part.load() for part in self.parts})
        return TYPES[self.type].load

    def _description(self) -> str:
        named = [f"{code} = {text}" for code, text in list(self.options.items())[:_MAX_OPTIONS]]
        more = len(self.options) - len(named)
        options = "; ".join(named) + (f"; and {more} more" if more > 0 else "")
        return ". ".join(part for part in (self.description, options) if part)


# the column that keeps what does not fit the type of its own column
UNTYPED_VALUES = Column(
    "UNTYPED_VALUES",
    "object",
    description="Values that do not fit the type of their column, by column; in the column itself they are null",
)


@cache
def standard_columns(table: str) -> tuple[Column, ...]:
    """Return the columns that a table has on every portal, from `columns/<table>.json`. Raises BadColumns."""
    file = files(__package__).joinpath("columns", f"{table}.json")
    if not file.is_file():
        raise BadColumns(
            f"The table {table} has no file of columns: write catalog/columns/{table}.json (CONTRIBUTING.md)."
        )
    return tuple(_column(table, name, one) for name, one in json.loads(file.read_text(encoding="utf-8")).items())


def table_schema(columns: Sequence[Column], key: Sequence[str], *last: Column, title: str = "") -> Schema:
    """Return the JSON schema of a table. `last`: columns that the connector adds to those of the portal.

    `title`: what people call the table, where its name does not say it.
    """
    properties = {column.name: column.json_schema(required=column.name in key) for column in columns}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        **({"title": title} if title else {}),
        "additionalProperties": True,
        "properties": properties | {column.name: column.json_schema() for column in (UNTYPED_VALUES, *last)},
    }


def _column(table: str, name: str, declared: Mapping[str, Any]) -> Column:
    type_, keys = declared.get("type"), {"type", "multiple", "parts", "references", "words", "description"}
    if type_ not in TYPES:
        raise BadColumns(f"catalog/columns/{table}.json: the type of {name} is {type_}, not one of {', '.join(TYPES)}.")
    if not declared.keys() <= keys:
        raise BadColumns(f"catalog/columns/{table}.json: {name} has keys other than {', '.join(sorted(keys))}.")
    parts = tuple(Column(part, type_) for part, type_ in declared.get("parts", {}).items())
    return Column(name, **{**declared, "parts": parts})
