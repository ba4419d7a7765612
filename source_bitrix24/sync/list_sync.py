"""One sync of a list: what the state leaves to read, and rows together with the state that covers them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..portal.batch_all import fetch_all
from ..portal.client import PortalClient
from ..portal.errors import BrokenPromise
from ..portal.keyset import NEWEST, Listing, Row, Span
from ..portal.reply import portal_time
from ..portal.retry import retry
from ..portal.scan import Opening, Scan
from ..portal.scan_context import Chunk, News, Part, ScanContext
from ..portal.shared_batch import SharedBatch
from .date_filter import DateFilter
from .row_dates import MOST_BEHIND, DateObserver, date_of, digest_of
from .state import StreamState

log = logging.getLogger("bitrix24")

_AHEAD = (
    "Dates in %s are up to %s ahead of the portal's clock: its database and its web server disagree about the time. "
    "No change is lost, but rows come again until that time is over. Set both to the same time."
)


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

    A later sync reads further back than the lookback, since the dates may be those of a slower clock (row_dates.py). What it
    meets there again, unchanged, is not given a second time. `edited_for`: so far back all rows are read again, since edits
    do not move their date.
    """

    def __init__(
        self,
        scans: ScanContext,
        listing: Listing,
        cursor: str | None,
        state: StreamState,
        start_date: datetime | None,
        edited_for: timedelta = timedelta(),
    ) -> None:
        self._scans = scans
        self._edited_for = edited_for
        self._listing = listing
        self._dates = DateFilter(listing, cursor) if cursor else None
        self._seen = DateObserver(cursor, listing.dialect.id, state.dates) if cursor else None
        self._state = state
        self._start_date = start_date if cursor else None
        self._since = state.scan.since if state.scan else self._further_back(state.since(None, self._start_date))
        # the newest ID may be that of a row which the filter leaves out
        self._looks_for_newest = not state.scan and self._since is not None and state.max_id is None
        self._known = state.dates.newest
        self._printed = state.dates.printed
        self._printed_since: datetime | None = None  # rows from here on are given in any case
        self._scan = self._scan_since(self._since, state)

    @property
    def before(self) -> StreamState:
        """The state that this sync began with."""
        return self._state

    @property
    def leaves_lanes_free(self) -> bool:
        """Whether other jobs can start while the first request is in flight."""
        return self._scan.leaves_lanes_free

    def share(self, shared: SharedBatch) -> bool:
        """Let the first request be part of a request that others share, unless it needs another one before."""
        return not self._looks_for_newest and self._scan.share(shared, self._state.seconds)

    def prefetch(self) -> bool:
        """Send the first request without waiting for its reply; return whether there is one."""
        if self._looks_for_newest or self._scans.is_sequential:
            return False
        self._scan.prefetch()
        return True

    def prefetch_rest(self) -> bool:
        """Send the requests behind the first one of a list of which all is read; return False if it is awaited."""
        return self._since is not None or self._looks_for_newest or self._scan.prefetch_rest()

    def open(self) -> bool:
        """Wait for the first request; return whether the list has rows to read. Raises PortalError.

        The request that brings the first rows also tells the portal's clock, and proves that the portal understands the
        filter by date. Only if a clock was set back since the mark, the scan is restarted with an earlier bound.
        """
        newest = self._find_newest() if self._looks_for_newest else []
        opening = self._scan.open()
        self._state = replace(self._state, seconds=opening.seconds if self._since else 0.0)
        self._check_dates(opening)
        if self._state.scan:
            return opening.found_rows
        now = opening.portal_time or _server_time(self._scans.client)
        dialect = self._listing.dialect
        newest_id = int(newest[0][dialect.id]) if newest else 0
        state = self._fallen_behind(opening).begin(now, self._start_date, newest_id)
        if state.scan:
            state = replace(state, scan=replace(state.scan, since=self._further_back(state.scan.since)))
        self._state = state.recognised_by(newest, dialect)
        assert self._state.scan
        if self._state.scan.since != self._since or not opening.portal_time:
            self._scan.close()
            self._since = self._state.scan.since
            self._scan = self._scan_since(self._since, self._state)
            opening = self._scan.open()
            self._check_dates(opening)
        if self._since and self._state.mark:
            self._printed_since = self._state.lookback_since(now)
        return any(self._new(page.rows) for page in opening.pages)

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
            self._observe(chunk)
            rows = self._new(chunk.rows)
            if self._seen and chunk.completes_request:
                state = replace(state, dates=self._seen.so_far(state.dates, self._known))
            # its rows are there, so a state that comes before them names one of them, too
            before, state = (one.recognised_by(chunk.rows, dialect) for one in (before, state))
            if chunk.below == 1:  # the last rows come with the state that is final
                last_rows += rows
                state = state.read_down_to(1, newest)
                continue
            before, state = state, state.read_down_to(chunk.below, newest)
            yield CoveredRows(rows, before, state, chunk.completes_request)
            before = state
        yield CoveredRows(last_rows, before, self._finished(state))

    def close(self) -> None:
        """Abandon the requests in flight."""
        self._scan.close()

    def _further_back(self, since: datetime | None) -> datetime | None:
        """Return the bound for rows that may have been edited without a new date."""
        return since - self._edited_for if since and self._state.mark else since

    def _scan_since(self, since: datetime | None, state: StreamState) -> Scan:
        """What is left, from the newest ID down: all rows above the greatest known ID, and below it those that changed."""
        below = state.scan.below if state.scan and state.scan.below else NEWEST
        listing = self._listing
        if not since or not self._dates:
            return Scan(self._scans, [Part(listing, Span(0, below))])
        changed = self._dates.since(since)
        parts = [Part(changed, Span(0, below))]
        if state.max_id is not None:
            parts = [Part(listing, Span(state.max_id, below)), Part(changed, Span(0, min(below, state.max_id + 1)))]
        return Scan(self._scans, parts, self._dates.probes(self._known))

    def _find_newest(self) -> list[Row]:
        """Return the newest rows, which also prove the filter."""
        assert self._dates
        answers = fetch_all(self._scans.client, self._dates.probes(None))
        rows = self._dates.newest_rows(answers)
        self._known = self._dates.check(self._scans.client, None, answers)
        self._scan = self._scan_since(self._since, self._state)
        return rows

    def _check_dates(self, opening: Opening) -> None:
        """Raise FilterNotUnderstood if an answer contradicts the filter by date."""
        if self._since and self._dates:
            self._known = self._dates.check(self._scans.client, self._known, opening.probes)
            self._dates.refuse_older(opening.pages[-1].rows, self._since)

    def _fallen_behind(self, opening: Opening) -> StreamState:
        """Return the state with a longer way back, if new rows show that the database's clock is behind by more than before.

        A row above the greatest ID was made after the mark. If its date is before the bound, it came from the recycle bin
        or an import (P8.3), or the clock is behind. A single new row whose date is as it should be shows that it is not.
        """
        state, read_at = self._state, opening.read_at
        if not (self._since and self._seen and state.mark and read_at and len(opening.pages) > 1):
            return state
        dates = [date for row in opening.pages[0].rows if (date := date_of(row, self._seen.cursor))]
        if not dates or max(dates) >= self._since or read_at - max(dates) > MOST_BEHIND + (read_at - state.mark):
            return state
        behind = min(read_at - max(dates), MOST_BEHIND)
        log.info(
            "New rows of %s are dated up to %s before they came: looking back by it.", self._listing.method, behind
        )
        self._seen.forget_clock()
        return replace(state, dates=replace(state.dates, behind=behind))

    def _observe(self, chunk: Chunk) -> None:
        if not self._seen or not chunk.rows:
            return
        self._seen.observe(chunk.rows, chunk.read_at)
        if self._seen.clocks_disagree and not self._scans.has_warned_of_clocks:
            self._scans.has_warned_of_clocks = True
            log.warning(_AHEAD, self._listing.method, self._seen.ahead)

    def _new(self, rows: list[Row]) -> list[Row]:
        """Return the rows without those that the last sync has given, and that are not in the lookback."""
        since, dates = self._printed_since, self._dates
        if not self._printed or not since or not dates:
            return rows
        return [
            row
            for row in rows
            if not (
                (date := date_of(row, dates.cursor)) and _is_before(date, since) and digest_of(row) in self._printed
            )
        ]

    def _finished(self, state: StreamState) -> StreamState:
        state = state.finish()
        if not self._seen or not state.mark:
            return state
        return replace(state, dates=replace(state.dates, printed=self._seen.printed(state.mark - state.look_back)))


def _server_time(client: PortalClient) -> datetime:
    now = portal_time(retry(client, lambda: client.call("server.time")))
    if now is None:
        raise BrokenPromise("server.time", "the answer is no time")
    return now


def _is_before(date: datetime, moment: datetime) -> bool:
    """Whether a row's date is before a moment, whichever of the two hours it is from when clocks are set back (P2.15)."""
    return date < moment and date.replace(tzinfo=moment.tzinfo) < moment
