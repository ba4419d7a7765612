"""The custom fields of a list, one record for each row and field, also where the field is empty."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import Any

import orjson
from airbyte_cdk.sources.streams.core import StreamData

from ..failures import failure_of
from ..portal.errors import PortalError
from ..portal.keyset import Listing, Row
from ..schema import PortalField
from ..table import CustomFieldValues
from ..values import Misfit, calendar_day, text
from .base import TableStream


class CustomFieldValuesStream(TableStream[CustomFieldValues]):
    """Values of custom fields with the names that people know."""

    @property
    def listing(self) -> Listing:
        """The list whose rows have the fields."""
        return Listing(self.table.method, ("ID", self._cursor, "UF_*"))

    def read_records(self, *_: Any, **__: Any) -> Iterable[StreamData]:
        """The records that the state leaves to read, and STATE lines between them."""
        return self.read_changes(
            lambda rows: chain.from_iterable(field_values(row, self._fields, self._cursor) for row in rows)
        )

    @property
    def _cursor(self) -> str:
        assert self.table.cursor
        return self.table.cursor

    @cached_property
    def _fields(self) -> list[PortalField]:
        assert self.table.fields_of
        try:
            return self.portal.metadata.user_fields(self.table.fields_of)
        except PortalError as error:
            raise failure_of(error) from None


def field_values(row: Row, fields: list[PortalField], cursor: str) -> Iterator[Row]:
    """A record for each field of a row.

    VALUE is text, as the portal writes it but for days; JSON text for a multiple field. VALUES holds the same, always as
    a list. LABELS holds the texts of options and directory codes, in the same order.
    """
    for field in fields:
        values = _texts(field, row.get(field.name))
        yield {
            "ID": int(row["ID"]),
            "FIELD_NAME": field.name,
            "FIELD_LABEL": field.label,
            "USER_TYPE_ID": field.type,
            "VALUE": (orjson.dumps(values).decode() if field.multiple else values[0]) if values else None,
            "VALUES": values,
            "LABELS": [field.texts[value] for value in values if value in field.texts],
            cursor: row.get(cursor) or None,
        }


def _texts(field: PortalField, value: Any) -> list[str]:
    items = value if isinstance(value, list) else list(value.values()) if _is_map_of_items(field, value) else [value]
    if field.type == "date":
        items = [_day(item) for item in items]
    return [told for told in map(text, items) if told is not None]


def _is_map_of_items(field: PortalField, value: Any) -> bool:
    """PHP sends a list with holes as a map (P1.11). A single file is a map too, but one of scalars."""
    return field.multiple and isinstance(value, dict) and "id" not in value


def _day(value: Any) -> Any:
    try:
        return calendar_day(value)
    except Misfit:
        return value
