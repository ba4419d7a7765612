"""Lists read by falling IDs, a record for each row."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from airbyte_cdk.sources.streams.core import StreamData

from ..portal.keyset import Listing
from ..rows import RowLoader
from ..schema import PortalField
from ..table import Scanned
from .base import TableStream


class ScannedStream(TableStream[Scanned]):
    """A list of any size."""

    def own_fields(self) -> list[PortalField]:
        """Custom fields, links to smart processes, product properties."""
        owner, metadata = self.table.fields_of, self.portal.metadata
        return [*metadata.other_fields(owner), *metadata.user_fields(owner)] if owner else []

    @property
    def listing(self) -> Listing:
        """The table's list."""
        return Listing(self.table.method, self.table.select, params=self.table.params, dialect=self.table.dialect)

    def read_records(self, *_: Any, **__: Any) -> Iterable[StreamData]:
        """The records that the state leaves to read, and STATE lines between them."""
        return self.read_changes(lambda rows: self._load(rows))

    @cached_property
    def _load(self) -> RowLoader:
        return RowLoader(self.get_json_schema())
