"""One table for all smart processes: a job for each type, one after the other, and one state of their states."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from ..catalog.table import INVOICES, ByType, Scanned
from ..portal.errors import NoAccess, NotFound
from .context import SyncContext
from .job import Job, Steps
from .list_job import ListJob
from .parents_job import ParentsJob
from .state import StreamState
from .step import Step

log = logging.getLogger("airbyte.bitrix24")


class TypesJob(Job):
    """Reads what the states of the types leave to read. A type without a state, such as a new one, is read in full."""

    def __init__(self, context: SyncContext, table: ByType, state: StreamState) -> None:
        super().__init__((table.name,))
        self._context = context
        self._table = table
        self._state = state.at(context.host)

    def prefetch(self) -> bool:
        """Send the request for the types and their fields, without which nothing can be asked."""
        if not self._context.scans.is_sequential:
            self._context.catalog.metadata.prefetch()
        return False

    def _steps(self) -> Steps:
        name, states = self._table.name, dict[int, StreamState]()
        for number in self._numbers():
            states[number] = self._state.types.get(number, StreamState())
            with closing(self._job_of(number, states[number])) as job:
                while step := job.step():
                    if state := step.states.get(name):
                        states[number] = state
                    yield replace(step, states={name: self._with(states)} if step.states else {}, in_flight=None)
        yield Step(states={name: self._with(states, are_all=True)})

    def _with(self, states: dict[int, StreamState], *, are_all: bool = False) -> StreamState:
        """Return the state of the stream. At the end it forgets types that are gone."""
        bare = {number: replace(state, portal=None) for number, state in states.items()}
        return replace(self._state, types=bare if are_all else {**self._state.types, **bare})

    def _numbers(self) -> Iterator[int]:
        """Yield the types that have rows of this kind."""
        smart = self._context.catalog.smart_types
        for number in (INVOICES, *(one.number for one in smart.readable)):
            try:
                has_rows = self._table.has_field in smart.fields(number)
            except (NoAccess, NotFound) as error:
                log.warning("%s: the type %d is left out: %s", self._table.name, number, error)
                continue
            if has_rows:
                yield number

    def _job_of(self, number: int, state: StreamState) -> Job:
        table = self._table.of(number)
        if isinstance(table, Scanned):
            return ListJob(self._context, (table,), state)
        return ParentsJob(self._context, table, state)
