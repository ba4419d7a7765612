"""From a value in the database to the value that a family of methods sends."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .fields import Field

Row = dict[str, Any]
_SENDS_ZERO = ("crm_company",)


class Wire:
    """Renders values in a portal's time zone. Rows hold local times without a zone, as the database does (P2.15)."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._days: dict[date, str] = {}  # a company has fewer days than records

    def moment(self, value: datetime) -> str:
        """A local time with its offset; the first offset in the hour that occurs twice."""
        return value.replace(tzinfo=self.zone, fold=0).isoformat(timespec="seconds")

    def day(self, value: date) -> str:
        """A day as its midnight in UTC, in the portal's zone (P2.15)."""
        text = self._days.get(value)
        if text is None:
            midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
            text = self._days[value] = midnight.astimezone(self.zone).isoformat(timespec="seconds")
        return text

    def classic(self, field: Field, owner: str = "") -> Callable[[Any], Any]:
        """The function that renders a column for the classic lists; it returns MISSING where the key is left out (P2.17)."""
        single = self._classic_single(field)
        if field.type == "crm_multifield":
            return lambda value: value or MISSING
        if field.multiple and field.is_user_field:
            empty_list = "" if field.type in ("date", "datetime") else False
            return lambda value: [single(item) for item in value] if value else empty_list
        if field.type == "file" and field.is_user_field:
            return lambda value: MISSING if value is None else value
        if field.type in ("object", "crm_activity_communication", "diskfile", "array"):
            return lambda value: value or []
        empty = _empty(field, owner)
        return lambda value: empty if value is None else single(value)

    def typed(self, value: Any) -> Any:
        """A value with its JSON type, as the universal methods send it (P3.7)."""
        if isinstance(value, bool):
            return "Y" if value else "N"
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Decimal):
            return float(value) if value % 1 else int(value)
        if isinstance(value, list):
            return [self.typed(item) for item in value]
        return value

    def _classic_single(self, field: Field) -> Callable[[Any], Any]:
        if field.type == "boolean":
            return lambda value: "1" if value else "0"
        if field.type == "char":
            return lambda value: "Y" if value else "N"
        if field.type == "datetime":
            return self.moment
        if field.type == "date":
            return self.day
        if field.type in ("file", "product_file", "product_property"):
            return lambda value: value
        return str


class _Missing:
    """Marks a key that is left out."""

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


def _empty(field: Field, owner: str) -> Any:
    if field.type in ("date", "datetime"):
        return ""
    if owner == "lead" and field.type in _SENDS_ZERO:
        return "0"
    if field.empty_text or (field.is_user_field and field.type in ("string", "crm", "url", "money", "address")):
        return ""
    return None


def rendered(row: Mapping[str, Any], renderers: Mapping[str, Callable[[Any], Any]]) -> Row:
    """The row with the columns that have renderers, without the keys that are left out."""
    values = {name: render(row.get(name)) for name, render in renderers.items()}
    return {name: value for name, value in values.items() if value is not MISSING}


@lru_cache(maxsize=8)
def wire_of(zone: str) -> Wire:
    """The renderer of a zone."""
    return Wire(ZoneInfo(zone))
