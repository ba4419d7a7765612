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
from .changes import read_changes


class ScannedStream(TableStream[Scanned]):
    """A list of any size."""

    def own_fields(self) -> list[PortalField]:
        """Custom fields, links to smart processes, product properties."""
        owner, metadata = self.table.fields_of, self.portal.metadata
        return [*metadata.other_fields(owner), *metadata.user_fields(owner)] if owner else []

    def read_records(self, *_: Any, **__: Any) -> Iterable[StreamData]:
        """The records that the state leaves to read, and STATE lines between them."""
        table = self.table
        listing = Listing(table.method, table.select, params=table.params, dialect=table.dialect)
        return read_changes(self, listing, lambda rows: self._load(rows))

    @cached_property
    def _load(self) -> RowLoader:
        # made for the first row: a sync without news does not ask for fields
        return RowLoader(self.get_json_schema())
