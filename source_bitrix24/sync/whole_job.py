"""A small table that every sync reads in full."""

import re

from ..catalog.loader import RecordLoader, with_key
from ..catalog.table import Whole
from ..portal.keyset import Row
from ..portal.oddities import Oddities
from .context import SyncContext
from .job import Job, Steps
from .state import StreamState
from .step import Step


class WholeJob(Job):
    """Reads one table. Its rows share a request with the other small tables (catalog/metadata.py)."""

    def __init__(self, context: SyncContext, table: Whole) -> None:
        super().__init__((table.name,))
        self._context = context
        self._table = table

    def prefetch(self) -> bool:
        """Send the request for all small tables."""
        if self._context.scans.is_sequential:
            return False
        self._context.catalog.metadata.prefetch()
        return True

    def _steps(self) -> Steps:
        catalog, table = self._context.catalog, self._table
        rows = [row for row in catalog.metadata.rows(table) if self._belongs(row)]
        load = RecordLoader(catalog.columns(table))
        odd = Oddities()
        records = with_key(load(rows), table.key, odd)
        yield Step({table.name: records}, {table.name: StreamState().at(self._context.host)})
        odd.tell(table.name)

    def _belongs(self, row: Row) -> bool:
        if not self._table.only:
            return True
        column, pattern = self._table.only
        return re.fullmatch(pattern, str(row.get(column))) is not None
