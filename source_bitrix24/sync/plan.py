"""The plan of a sync: which jobs read which tables, from which state on. Pure: nothing is sent here.

Tables that are made of the rows of one list are read by one job, if one state covers what all of them have read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog.table import ByType, CustomFieldValues, FieldOptions, Grouped, PerParent, PerType, Scanned, Table, Whole
from .context import SyncContext
from .grouped_job import GroupedJob
from .job import Job
from .list_job import ListJob
from .parents_job import ParentsJob
from .state import BadState, StreamState, earliest_common
from .types_job import TypesJob
from .whole_job import WholeJob


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """Tables that are read together, and the state that covers what all of them have read.

    `printed_up_to`: the greatest ID whose row any of them may have printed before.
    """

    tables: tuple[Table, ...]
    state: StreamState
    printed_up_to: int

    def start(self, context: SyncContext) -> Job:
        """Return the job; it sends nothing yet."""
        table = self.tables[0]
        if isinstance(table, Whole | FieldOptions | PerType):
            return WholeJob(context, table)
        if isinstance(table, ByType):
            return TypesJob(context, table, self.state)
        if isinstance(table, Grouped):
            return GroupedJob(context, table)
        if isinstance(table, PerParent):
            return ParentsJob(context, table, self.state)
        lists = tuple(table for table in self.tables if isinstance(table, (Scanned, CustomFieldValues)))
        return ListJob(context, lists, self.state, self.printed_up_to)


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs in their order, and the tables whose saved state cannot be used."""

    jobs: tuple[PlannedJob, ...]
    bad_states: Mapping[str, BadState]


def plan(tables: Sequence[Table], states: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Plan a sync of `tables`, in their order. `states`: the saved states by table."""
    loaded: dict[str, StreamState] = {}
    bad_states: dict[str, BadState] = {}
    for table in tables:
        try:
            loaded[table.name] = StreamState.load(states.get(table.name, {}), table.cursor)
        except BadState as problem:
            bad_states[table.name] = problem
    groups: list[list[Table]] = []
    for table in tables:
        if table.name in loaded:
            group = next((group for group in groups if _share_a_list(group[0], table)), None)
            if group:
                group.append(table)
            else:
                groups.append([table])
    return Plan(tuple(job for group in groups for job in _jobs(group, loaded)), bad_states)


def _share_a_list(one: Table, other: Table) -> bool:
    return _list_of(one) is not None and _list_of(one) == _list_of(other)


def _list_of(table: Table) -> tuple[object, ...] | None:
    """What identifies the list that a table's rows are made of; None if they come from no list."""
    if not isinstance(table, (Scanned, CustomFieldValues)):
        return None
    listing = table.listing
    return (listing.method, listing.params, listing.dialect, table.cursor)


def _jobs(group: Sequence[Table], states: Mapping[str, StreamState]) -> list[PlannedJob]:
    """One job for the whole group, or one for each table."""
    state = earliest_common([states[table.name] for table in group])
    has_all_columns = any(isinstance(table, Scanned) for table in group)
    if state is not None and has_all_columns:
        printed = max(states[table.name].printed_up_to for table in group)
        return [PlannedJob(tuple(group), state, printed)]
    return [planned_alone(table, states[table.name]) for table in group]


def planned_alone(table: Table, state: StreamState) -> PlannedJob:
    """Return the job that reads one table from its own state on."""
    return PlannedJob((table,), state, state.printed_up_to)
