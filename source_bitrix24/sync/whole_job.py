"""A small table that every sync reads in full."""

import re
from itertools import chain

from ..catalog.discovered import PortalCatalog
from ..catalog.loader import RecordLoader, with_key
from ..catalog.table import FieldOptions, PerType, Whole
from ..catalog.user_field import options_of
from ..portal.keyset import Row
from ..portal.oddities import Oddities
from ..portal.shared_batch import SharedBatch
from .context import SyncContext
from .job import Job, Steps
from .state import StreamState
from .step import Step


class WholeJob(Job):
    """Reads one table. Its rows share a request with the other small tables (catalog/metadata.py)."""

    def __init__(self, context: SyncContext, table: Whole | FieldOptions | PerType) -> None:
        super().__init__((table.name,))
        self._context = context
        self._table = table

    def share(self, shared: SharedBatch) -> bool:
        """Share the request for all small tables."""
        self._context.catalog.metadata.share(shared)
        return True

    def prefetch(self) -> bool:
        """Send the request for all small tables."""
        if self._context.scans.is_sequential:
            return False
        self._context.catalog.metadata.prefetch()
        return True

    def _steps(self) -> Steps:
        catalog, table = self._context.catalog, self._table
        rows = _rows_of(catalog, table)
        load = RecordLoader(catalog.columns(table))
        odd = Oddities()
        records = with_key(load(rows), table.key, odd)
        yield Step({table.name: records}, {table.name: StreamState().at(self._context.host)})
        odd.tell(table.name)


def _rows_of(catalog: PortalCatalog, table: Whole | FieldOptions | PerType) -> list[Row]:
    if isinstance(table, PerType):
        return catalog.smart_types.rows(table)
    metadata = catalog.metadata
    if isinstance(table, FieldOptions):
        return list(chain.from_iterable(options_of(metadata.rows(one)) for one in table.definitions))
    rows = metadata.rows(table)
    if not table.only:
        return rows
    column, pattern = table.only
    return [row for row in rows if re.fullmatch(pattern, str(row.get(column)))]
