"""Which portal a saved state belongs to.

    {…, "portal": {"host": "example.bitrix24.com", "record": 4711, "created": "2026-11-23T10:00:00+03:00"}}

The host is that of the settings, without the webhook. The record is the newest one that was read: by its ID and its date of
creation, which no edit changes (P8.5), the portal is recognised under another host.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..portal.dialect import Dialect
from ..portal.keyset import Row

_PARTS = {"host", "record", "created"}


@dataclass(frozen=True, slots=True)
class KnownPortal:
    """A portal: its host, and the ID and the date of creation of a record in the list of the state's stream."""

    host: str
    record: int | None = None
    created: str | None = None

    @classmethod
    def load(cls, saved: object) -> "KnownPortal":
        """Parse the part of a saved state. Raises ValueError with a phrase that says why it cannot be used."""
        if not isinstance(saved, Mapping) or set(saved) - _PARTS:
            raise ValueError("its portal is none")
        host, record, created = (saved.get(name) for name in ("host", "record", "created"))
        if not isinstance(host, str) or not host:
            raise ValueError("its portal has no host")
        if record is None and created is None:
            return cls(host)
        if not isinstance(record, int) or isinstance(record, bool) or record < 1 or not isinstance(created, str):
            raise ValueError("the record of its portal is none")
        return cls(host, record, created)

    def dump(self) -> dict[str, Any]:
        """Return the part of a state as JSON."""
        parts = {"host": self.host, "record": self.record, "created": self.created}
        return {name: value for name, value in parts.items() if value is not None}

    def with_record(self, row: Row, dialect: Dialect) -> "KnownPortal":
        """Return the portal with this row as its record, if it is the newest so far and says when it was created."""
        record, created = int(row[dialect.id]), row.get(dialect.created)
        if not isinstance(created, str) or not created or record < (self.record or 0):
            return self
        return replace(self, record=record, created=created)
