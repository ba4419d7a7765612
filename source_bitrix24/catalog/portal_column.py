"""A column as the portal describes a field."""

from collections.abc import Mapping

from .column import Column

_FILE = (Column("id", "integer"), Column("showUrl"), Column("downloadUrl"))

# P10.4, P11: every other type, also one that an application brings, is text
COLUMN_TYPES: Mapping[str, str] = {
    "integer": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "enumeration": "integer",
    "employee": "integer",
    "iblock_element": "integer",
    "iblock_section": "integer",
    "file": "object",
    "crm_entity": "reference",
    "product_property": "object",
}


def portal_column(
    name: str, portal_type: str, multiple: bool, label: str, options: Mapping[str, str] | None = None
) -> Column:
    """Return the column of a field of the portal's type `portal_type`. `options`: words by the code that it holds."""
    return Column(
        name,
        COLUMN_TYPES.get(portal_type, "text"),
        multiple,
        parts=_FILE if portal_type == "file" else (),
        label=label,
        options=options or {},
        portal_type=portal_type,
    )
