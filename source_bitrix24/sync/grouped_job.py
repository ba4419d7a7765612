"""A list without IDs, which every sync reads in full."""

from ..catalog.loader import RecordLoader, with_key
from ..catalog.table import Grouped
from ..portal.grouped import read_groups
from ..portal.oddities import Oddities
from .context import SyncContext
from .job import Job, Steps
from .state import StreamState
from .step import Step


class GroupedJob(Job):
    """Reads one list, a request at a time. Its state says only that it has been read: an interrupted read begins again."""

    def __init__(self, context: SyncContext, table: Grouped) -> None:
        super().__init__((table.name,))
        self._context = context
        self._table = table

    def _steps(self) -> Steps:
        table, odd = self._table, Oddities()
        load = RecordLoader(self._context.catalog.columns(table))
        for rows in read_groups(self._context.scans, table.list, odd):
            yield Step({table.name: with_key(load(rows), table.key, odd)} if rows else {})
        yield Step(states={table.name: StreamState().at(self._context.host)})
        odd.tell(table.name)
