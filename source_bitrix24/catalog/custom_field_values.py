"""The custom fields of a list's rows, one record for each row and field."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from .column import UNTYPED_VALUES, Column
from .types import Load, Misfit, as_sent, load_boolean, load_date, load_datetime, load_text

Row = dict[str, Any]


class CustomFieldRecords:
    """Turns the rows of a list into records of its `*_custom_field_values` table. Rows are not changed.

    A row with an ID up to `printed_up_to` may have been printed before, so all its fields are, also those that are empty
    now. Of other rows only the filled fields are.

    VALUE is text, as the portal sends it except for dates and booleans; JSON text for a multiple field. VALUES holds the
    same, always as a list. LABELS holds the words for options and directory
    codes in the same places, null for one that is gone.
    """

    def __init__(self, columns: Sequence[Column], cursor: str, printed_up_to: int) -> None:
        self._printed_up_to = printed_up_to
        self._columns = [(column, column.name, _LOAD_AS_TEXT.get(column.type, load_text)) for column in columns]
        self._cursor = cursor

    def __call__(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Yield the records of all rows, in order."""
        for row in rows:
            record, date = int(row["ID"]), self._date(row.get(self._cursor))
            prints_all = record <= self._printed_up_to
            for column, name, load in self._columns:
                value: Any = row.get(name)
                if not value and not prints_all and (value != 0 or (value is False and column.type != "boolean")):
                    continue
                values: list[str]
                if load is not load_text:
                    values = _texts(column, load, value)
                elif type(value) is str:
                    values = [value] if value else []
                else:
                    are_texts = type(value) is list and set(map(type, value)) == {str} and "" not in value
                    values = value if are_texts else _texts(column, load, value)
                if values or prints_all:
                    yield _record(record, date, column, values)

    def _date(self, value: Any) -> Row:
        try:
            date = load_datetime(value)
        except Misfit:
            return {UNTYPED_VALUES.name: {self._cursor: as_sent(value)}}
        return {} if date is None else {self._cursor: date}


def _record(record: int, date: Row, column: Column, values: list[str]) -> Row:
    fields: Row = {
        "ID": record,
        "FIELD_NAME": column.name,
        "FIELD_LABEL": column.label,
        "USER_TYPE_ID": column.portal_type,
        "VALUE": orjson.dumps(values).decode() if column.multiple else values[0] if values else None,
        "VALUES": values,
        "LABELS": list(map(column.options.get, values)) if column.has_labels else [],
        **date,
    }
    if not values:
        del fields["VALUE"]
    return fields


def _texts(column: Column, load: Load, value: Any) -> list[str]:
    if value is None or (value is False and column.type != "boolean"):
        return []
    if _is_list_with_holes(column, value):
        value = list(value.values())
    items = value if isinstance(value, list) else [value]
    return [text for text in map(load, items) if text is not None]


def _is_list_with_holes(column: Column, value: Any) -> bool:
    """PHP sends a list with holes as a map (P1.11). A single file is a map too, but of scalars."""
    return column.multiple and isinstance(value, dict) and "id" not in value


def _date_text(value: Any) -> str | None:
    try:
        return load_date(value)
    except Misfit:
        return load_text(value)


def _boolean_text(value: Any) -> str | None:
    """As most portals send it; others send JSON's true and false (P11)."""
    try:
        flag = load_boolean(value)
    except Misfit:
        return load_text(value)
    return None if flag is None else "01"[flag]


_LOAD_AS_TEXT: dict[str, Load] = {"date": _date_text, "boolean": _boolean_text}
