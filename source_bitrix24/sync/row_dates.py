"""What the dates of a list's rows say about the portal: how far its database's clock may be behind, and what must be found.

Rows get their dates from the database's clock, the mark of a sync is taken from that of the web server (P8.8). A row that
was changed and then read shows how far the database's clock is behind at most:

    web server   ────────────── changed ─────────────── read ──▶        behind ≤ read - date
    database     ─── date ──────────────────── ……

The least of these differences over all rows and syncs is kept. A sync looks back by it, so that a change behind the mark is
read, however far the two clocks differ. Where people work all the time it is a matter of seconds.
"""

import heapq
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from ..portal.keyset import Row
from ..portal.reply import portal_time
from .look_back import AN_HOUR, LOOK_BACK

MOST_BEHIND = timedelta(hours=26)  # no two time zones are further apart
_CLOCKS_AGREE = timedelta(minutes=2)
_YEARS = (1970, 2200)
_EMPTY: tuple[Any, ...] = (None, "", [])
_MOST_PRINTED = 8  # so that a state stays short; what is beyond is printed again, once


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row that has been read, and its date then."""

    id: int
    date: datetime


@dataclass(frozen=True, slots=True)
class RowDates:
    """What finished syncs know.

    `behind`: the database's clock is behind that of the web server by at most this; None if no row has shown it. `newest`:
    of the rows that have been read, one with the latest date. `printed`: digests of rows that the next sync meets again
    only because it looks back by `behind`. `steady`: for so long before the mark, the portal's offset has not changed.
    """

    behind: timedelta | None = None
    newest: KnownRow | None = None
    printed: frozenset[str] = frozenset()
    steady: timedelta = timedelta()

    def common(self, other: "RowDates") -> "RowDates":
        """Return what is true for the readers of both."""
        known = [one for one in (self.behind, other.behind) if one is not None]
        printed, steady = self.printed & other.printed, min(self.steady, other.steady)
        return RowDates(max(known, default=None), self.newest or other.newest, printed, steady)


class DateObserver:
    """Learns from the rows of one sync; `ahead` is how far a date was ahead of the portal's clock."""

    def __init__(self, cursor: str, key: str, before: RowDates) -> None:
        self.ahead = timedelta()
        self.cursor = cursor
        self._key = key
        self._behind = before.behind
        self._latest: list[tuple[str, int]] = []  # a heap: the latest dates, and the IDs of their rows
        self._rows: dict[int, Row] = {}
        self._floor = ""

    def observe(self, rows: Sequence[Row], read_at: datetime | None) -> None:
        """Learn from rows that had been read at `read_at` by the portal's clock."""
        cursor = self.cursor
        dates: list[Any] = [row.get(cursor) for row in rows]
        try:
            latest = max(dates, default=None)
        except TypeError:  # a row without a date, or with an odd one
            latest = max((text for text in dates if isinstance(text, str)), default=None)
        date = _date(latest)
        if date is None or read_at is None:
            return
        # P2.15: where clocks change, local times differ otherwise than moments do; the portal compares local times
        difference = max(read_at - date, read_at.replace(tzinfo=None) - date.replace(tzinfo=None))
        if difference < -MOST_BEHIND:
            return  # no clock, but a date that somebody has written
        self.ahead = max(self.ahead, -difference)
        difference = min(max(difference, timedelta()), MOST_BEHIND)
        if self._behind is None or difference < self._behind:
            self._behind = difference
        assert isinstance(latest, str)
        if latest > self._floor:
            self._remember(rows)

    def forget_clock(self) -> None:
        """Forget what rows of earlier syncs have shown of the clock."""
        self._behind = None

    def so_far(self, dates: RowDates, known: KnownRow | None) -> RowDates:
        """Return `dates` with what is known now."""
        rows = [*self._latest_rows(), *([known] if known else [])]
        return replace(dates, behind=self._behind, newest=max(rows, key=lambda row: row.date, default=None))

    def printed(self, printed_again: datetime) -> frozenset[str]:
        """Return digests of the rows that the next sync meets again; from `printed_again` on, it prints them in any case."""
        behind = self._behind or timedelta()
        since = printed_again - behind - (AN_HOUR if behind > LOOK_BACK else timedelta())
        rows = (row for row in self._latest_rows() if since <= row.date < printed_again)
        return frozenset(digest_of(self._rows[row.id]) for row in rows)

    def _latest_rows(self) -> list[KnownRow]:
        return [KnownRow(number, date) for text, number in self._latest if (date := _date(text))]

    @property
    def clocks_disagree(self) -> bool:
        """Whether a date was ahead of the portal's clock by more than two machines usually differ."""
        return self.ahead > _CLOCKS_AGREE

    def _remember(self, rows: Sequence[Row]) -> None:
        for row in rows:
            text = row.get(self.cursor)
            if isinstance(text, str) and text > self._floor:
                number = int(row[self._key])
                self._rows[number] = row
                heapq.heappush(self._latest, (text, number))
                if len(self._latest) > _MOST_PRINTED:
                    del self._rows[heapq.heappop(self._latest)[1]]
                    self._floor = self._latest[0][0]


def digest_of(row: Row) -> str:
    """Return a short text that differs for different rows and contents; a column that is new and empty changes nothing."""
    filled = {name: value for name, value in row.items() if value not in _EMPTY}
    return blake2b(json.dumps(filled, sort_keys=True).encode(), digest_size=5).hexdigest()


def date_of(row: Mapping[str, Any], cursor: str) -> datetime | None:
    """Return a row's date; None if it has none, or one that no clock shows."""
    return _date(row.get(cursor))


def _date(text: object) -> datetime | None:
    date = portal_time(text)
    return date if date and _YEARS[0] < date.year < _YEARS[1] else None
