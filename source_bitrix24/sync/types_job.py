"""One table for all smart processes: a job for each type, one after the other, and one state of their states."""

import logging
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property

from ..catalog.table import INVOICES, ByType, PerParent, Scanned
from ..portal.errors import NoAccess, NotFound, PortalError
from ..portal.shared_batch import SharedBatch
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
        self._jobs: dict[int, Job] = {}

    def share(self, shared: SharedBatch) -> bool:
        """Share the request for the types and their fields, without which nothing can be asked."""
        self._context.catalog.metadata.share(shared)
        return False

    def share_later(self, shared: SharedBatch) -> bool:
        """Share the first requests of all types."""
        with suppress(PortalError):  # it comes again with the first step
            shares = [self._job_of(number).share(shared) for number in self._numbers]
            return any(shares)
        return False

    def prefetch(self) -> bool:
        """Send the request for the types and their fields, without which nothing can be asked."""
        if not self._context.scans.is_sequential:
            self._context.catalog.metadata.prefetch()
        return False

    def close(self) -> None:
        """Abandon what is in flight."""
        super().close()
        for job in self._jobs.values():
            job.close()

    def _steps(self) -> Steps:
        name, states = self._table.name, dict[int, StreamState]()
        for number in self._numbers:
            states[number] = self._state.types.get(number, StreamState())
            with closing(self._job_of(number)) as job:
                while step := job.step():
                    if state := step.states.get(name):
                        states[number] = state
                    yield replace(step, states={name: self._with(states)} if step.states else {}, in_flight=None)
        yield Step(states={name: self._with(states, are_all=True)})

    def _with(self, states: dict[int, StreamState], *, are_all: bool = False) -> StreamState:
        """Return the state of the stream. At the end it forgets types that are gone."""
        bare = {number: replace(state, portal=None) for number, state in states.items()}
        return replace(self._state, types=bare if are_all else {**self._state.types, **bare})

    @cached_property
    def _numbers(self) -> list[int]:
        """The types that have rows of this kind. Raises PortalError."""
        smart, numbers = self._context.catalog.smart_types, []
        for number in (INVOICES, *(one.number for one in smart.readable)):
            try:
                has_rows = self._table.has_field in smart.fields(number)
            except (NoAccess, NotFound) as error:
                log.warning("%s: the type %d is left out: %s", self._table.name, number, error)
                continue
            if has_rows:
                numbers.append(number)
        return numbers

    def _job_of(self, number: int) -> Job:
        if number not in self._jobs:
            self._jobs[number] = self._new_job(self._table.of(number), self._state.types.get(number, StreamState()))
        return self._jobs[number]

    def _new_job(self, table: Scanned | PerParent, state: StreamState) -> Job:
        if isinstance(table, Scanned):
            return ListJob(self._context, (table,), state)
        return ParentsJob(self._context, table, state)
