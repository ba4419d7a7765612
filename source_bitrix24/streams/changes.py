"""One sync of a list: what to read because of the state, and rows together with the state that covers them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    AirbyteStreamStatus,
    AirbyteStreamStatusReason,
    AirbyteStreamStatusReasonType,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from ..failures import failure_of
from ..portal.batch import MOST_COMMANDS
from ..portal.client import PortalClient, portal_time
from ..portal.errors import PortalError, Unexpected
from ..portal.keyset import NEWEST, Listing, Row, Span
from ..portal.scan import Chunk, Part, scan
from ..state import StreamState
from .base import TableStream


@dataclass(frozen=True, slots=True)
class Covered:
    """Rows by falling ID, the state before them, and the state that is true once they are out.

    `wait`: there are none, and no more will come for so many seconds.
    """

    rows: list[Row]
    before: StreamState
    after: StreamState
    wait: float = 0.0

    def down_to(self, row: Row) -> StreamState:
        """The state once the rows up to this one are out."""
        return self.before.read_down_to(int(row["ID"]), int(self.rows[0]["ID"]))


def changes(stream: TableStream[Any], listing: Listing) -> Iterator[Covered]:
    """Read what the stream's state leaves to read: everything at first, later what is new and what has changed.

    The last piece is the one whose state has no scan under way. Raises the platform's exception for an error of the portal.
    """
    try:
        state, chunks = _begin(stream, listing)
        rows: list[Row] = []
        for chunk in chunks:
            if chunk.wait:
                yield Covered([], state, state, chunk.wait)
                continue
            before, rows = state, chunk.rows
            state = state.read_down_to(chunk.below, int(rows[0][listing.dialect.id]) if rows else 0)
            if chunk.below > 1:
                yield Covered(rows, before, state)
                rows = []
        yield Covered(rows, state, state.finish())
    except PortalError as error:
        raise failure_of(error) from None


def read_changes(
    stream: TableStream[Any], listing: Listing, records: Callable[[list[Row]], Iterable[Row]]
) -> Iterator[Row | AirbyteMessage]:
    """The records of what is left to read, with a STATE after each request's worth but the last, which the CDK adds."""
    yield from wait_message(stream, listing.method)
    for covered in changes(stream, listing):
        if covered.wait:
            yield from wait_message(stream, listing.method)
        rows_came = bool(covered.rows)
        if rows_came:
            yield from records(covered.rows)
            covered.rows.clear()  # frees them before the next ones are waited for
        stream.progress = covered.after
        if rows_came and covered.after.scan:
            yield state_message(stream)


def state_message(stream: TableStream[Any]) -> AirbyteMessage:
    """A STATE line with the stream's progress."""
    descriptor = StreamDescriptor(name=stream.name)
    state = AirbyteStreamState(stream_descriptor=descriptor, stream_state=AirbyteStateBlob(stream.state))
    return AirbyteMessage(type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=state))


def wait_message(stream: TableStream[Any], method: str) -> Iterator[AirbyteMessage]:
    """A status line if the method cannot be called for a while; others may have their turn then."""
    wait = stream.portal.client.operating_wait(method, MOST_COMMANDS)
    if wait:
        stream.ready_at = stream.portal.clock.monotonic() + wait
        limited = [AirbyteStreamStatusReason(type=AirbyteStreamStatusReasonType.RATE_LIMITED)]
        yield as_airbyte_message(StreamDescriptor(name=stream.name), AirbyteStreamStatus.RUNNING, limited)


def _begin(stream: TableStream[Any], listing: Listing) -> tuple[StreamState, Iterator[Chunk]]:
    """The state with the scan under way, and what the scan brings.

    The request that brings the first rows tells the portal's clock too. Only if that clock was put back since the mark,
    something else has to be asked for.
    """
    table, portal, progress = stream.table, stream.portal, stream.progress
    if progress.scan:
        return progress, _scan(stream, listing, progress.scan.since, progress)
    start_date = portal.start_date if table.cursor else None
    since = progress.since(None, start_date)
    # the newest ID may be that of a row which the filter leaves out
    newest = _newest_id(stream, listing) if since and progress.max_id is None else 0
    chunks = _scan(stream, listing, since, progress)
    first = next(chunks)
    now = first.asked_at or _server_time(portal.client)
    state = progress.begin(now, start_date, newest)
    assert state.scan
    if state.scan.since == since and first.asked_at:
        return state, chain([first], chunks)
    return state, _scan(stream, listing, state.scan.since, state)


def _scan(stream: TableStream[Any], listing: Listing, since: datetime | None, state: StreamState) -> Iterator[Chunk]:
    """What is left, from the newest ID down: all rows above the greatest known ID, and below it those that changed."""
    below = state.scan.below if state.scan and state.scan.below else NEWEST
    changed = replace(listing, filter={**listing.filter, f">={stream.table.cursor}": _utc(since)}) if since else listing
    parts = [Part(changed, Span(0, below))]
    if since and state.max_id is not None:
        parts = [Part(listing, Span(state.max_id, below)), Part(changed, Span(0, min(below, state.max_id + 1)))]
    return scan(stream.portal.client, parts, stream.portal.concurrent_requests)


def _server_time(client: PortalClient) -> datetime:
    told = portal_time(client.patiently(lambda: client.call("server.time")))
    if told is None:
        raise Unexpected("server.time", "the portal does not tell its time")
    return told


def _newest_id(stream: TableStream[Any], listing: Listing) -> int:
    key = listing.dialect.id
    newest = next(scan(stream.portal.client, [Part(replace(listing, select=(key,)), Span())], width=1))
    return int(newest.rows[0][key]) if newest.rows else 0


def _utc(moment: datetime) -> str:
    """P2.13: with Z there is no plus sign that could turn into a space, and no zone to guess."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
