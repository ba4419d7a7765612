"""When the state of a list is saved, so that it claims no row that is not out, and names every row that may be.

A row that was printed, and is gone before the next sync goes on, must be known to that sync. So a state that names it is
saved before the row is printed:

    STATE names page 1 │ page 1 │ STATE names the next 2,500 rows │ page 2, 3 … │ STATE …

Pages are decoded one by one, so the rows behind the next page are named as a span of IDs. Those of them that no row is
printed for are no longer named in the next state. The larger the set of IDs, the fewer states are saved.
"""

from dataclasses import replace
from typing import Protocol

from ..portal.keyset import Span
from .id_set import EMPTY, IdSet
from .list_sync import CoveredRows
from .printed_rows import PrintedRows
from .state import StreamState

_REQUEST_ROWS = 2_500
_SMALL_TEXT = 2_000  # bytes of a set that is written behind each request, too
_ROWS_PER_BYTE = 5  # a RECORD line has at least 100 bytes, and STATE lines 5 % of that


class Checkpoints(Protocol):
    """Says which state to save around some rows. `rows`: what is known of the list's rows, None if that is not kept."""

    @property
    def rows(self) -> PrintedRows | None:
        """What is known once the rows of the last piece are out."""

    def before(self, piece: CoveredRows) -> StreamState | None:
        """Return the state to save before the rows of a piece are printed, if any."""

    def after(self, piece: CoveredRows) -> StreamState | None:
        """Take note that the rows of a piece are out; return the state to save then, if any."""

    def waiting(self) -> StreamState | None:
        """Return the state to save before a long wait, if any."""


class PlainCheckpoints:
    """Saves a state after each request's worth of rows.

    `new_above`: rows above this ID are new, and a state that says "a scan is in progress" comes before them.
    """

    rows = None

    def __init__(self, new_above: int | None) -> None:
        self._new_above = new_above
        self._is_uncovered = False

    def before(self, piece: CoveredRows) -> StreamState | None:
        """Return a state before the first new rows."""
        newest = int(piece.rows[0]["ID"])
        if self._new_above is None or newest <= self._new_above:
            return None
        self._new_above = None
        return piece.before.read_down_to(newest + 1, newest)

    def after(self, piece: CoveredRows) -> StreamState | None:
        """Return a state if the rows of a whole request are out."""
        self._is_uncovered = self._is_uncovered or bool(piece.rows)
        if not (piece.is_checkpoint and self._is_uncovered):
            return None
        self._is_uncovered = False
        return piece.after

    def waiting(self) -> StreamState | None:
        """Return none: all rows are covered."""
        return None


class TrackedCheckpoints:
    """Keeps what is known of the list's rows.

    `max_id`: the greatest ID of the last sync. All rows above it come, those below it only if they have changed. `cursor`:
    the column with their dates.
    """

    def __init__(self, rows: PrintedRows, max_id: int, cursor: str) -> None:
        self.rows = rows
        self._cursor = cursor
        self._max_id = max_id
        self._named = EMPTY  # IDs in the last state
        self._rows_left = 0  # until a state is worth its size
        self._newest = 0
        self._printed = 0
        self._last: StreamState | None = None
        self._is_uncovered = False
        self._is_small = True

    def before(self, piece: CoveredRows) -> StreamState | None:
        """Return a state that names the rows of the piece, unless the last one does."""
        ids, state, newest = _ids_of(piece), piece.before, int(piece.rows[0]["ID"])
        if self._rows_left > 0 and not ids - self._named:
            return None
        if not self._printed:
            self._newest, state = newest, state.read_down_to(newest + 1, newest)
        self._rows_left = max(_REQUEST_ROWS, len(self.rows.ids.text) // _ROWS_PER_BYTE)
        suspects = (self.rows.suspects | ids | self._following(piece)) - self.rows.ids
        self._named = self.rows.ids | suspects
        return replace(state, rows=replace(self.rows, suspects=suspects))

    def after(self, piece: CoveredRows) -> StreamState | None:
        """Return a small state behind a request: while the next one is awaited, all rows that are out are covered."""
        self._printed += len(piece.rows)
        self._rows_left -= len(piece.rows)
        if piece.rows:
            self._is_uncovered = True
            dates = [date for row in piece.rows if isinstance(date := row.get(self._cursor), str)]
            self.rows = replace(self.rows.printed(_ids_of(piece)), latest=max([self.rows.latest, *dates]))
        self._last = piece.after
        return self.waiting() if piece.is_checkpoint and piece.after.scan and self._is_worth_a_state() else None

    def waiting(self) -> StreamState | None:
        """Return a state that covers all rows that are out."""
        if self._last is None:
            return None
        last, self._last, self._is_uncovered = self._last, None, False
        self._named, self._rows_left = self.rows.ids, 0
        return replace(last, rows=self.rows)

    def _is_worth_a_state(self) -> bool:
        # a set only grows, so it is not compressed again once it was too large
        self._is_small = self._is_small and len(self.rows.ids.text) <= _SMALL_TEXT
        return self._is_uncovered and self._is_small

    def _following(self, piece: CoveredRows) -> IdSet:
        """Return the IDs of the rows behind a piece that may be printed before the next state."""
        lowest = int(piece.rows[-1]["ID"])
        if not piece.after.scan or lowest <= self._max_id:
            return EMPTY
        ids_a_row = (self._newest - lowest + 1) / (self._printed + len(piece.rows))
        width = int((self._rows_left - len(piece.rows)) * ids_a_row)
        return IdSet.between(Span(max(lowest - width - 1, self._max_id), lowest))


def _ids_of(piece: CoveredRows) -> IdSet:
    return IdSet.of(int(row["ID"]) for row in piece.rows)
