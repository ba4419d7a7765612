"""The last record of a row that is gone: its key, its cursor column, and when it was found to be gone."""

from collections.abc import Mapping
from typing import Any

from .column import Column

# destinations that know the column delete the row; its name is Airbyte's
DELETED_AT = Column(
    "_ab_cdc_deleted_at",
    "datetime",
    description="When the row was found to be gone from the portal, by the portal's clock; null in a row that is there",
)


def tombstone(key: Mapping[str, Any], cursor: str, found_at: str, date: str | None = None) -> dict[str, Any]:
    """Return the record for a row that is gone. All other columns are absent.

    `key`: the key columns, typed. `found_at`: the portal's time of finding it, ISO 8601 with an offset. `date`: the value of
    the cursor column, by default the same time. It must not be older than the row's, or destinations keep the old row.
    """
    return {**key, cursor: date or found_at, DELETED_AT.name: found_at}
