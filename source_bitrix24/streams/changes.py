"""One sync of a list: what to read because of the state, and rows together with the state that covers them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain

from ..failures import failure_of
from ..portal.client import PortalClient
from ..portal.errors import PortalError, Unexpected
from ..portal.keyset import NEWEST, Listing, Row, Span
from ..portal.reply import portal_time
from ..portal.scan import Chunk, Part, Reading, Scan
from ..state import StreamState
from .shared import Portal


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


class Changes:
    """What a state leaves to read of a list: everything at first, later what is new and what has changed.

    `on_rows` is called as soon as it is known that there are rows, before they are given.
    """

    def __init__(
        self,
        portal: Portal,
        listing: Listing,
        cursor: str | None,
        state: StreamState,
        on_rows: Callable[[], None] = lambda: None,
    ) -> None:
        self._portal = portal
        self._listing = listing
        self._cursor = cursor
        self._state = state
        self._on_rows = on_rows
        self._start_date = portal.start_date if cursor else None
        self._since = state.scan.since if state.scan else state.since(None, self._start_date)
        # the newest ID may be that of a row which the filter leaves out
        self._looks_for_newest = not state.scan and self._since is not None and state.max_id is None
        self._scan = self._scan_since(self._since, state)

    def begin(self) -> None:
        """Ask for the first rows without waiting for them."""
        if not self._looks_for_newest:
            self._scan.begin()

    def covered(self) -> Iterator[Covered]:
        """Piece by piece; the last one's state has no scan under way. Raises the platform's exception for a PortalError."""
        try:
            yield from self._covered()
        except PortalError as error:
            raise failure_of(error) from None

    def _covered(self) -> Iterator[Covered]:
        state, chunks = self._begun()
        if self._scan.found_rows:
            self._on_rows()
        self._scan.ask_on()
        rows: list[Row] = []
        for chunk in chunks:
            if chunk.wait:
                yield Covered([], state, state, chunk.wait)
                continue
            before, rows = state, chunk.rows
            state = state.read_down_to(chunk.below, int(rows[0][self._listing.dialect.id]) if rows else 0)
            if chunk.below > 1:
                yield Covered(rows, before, state)
                rows = []
        yield Covered(rows, state, state.finish())

    def _begun(self) -> tuple[StreamState, Iterator[Chunk]]:
        """The state with the scan under way, and what the scan brings.

        The request that brings the first rows tells the portal's clock too. Only if that clock was put back since the mark,
        something else has to be asked for.
        """
        newest = _newest_id(self._portal.reading, self._listing) if self._looks_for_newest else 0
        chunks = self._scan.chunks()
        first = next(chunks, None)
        if self._state.scan:
            return self._state, chain([first] if first else [], chunks)
        assert first
        state = self._state.begin(first.asked_at or _server_time(self._portal.client), self._start_date, newest)
        assert state.scan
        if state.scan.since == self._since and first.asked_at:
            return state, chain([first], chunks)
        self._scan = self._scan_since(state.scan.since, state)
        chunks = self._scan.chunks()
        return state, chain([next(chunks)], chunks)

    def _scan_since(self, since: datetime | None, state: StreamState) -> Scan:
        """What is left, from the newest ID down: all rows above the greatest known ID, and below it those that changed."""
        below = state.scan.below if state.scan and state.scan.below else NEWEST
        listing = self._listing
        changed = replace(listing, filter={**listing.filter, f">={self._cursor}": _utc(since)}) if since else listing
        parts = [Part(changed, Span(0, below))]
        if since and state.max_id is not None:
            parts = [Part(listing, Span(state.max_id, below)), Part(changed, Span(0, min(below, state.max_id + 1)))]
        return Scan(self._portal.reading, parts)


def _server_time(client: PortalClient) -> datetime:
    told = portal_time(client.patiently(lambda: client.call("server.time")))
    if told is None:
        raise Unexpected("server.time", "the portal does not tell its time")
    return told


def _newest_id(reading: Reading, listing: Listing) -> int:
    key = listing.dialect.id
    newest = next(Scan(replace(reading, width=1), [Part(replace(listing, select=(key,)), Span())]).chunks())
    return int(newest.rows[0][key]) if newest.rows else 0


def _utc(moment: datetime) -> str:
    """P2.13: with Z there is no plus sign that could turn into a space, and no zone to guess."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
