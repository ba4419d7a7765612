"""The tables as streams of the CDK.

`SourceBitrix24.read` runs the jobs of all tables together (sync/scheduler.py). A stream reads its table by itself, by the
same job, for callers of the CDK's own methods.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import requests
from airbyte_cdk.sources.streams.core import StreamData
from airbyte_cdk.sources.streams.http import HttpStream

from ..catalog.column import table_schema
from ..catalog.table import ByType, CustomFieldValues, Items, PerParent, Scanned, Table
from ..catalog.tombstone import DELETED_AT
from ..portal.errors import PortalError
from ..portal.keyset import Row
from ..sync.context import SyncContext
from ..sync.job import Job
from ..sync.parents_job import ParentsJob
from ..sync.plan import planned_alone
from ..sync.same_portal import OtherPortal, require_same_portal
from ..sync.state import BadState, StreamState
from .failures import failure_of, state_failure
from .links import LinkMask
from .messages import state_message

_PARENTS_OF_A_SLICE = 500


class TableStream(HttpStream):
    """A table. `state` is what has been read of it, as JSON."""

    http_method = "POST"

    def __init__(self, table: Table, context: SyncContext) -> None:
        self.table = table
        self._context = context
        self._links = LinkMask(context.scans.client.webhook.host)
        self._progress = StreamState()
        self._schema: dict[str, Any] | None = None
        super().__init__()

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def primary_key(self) -> list[list[str]]:
        """The table's key columns."""
        return [[column] for column in self.table.key]

    @property
    def cursor_field(self) -> str | list[str]:
        """The column by which new and changed rows are found, or [] for a table without one."""
        return self.table.cursor or []

    @property
    def is_resumable(self) -> bool:
        """Whether an interrupted read resumes from its state: not so in a table that comes in one answer."""
        return isinstance(self.table, Scanned | CustomFieldValues | PerParent | ByType)

    @property
    def state(self) -> MutableMapping[str, Any]:
        """What has been read so far."""
        if self._progress == StreamState():
            return {}
        progress = self._progress
        if self.is_resumable and not (self.table.cursor or progress.scan):
            progress = replace(progress, portal=None)  # the CDK ends such a stream by an exact comparison
        return progress.dump(self.table.cursor)

    @state.setter
    def state(self, value: MutableMapping[str, Any]) -> None:
        try:
            self._progress = StreamState.load(value, self.table.cursor)
        except BadState as problem:
            raise state_failure(self.name, problem) from None

    def get_json_schema(self) -> dict[str, Any]:  # type: ignore[override]  # the CDK's is cached by a decorator
        """Return the schema of standard and custom columns. Raises the platform's exception."""
        if self._schema is None:
            try:
                columns = self._context.catalog.discovered_columns(self.table)
            except PortalError as error:
                raise failure_of(error) from None
            added = (DELETED_AT,) if self.table.cursor else ()
            title = self.table.title if isinstance(self.table, Items) else ""
            self._schema = table_schema(columns, self.table.key, *added, title=title)
        return self._schema

    def read_records(self, *_: Any, **__: Any) -> Iterable[StreamData]:
        """Yield the records that the state leaves to read, with a STATE after each request's worth."""
        with closing(self._job()) as job:
            try:
                while step := job.step():
                    for rows in step.rows.values():
                        yield from map(self._links.row, rows)
                    for state in step.states.values():
                        self._progress = state
                        if state.scan:
                            yield state_message(self.name, state.dump(self.table.cursor))
                    for error in step.failures.values():
                        raise error
            except PortalError as error:
                raise failure_of(error) from None

    def _job(self) -> Job:
        self._require_same_portal()
        return planned_alone(self.table, self._progress).start(self._context)

    def _require_same_portal(self) -> None:
        try:
            require_same_portal(self._context, [(self.table, self._progress)])
        except (OtherPortal, PortalError) as error:
            raise failure_of(error) from None
        self._progress = self._progress.at(self._context.host)

    @property
    def url_base(self) -> str:
        """Demanded by HttpStream; requests are sent by portal/client.py, many commands in a batch."""
        return self._context.scans.client.webhook.base

    def path(self, **_: Any) -> str:
        """Demanded by HttpStream: all rows come through `batch`."""
        return "batch"

    def next_page_token(self, response: requests.Response) -> Mapping[str, Any] | None:
        """Demanded by HttpStream: pages are read by key (portal/keyset.py), not by token."""
        return None

    def parse_response(self, response: requests.Response, **_: Any) -> Iterable[Row]:
        """Demanded by HttpStream: answers are decoded in portal/reply.py."""
        raise NotImplementedError


class ParentStream(TableStream):
    """A table whose rows hang on parents: a slice is some parents, and the state that their rows complete."""

    table: PerParent

    def stream_slices(self, **_: Any) -> Iterator[Mapping[str, Any]]:
        """Yield the parents to read, newest first."""
        with closing(self._parents_job()) as job:
            try:
                for piece in job.slices():
                    for start in range(0, len(piece.rows), _PARENTS_OF_A_SLICE):
                        parents = piece.rows[start : start + _PARENTS_OF_A_SLICE]
                        after = piece.state_after(parents[-1])
                        yield {"parents": parents, "after": after.dump(self.table.cursor)}
            except PortalError as error:
                raise failure_of(error) from None
            yield {"parents": [], "after": piece.after.dump(self.table.cursor)}

    def read_records(self, *_: Any, stream_slice: Mapping[str, Any] | None = None, **__: Any) -> Iterable[StreamData]:
        """Yield the rows of a slice's parents. The CDK adds the STATE behind them."""
        assert stream_slice
        with closing(self._parents_job()) as job:
            try:
                for sets in job.sets(iter(stream_slice["parents"])):
                    if isinstance(sets, list):
                        yield from map(self._links.row, job.records(sets))
            except PortalError as error:
                raise failure_of(error) from None
        self._progress = StreamState.load(stream_slice["after"], self.table.cursor)

    def _parents_job(self) -> ParentsJob:
        self._require_same_portal()
        return ParentsJob(self._context, self.table, self._progress)


def stream_of(table: Table, context: SyncContext) -> TableStream:
    """Return the stream of a table."""
    return ParentStream(table, context) if isinstance(table, PerParent) else TableStream(table, context)
