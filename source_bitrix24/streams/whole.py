"""Small tables that come in one answer."""

import re
from collections.abc import Iterable
from typing import Any

from airbyte_cdk.sources.streams.core import StreamData

from ..failures import failure_of
from ..portal.errors import PortalError
from ..portal.keyset import Row
from ..rows import RowLoader
from ..table import Whole
from .base import TableStream


class WholeStream(TableStream[Whole]):
    """A table read in full by every sync. Its rows share one request with those of its kind (metadata.py)."""

    # not resumable: there is nothing between none and all of it
    has_multiple_slices = True

    def read_records(self, *_: Any, **__: Any) -> Iterable[StreamData]:
        """All rows."""
        try:
            rows = self.portal.metadata.rows(self.table)
        except PortalError as error:
            raise failure_of(error) from None
        load = RowLoader(self.get_json_schema())
        return load([dict(row) for row in rows if self._belongs(row)])

    def _belongs(self, row: Row) -> bool:
        if not self.table.only:
            return True
        column, pattern = self.table.only
        return re.fullmatch(pattern, str(row.get(column))) is not None
