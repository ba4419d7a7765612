"""From the lines of `tables.py` to streams, and which of them read together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager

from ..state import BadState, StreamState, common
from ..table import CustomFieldValues, PerParent, Scanned, Table, Whole
from .base import TableStream
from .custom_field_values import CustomFieldValuesStream
from .joint import Joint
from .per_parent import PerParentStream
from .scanned import ScannedStream
from .shared import Portal
from .whole import WholeStream

_STREAM_OF: dict[type[Table], type[TableStream[Any]]] = {
    Scanned: ScannedStream,
    CustomFieldValues: CustomFieldValuesStream,
    PerParent: PerParentStream,
    Whole: WholeStream,
}

Group = list[TableStream[Any]]


def build_streams(tables: Sequence[Table], portal: Portal) -> Group:
    """A stream for each table."""
    return [_STREAM_OF[type(table)](table, portal) for table in tables]


def join(streams: Sequence[TableStream[Any]], states: ConnectorStateManager) -> list[Group]:
    """Let streams whose rows come from one list read it together, where their saved states allow it; groups in order."""
    groups: dict[str, Group] = {}
    for stream in streams:
        listing = stream.listing if stream.rows_are_those_of_the_list else None
        groups.setdefault(str(replace(listing, select=())) if listing else stream.name, []).append(stream)
    return [part for group in groups.values() for part in _joined(group, states)]


def _joined(group: Group, states: ConnectorStateManager) -> list[Group]:
    """The group with a Joint, or its streams one by one."""
    alone = [[stream] for stream in group]
    all_columns = [stream.listing for stream in group if stream.listing and "*" in stream.listing.select]
    if len(group) == 1 or not all_columns:
        return alone
    try:
        saved = {s.name: StreamState.load(states.get_stream_state(s.name, None), s.table.cursor) for s in group}
    except BadState:  # the stream will say so
        return alone
    state = common([*saved.values()])
    if state is None:
        return alone
    joint = Joint(lambda: group[0].changes_of(all_columns[0], state), saved)
    for stream in group:
        stream.joint = joint
    return [group]
