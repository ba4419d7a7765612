"""The portal's types of custom fields, and the column types that they become."""

from .columns import types_of_field

# a type of P10.4 and P11, and how the portal writes its values
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


def markdown() -> str:
    """A line for each type: what the portal sends, the column's type, Airbyte's type."""
    lines = ["| type of field | the portal sends | column | Airbyte type |", "| --- | --- | --- | --- |"]
    for kind, sent in _TYPES:
        column, airbyte = types_of_field(kind)
        lines.append(f"| {kind.replace('1_any', '…')} | {sent} | {column} | {airbyte} |")
    column, airbyte = types_of_field("integer", multiple=True)
    lines.append(f"| any, with several values | a list | {column.replace('integer', 'its type')} | {airbyte} |")
    return "\n".join(lines)
