"""The filter of a list by date, and the proof that the portal understands it.

A portal drops a condition that it does not know (P2.10), and a date that it cannot parse matches no row (P2.14), both
without an error. So two commands ride with the first request and ask for one row whose date is known:

    changed since a moment before its date    must return the row
    changed since a day after its date        must not return it, unless it was changed again

The local time that the portal compares may be an hour off (P2.15).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ..portal.batch import Answer, Command
from ..portal.batch_all import fetch_all
from ..portal.client import PortalClient
from ..portal.errors import FilterNotUnderstood
from ..portal.keyset import Listing, Row, Span, chain_pages, read_all_pages
from ..portal.oddities import Oddities
from .look_back import AN_HOUR
from .row_dates import MOST_BEHIND, KnownRow, date_of

_MATCHES, _LEFT_OUT, _ITSELF, _NEWEST = "matches", "left_out", "itself", "newest"
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class DateFilter:
    """The filter of `listing` by its column `cursor`."""

    listing: Listing
    cursor: str

    def since(self, moment: datetime) -> Listing:
        """Return the list of the rows that changed at a moment or after it."""
        return replace(self.listing, filter={**self.listing.filter, f">={self.cursor}": _utc(moment)})

    def probes(self, known: KnownRow | None) -> Mapping[str, Command]:
        """Return the commands whose answers `check` needs. If no row is known, they bring the newest ones."""
        if known is None:
            return {_NEWEST: chain_pages(self._narrow(self.listing), Span(), 1)["p0"]}
        return {
            _MATCHES: self._only(known, self.since(known.date - AN_HOUR)),
            _LEFT_OUT: self._only(known, self.since(known.date + MOST_BEHIND)),
        }

    def check(self, client: PortalClient, known: KnownRow | None, answers: Mapping[str, Answer]) -> KnownRow | None:
        """Return a row that is known now. Raises FilterNotUnderstood, or another PortalError.

        Only if the known row is gone, others are asked for, by requests of their own.
        """
        if known is None:
            return self._newest(answers)
        for _ in range(_MOST_TRIES):
            self.refuse_older(self._rows(known, answers[_LEFT_OUT]), known.date + MOST_BEHIND, AN_HOUR)
            if self._rows(known, answers[_MATCHES]):
                return known
            other = self._other(client, known)
            if other is None:
                return None
            known = other
            answers = fetch_all(client, self.probes(known))
        return None

    def refuse_older(self, rows: Sequence[Row], since: datetime, tolerance: timedelta = MOST_BEHIND) -> None:
        """Raise FilterNotUnderstood if one of the rows is older than the date in the filter."""
        dates = [date for row in rows if (date := date_of(row, self.cursor))]
        if dates and since - min(dates) > tolerance:
            raise FilterNotUnderstood(self.listing.method, "rows came that are older than the date in the filter")

    def _other(self, client: PortalClient, known: KnownRow) -> KnownRow | None:
        """Return another row, since the filter left out the known one. Raises FilterNotUnderstood if that still exists."""
        answers = fetch_all(client, {_ITSELF: self._only(known, self.listing), **self.probes(None)})
        itself = self._rows(known, answers[_ITSELF])
        date = date_of(itself[0], self.cursor) if itself else None
        if date and date >= known.date:
            raise FilterNotUnderstood(self.listing.method, "a row is missing that is newer than the date in the filter")
        return self._newest(answers)

    def newest_rows(self, answers: Mapping[str, Answer]) -> list[Row]:
        """Return the rows that the probes for no known row have brought, by descending ID."""
        return _rows(self._narrow(self.listing), Span(), answers[_NEWEST])

    def _newest(self, answers: Mapping[str, Answer]) -> KnownRow | None:
        """Return the row with the latest date among those with the greatest IDs."""
        key, rows = self.listing.dialect.id, self.newest_rows(answers)
        known = [KnownRow(int(row[key]), date) for row in rows if (date := date_of(row, self.cursor))]
        return max(known, key=lambda row: row.date, default=None)

    def _only(self, known: KnownRow, listing: Listing) -> Command:
        return chain_pages(self._narrow(listing), _span_of(known), 1)["p0"]

    def _narrow(self, listing: Listing) -> Listing:
        """Return the list with no other columns than those by which rows and their portal are recognised."""
        dialect = listing.dialect
        columns = dict.fromkeys((dialect.id, dialect.created, self.cursor))
        return replace(listing, select=tuple(columns), odd=Oddities())

    def _rows(self, known: KnownRow, answer: Answer) -> list[Row]:
        return _rows(self._narrow(self.listing), _span_of(known), answer)


def _rows(listing: Listing, span: Span, answer: Answer) -> list[Row]:
    if answer.error:
        raise answer.error
    return read_all_pages(listing, span, {"p0": answer}).rows


def _span_of(known: KnownRow) -> Span:
    return Span(known.id - 1, known.id + 1)


def _utc(moment: datetime) -> str:
    """P2.13: with Z there is no plus sign that could turn into a space, and no zone to guess."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
