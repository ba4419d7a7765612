"""The definition of a custom field, as odd as a portal may send it (P10)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")


@dataclass(frozen=True, slots=True)
class UserField:
    """A custom field. `options`: words by the ID of an enumeration's option. `directory`: where a `crm_status` points."""

    name: str
    type: str
    multiple: bool
    label: str
    options: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""

    @classmethod
    def parse(cls, row: Mapping[str, Any], language: str) -> "UserField | None":
        """Return the field of a row of `crm.*.userfield.list`; None without a name. What else is missing has a default.

        Rows of lists name their fields in capitals, whatever the definition says.
        """
        name = row.get("FIELD_NAME")
        if not isinstance(name, str) or not name.strip():
            return None
        kind = row.get("USER_TYPE_ID")
        labels = (text_of(row.get(key), language) for key in _LABELS)
        return cls(
            name.strip().upper(),
            kind if isinstance(kind, str) else "",
            row.get("MULTIPLE") in ("Y", True),
            next(filter(None, labels), ""),
            _options(row.get("LIST"), language) if kind == "enumeration" else {},
            str(as_map(row.get("SETTINGS")).get("ENTITY_TYPE") or ""),
        )


def options_of(definitions: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the options in rows of `crm.*.userfield.list`, each with the field that it belongs to."""
    for row in definitions:
        field_ = {"ENTITY_ID": row.get("ENTITY_ID"), "FIELD_ID": row.get("ID"), "FIELD_NAME": row.get("FIELD_NAME")}
        yield from (option | field_ for option in map(dict, map(as_map, _listed(row.get("LIST")))))


def as_map(value: object) -> Mapping[str, Any]:
    """Return a map as it is, and an empty one for anything else: PHP sends an empty map as [] (P1.11)."""
    return value if isinstance(value, dict) else {}


def text_of(value: object, language: str) -> str:
    """Return a text; of a map of languages the text in this one, else the first. Empty where there is none."""
    if isinstance(value, dict):
        texts = [value.get(language), *value.values()]
        return next((text for text in texts if isinstance(text, str) and text), "")
    return value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) and value else ""


def _options(listed: object, language: str) -> dict[str, str]:
    return {
        str(row["ID"]): text_of(row.get("VALUE"), language)
        for row in map(as_map, _listed(listed))
        if row.get("ID") is not None and text_of(row.get("VALUE"), language)
    }


def _listed(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
