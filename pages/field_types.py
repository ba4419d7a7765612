"""What becomes of the portal's types of fields."""

from source_bitrix24.schema import PortalField, Schema, column_of

from .columns import type_of

# a type of P10.4 and P11, and how the portal writes a value of it
_TYPES = (
    ("string", "text"),
    ("integer", '`"12"`'),
    ("double", '`"12.50"`'),
    ("boolean", '`"1"`, `"0"`, `"Y"`, `"N"`'),
    ("date", '`"2024-05-10T03:00:00+03:00"`, the day\'s midnight'),
    ("datetime", '`"2024-05-10T13:04:05+03:00"`'),
    ("money", '`"300\\|EUR"`'),
    ("url", "text"),
    ("address", '`"text\\|lat;lng\\|id"`'),
    ("enumeration", "the option's ID"),
    ("crm_status", "a code of a directory"),
    ("crm", '`"D_1"`: a kind and an ID'),
    ("employee", "the user's ID"),
    ("iblock_element", "an ID"),
    ("iblock_section", "an ID"),
    ("crm_entity", "an ID of a smart process; 0 for none"),
    ("file", "an object with `id`, `showUrl`, `downloadUrl`"),
    ("product_property", "an object with `valueId` and `value`"),
    ("resourcebooking", "not documented"),
    ("rest_1_any", "what an application stored"),
)
_AIRBYTE = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "date-time": "timestamp_with_timezone",
    "object": "object",
    "string": "string",
}


def markdown() -> str:
    """A line for each type: what the portal sends, the column's type, Airbyte's type."""
    lines = ["| type of field | the portal sends | column | Airbyte type |", "| --- | --- | --- | --- |"]
    for kind, sent in _TYPES:
        column = column_of(PortalField("UF", kind, False, ""))
        lines.append(f"| {kind.replace('1_any', '…')} | {sent} | {type_of(column)} | {_airbyte(column)} |")
    several = column_of(PortalField("UF", "integer", True, ""))
    lines.append(f"| any, with several values | a list | {type_of(several).replace('integer', 'its type')} | array |")
    return "\n".join(lines)


def _airbyte(column: Schema) -> str:
    return _AIRBYTE[str(column.get("format") or column["type"][1])]
