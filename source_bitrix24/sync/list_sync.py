"""One sync of a list: what the state leaves to read, and rows together with the state that covers them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..portal.client import PortalClient
from ..portal.errors import BrokenPromise
from ..portal.keyset import NEWEST, Listing, Row, Span
from ..portal.reply import portal_time
from ..portal.retry import retry
from ..portal.scan import Scan
from ..portal.scan_context import News, Part, ScanContext
from .state import StreamState


@dataclass(frozen=True, slots=True)
class CoveredRows:
    """Rows by descending ID, the state before them, and the state that is true once they are out.

    `is_checkpoint`: the state is worth saving.
    """

    rows: list[Row]
    before: StreamState
    after: StreamState
    is_checkpoint: bool = True

    def state_after(self, row: Row) -> StreamState:
        """Return the state once the rows down to this one are out."""
        state = self.before.read_down_to(int(row["ID"]), int(self.rows[0]["ID"]))
        return replace(state, portal=self.after.portal)


class ListSync:
    """Reads everything at first, later the rows that are new or have changed.

    first sync     all rows
    later          IDs above max_id: all rows │ IDs up to max_id: rows changed since the mark less the lookback
    after a kill   the same, below the last ID that the state covers
    """

    def __init__(
        self,
        scans: ScanContext,
        listing: Listing,
        cursor: str | None,
        state: StreamState,
        start_date: datetime | None,
    ) -> None:
        self._scans = scans
        self._listing = listing
        self._cursor = cursor
        self._state = state
        self._start_date = start_date if cursor else None
        self._since = state.scan.since if state.scan else state.since(None, self._start_date)
        # the newest ID may be that of a row which the filter leaves out
        self._looks_for_newest = not state.scan and self._since is not None and state.max_id is None
        self._scan = self._scan_since(self._since, state)

    @property
    def leaves_lanes_free(self) -> bool:
        """Whether other jobs can start while the first request is in flight."""
        return self._scan.leaves_lanes_free

    def prefetch(self) -> bool:
        """Send the first request without waiting for its reply; return whether there is one."""
        if self._looks_for_newest or self._scans.is_sequential:
            return False
        self._scan.prefetch()
        return True

    def open(self) -> bool:
        """Wait for the first request; return whether the list has rows to read. Raises PortalError.

        The request that brings the first rows also tells the portal's clock. Only if that clock was set back since the mark,
        the scan is restarted with an earlier bound.
        """
        dialect = self._listing.dialect
        newest = _newest(self._scans, self._listing) if self._looks_for_newest else []
        opening = self._scan.open()
        if self._state.scan:
            return opening.found_rows
        now = opening.portal_time or _server_time(self._scans.client)
        newest_id = int(newest[0][dialect.id]) if newest else 0
        self._state = self._state.begin(now, self._start_date, newest_id).recognised_by(newest, dialect)
        assert self._state.scan
        if self._state.scan.since != self._since or not opening.portal_time:
            self._scan.close()
            self._scan = self._scan_since(self._state.scan.since, self._state)
            opening = self._scan.open()
        return opening.found_rows

    def pieces(self) -> Iterator[CoveredRows | News]:
        """After `open`: yield all rows. The state after the last piece has no scan in progress. Raises PortalError."""
        dialect = self._listing.dialect
        before = state = self._state
        last_rows: list[Row] = []
        for chunk in self._scan.chunks():
            if isinstance(chunk, News):
                yield chunk
                continue
            newest = int(chunk.rows[0][dialect.id]) if chunk.rows else 0
            if chunk.below == 1:  # the last rows come with the state that is final
                last_rows += chunk.rows
                state = state.read_down_to(1, newest).recognised_by(chunk.rows, dialect)
                continue
            before, state = state, state.read_down_to(chunk.below, newest).recognised_by(chunk.rows, dialect)
            yield CoveredRows(chunk.rows, before, state, chunk.completes_request)
            before = state
        yield CoveredRows(last_rows, before, state.finish())

    def close(self) -> None:
        """Abandon the requests in flight."""
        self._scan.close()

    def _scan_since(self, since: datetime | None, state: StreamState) -> Scan:
        """What is left, from the newest ID down: all rows above the greatest known ID, and below it those that changed."""
        below = state.scan.below if state.scan and state.scan.below else NEWEST
        listing = self._listing
        changed = replace(listing, filter={**listing.filter, f">={self._cursor}": _utc(since)}) if since else listing
        parts = [Part(changed, Span(0, below))]
        if since and state.max_id is not None:
            parts = [Part(listing, Span(state.max_id, below)), Part(changed, Span(0, min(below, state.max_id + 1)))]
        return Scan(self._scans, parts)


def _server_time(client: PortalClient) -> datetime:
    now = portal_time(retry(client, lambda: client.call("server.time")))
    if now is None:
        raise BrokenPromise("server.time", "the answer is no time")
    return now


def _newest(scans: ScanContext, listing: Listing) -> list[Row]:
    """Return the newest rows of a list, with their IDs and dates of creation."""
    dialect = listing.dialect
    opening = Scan(scans, [Part(replace(listing, select=(dialect.id, dialect.created)), Span())]).open()
    return opening.pages[0].rows


def _utc(moment: datetime) -> str:
    """P2.13: with Z there is no plus sign that could turn into a space, and no zone to guess."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
