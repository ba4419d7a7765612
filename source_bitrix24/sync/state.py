"""What a stream saves between syncs, and what the next sync has to read because of it.

    {"DATE_MODIFY": "2026-11-23T10:00:00+03:00", "max_id": 4711}          everything before the mark has been read
    {…, "scan": {"mark": …, "since": …, "max_id": 5002, "below": 4800}}   a scan is in progress
    {…, "portal": {"host": …}}                                            whose rows these are (known_portal.py)
    {…, "dates": {"behind": 90, "newest": [4700, …], "printed": {…}}}     what the dates of rows have shown (row_dates.py)

The mark (the watermark of the stream) is the portal's clock before the first page of a sync, never the time of a row: what
changes while a sync runs is newer than its mark and comes with the next sync.

    IDs      0 ─────────────────────────── max_id ──────────────────── newest
    read       rows changed since the mark │ all rows: new, restored from the bin, imported (P8.3)
    order      ◀───────────────────────────┼────────────────────────── below: everything under it is left to read
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, TypeVar

from ..portal.dialect import Dialect
from ..portal.keyset import Row
from .known_portal import KnownPortal
from .known_sets import KnownSets
from .look_back import AN_HOUR, DST_GAP, LOOK_BACK, changes_since, next_look_back, offset_of
from .printed_rows import PrintedRows, common_rows
from .row_dates import MOST_BEHIND, KnownRow, RowDates
from .saved_values import LARGEST_ID, dump_moment, saved_moment, saved_number
from .saved_values import BadState as BadState

T = TypeVar("T")
_LONGEST_UNCHECKED = timedelta(days=3)
_LONG_STEADY = MOST_BEHIND + timedelta(hours=2)
FULL_REFRESH_DONE = {"__ab_full_refresh_sync_complete": True}
_NOTHING_READ: tuple[dict[str, bool], ...] = ({}, FULL_REFRESH_DONE, {"__ab_no_cursor_state_message": True})


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """A scan in progress: all IDs from `below` on have been read.

    `mark`, `look_back` and `max_id` become those of the stream at the end. Rows up to the old `max_id` are read only if they
    changed since `since`; all of them if it is None.
    """

    mark: datetime
    since: datetime | None
    max_id: int
    below: int | None = None
    look_back: timedelta = LOOK_BACK


@dataclass(frozen=True, slots=True)
class StreamState:
    """`mark` and `max_id`: what finished syncs have read, None before the first. `scan`: the scan in progress.

    `look_back`: the lookback of the next sync, behind the mark. `portal`: whose rows these are; version 0.1 saved none.
    `dates`: what the dates of rows have shown. `rows`: which rows are in the copy, or the sets of which parents; `sets`: how
    long these are; None if that is not kept. `seconds`: of the server for the last first request. These do not say what is
    left to read: states that differ in them alone are equal. `types`: the states of a table that is made of one for each
    smart process, by entityTypeId; nothing else then.
    """

    mark: datetime | None = None
    max_id: int | None = None
    scan: ScanProgress | None = None
    look_back: timedelta = LOOK_BACK
    portal: KnownPortal | None = field(default=None, compare=False)
    dates: RowDates = field(default=RowDates(), compare=False)
    rows: PrintedRows | None = field(default=None, compare=False)
    sets: KnownSets | None = field(default=None, compare=False)
    types: Mapping[int, "StreamState"] = field(default_factory=dict, hash=False)
    seconds: float = field(default=0.0, compare=False)

    @classmethod
    def load(cls, state: Mapping[str, Any], cursor: str | None) -> "StreamState":
        """Parse a state from JSON. A mark alone is enough (other connectors save no more). Raises BadState."""
        portal = _part(KnownPortal.load, state.get("portal"))
        state = {name: value for name, value in state.items() if name != "portal"}
        if state in _NOTHING_READ:
            return cls(portal=portal)
        if "types" in state:
            return cls(types=_types(state["types"], cursor), portal=portal)
        unknown = set(state) - {cursor, "max_id", "scan", "look_back", "dates", "rows", "sets", "seconds"}
        if unknown:
            raise BadState(f"it has unknown parts: {', '.join(sorted(map(str, unknown)))}")
        scan = None if state.get("scan") is None else _scan(state["scan"])
        mark, max_id = saved_moment(state.get(cursor or "")), saved_number(state.get("max_id"))
        if not mark and not scan:
            raise BadState("it does not say what has been read")
        rows, sets = _part(PrintedRows.load, state.get("rows")), _part(KnownSets.load, state.get("sets"))
        dates, seconds = _dates(state.get("dates")), saved_number(state.get("seconds")) or 0
        return cls(mark, max_id, scan, _look_back(state), portal, dates, rows, sets, seconds=seconds)

    def dump(self, cursor: str | None) -> dict[str, Any]:
        """Return the state as JSON. A table without a cursor saves only the portal once it has been read."""
        portal = {"portal": self.portal.dump()} if self.portal else {}
        if self.types:
            return {"types": {str(number): state.dump(cursor) for number, state in self.types.items()}, **portal}
        if cursor is None and self.scan is None:
            return FULL_REFRESH_DONE | portal
        scan = None if self.scan is None else _dump_scan(self.scan)
        parts = {
            cursor or "mark": dump_moment(self.mark),
            "max_id": self.max_id,
            **_dump_look_back(self.look_back),
            "dates": _dump_dates(self.dates) if cursor else None,
            "scan": scan,
            "seconds": round(self.seconds) or None,
            "rows": self.rows.dump() if self.rows else None,
            "sets": self.sets.dump() if self.sets else None,
            **portal,
        }
        return {name: value for name, value in parts.items() if value is not None}

    @property
    def printed_up_to(self) -> int:
        """The greatest ID whose row may have been printed before; 0 if none has been.

        A scan in progress may have printed rows that its last state does not cover, whichever they are.
        """
        if self.scan or (self.mark and self.max_id is None):
            return LARGEST_ID
        return self.max_id or 0

    def begin(self, now: datetime, start_date: datetime | None, newest: int = 0) -> "StreamState":
        """Start a scan at `now`, the portal's clock with the portal's offset. `newest`: an ID that existed before."""
        dates = self.dates
        if self.mark and dates.behind is not None and offset_of(now) > offset_of(self.mark):
            # the web server's clock was set forward; the database's may not have been
            dates = replace(dates, behind=dates.behind + AN_HOUR)
        since = replace(self, dates=dates).since(now, start_date)
        is_steady = self.mark and offset_of(now) == offset_of(self.mark) and now - self.mark <= DST_GAP
        steady = min(dates.steady + (now - self.mark), _LONG_STEADY) if self.mark and is_steady else timedelta()
        look_back = next_look_back(self.mark, self.look_back, now)
        scan = ScanProgress(now, since, max(self.max_id or 0, newest), look_back=look_back)
        return replace(self, scan=scan, dates=replace(dates, steady=steady, printed=frozenset()))

    def since(self, now: datetime | None, start_date: datetime | None) -> datetime | None:
        """Return the lower bound for the modification date, None for everything. Without `now`: no clock was set back."""
        if self.mark is None:
            return start_date
        since = self.lookback_since(now)
        behind = self.dates.behind
        if not behind:
            return since
        further = LOOK_BACK + behind
        # P2.15: if clocks were set back in that time, the local time at its beginning is an hour later
        since_half_hour = timedelta(minutes=self.mark.minute % 30, seconds=self.mark.second)
        may_cross = self.dates.steady < further and since_half_hour < further and self.look_back == LOOK_BACK
        return since - behind - (AN_HOUR if may_cross else timedelta())

    def lookback_since(self, now: datetime | None) -> datetime:
        """Return the same for a portal whose clocks agree. There must be a mark."""
        assert self.mark
        return changes_since(self.mark, self.look_back, now or self.mark)

    def at(self, host: str) -> "StreamState":
        """Return the state with the host of the portal that is read from here on."""
        return replace(self, portal=replace(self.portal or KnownPortal(host), host=host))

    def recognised_by(self, rows: Sequence[Row], dialect: Dialect) -> "StreamState":
        """Return the state with the first of the rows, the newest, as the record by which its portal is recognised."""
        return replace(self, portal=self.portal.with_record(rows[0], dialect)) if rows and self.portal else self

    def unchecked(self, before: "StreamState") -> "StreamState":
        """Return the state after a sync that could not look for rows that are gone; `before`: as it began.

        Nobody knows which rows were hidden in it. So the next sync reads the same changes again, but not those of many days.
        """
        if not self.mark or not before.mark or self.mark - before.mark > _LONGEST_UNCHECKED:
            return self
        return replace(self, mark=before.mark, look_back=before.look_back)

    def read_down_to(self, below: int, newest: int) -> "StreamState":
        """Return the state once all rows with IDs from `below` on are out; `newest` is the greatest of them."""
        assert self.scan
        return replace(self, scan=replace(self.scan, below=below, max_id=max(self.scan.max_id, newest)))

    def finish(self) -> "StreamState":
        """Return the state once the scan has read everything."""
        assert self.scan
        scan = self.scan
        return replace(self, mark=scan.mark, max_id=scan.max_id, scan=None, look_back=scan.look_back)


def earliest_common(states: Sequence[StreamState]) -> StreamState | None:
    """Return the earliest state that covers all given streams.

    None if it would read too much again for one of them, if their portals are not the same, or if only some of them know
    which rows are in the copy.
    """
    portals = [state.portal for state in states if state.portal]
    if any(portal.host != portals[0].host for portal in portals):
        return None
    rows = [state.rows for state in states if state.rows]
    if len(rows) not in (0, len(states)):
        return None
    known_rows = common_rows(rows) if rows else None
    portal = max(portals, key=lambda portal: portal.record or 0, default=None)
    dates = reduce(RowDates.common, (state.dates for state in states))
    if all(state == states[0] for state in states):
        return replace(states[0], portal=portal, dates=dates, rows=known_rows)
    marks = [state.mark for state in states if state.mark and not state.scan]
    known = [state.max_id for state in states if state.max_id is not None]
    if len(marks) < len(states) or len(known) < len(states) or max(marks) - min(marks) > AN_HOUR:
        return None
    look_back = max(state.look_back for state in states)
    return StreamState(min(marks), min(known), look_back=look_back, portal=portal, dates=dates, rows=known_rows)


def _types(saved: object, cursor: str | None) -> dict[int, StreamState]:
    if not isinstance(saved, Mapping) or not all(str(number).isdecimal() for number in saved):
        raise BadState("its types are none")
    return {int(number): StreamState.load(state, cursor) for number, state in saved.items()}


def _part(load: Callable[[object], T], saved: object) -> T | None:
    """Return a part of a saved state. Raises BadState."""
    try:
        return None if saved is None else load(saved)
    except ValueError as problem:
        raise BadState(str(problem)) from None


def _scan(scan: object) -> ScanProgress:
    if not isinstance(scan, Mapping):
        raise BadState("its scan is no object")
    unknown = set(scan) - {"mark", "since", "max_id", "below", "look_back"}
    if unknown:
        raise BadState(f"its scan has unknown parts: {', '.join(sorted(map(str, unknown)))}")
    mark = saved_moment(scan.get("mark"))
    if mark is None:
        raise BadState("its scan has no mark")
    if scan.get("below") == 0:
        raise BadState("its scan is below all IDs")
    return ScanProgress(
        mark,
        saved_moment(scan.get("since")),
        saved_number(scan.get("max_id")) or 0,
        saved_number(scan.get("below")),
        _look_back(scan),
    )


def _dump_scan(scan: ScanProgress) -> dict[str, Any]:
    parts = {
        "mark": dump_moment(scan.mark),
        "since": dump_moment(scan.since),
        "max_id": scan.max_id,
        "below": scan.below,
    }
    return {name: value for name, value in (parts | _dump_look_back(scan.look_back)).items() if value is not None}


def _dump_look_back(look_back: timedelta) -> dict[str, int]:
    """The usual lookback is not saved."""
    return {} if look_back == LOOK_BACK else {"look_back": int(look_back.total_seconds())}


def _dump_dates(dates: RowDates) -> dict[str, Any] | None:
    parts: dict[str, Any] = {}
    if dates.behind is not None:
        parts["behind"] = int(dates.behind.total_seconds())
        parts |= {"steady": int(dates.steady.total_seconds())} if dates.steady else {}
    if dates.newest:
        parts["newest"] = [dates.newest.id, dump_moment(dates.newest.date)]
    if dates.printed:
        parts["printed"] = sorted(dates.printed)
    return parts or None


def _dates(part: object) -> RowDates:
    if part is None:
        return RowDates()
    if not isinstance(part, Mapping):
        raise BadState("its dates are no object")
    unknown = set(part) - {"behind", "steady", "newest", "printed"}
    if unknown:
        raise BadState(f"its dates have unknown parts: {', '.join(sorted(map(str, unknown)))}")
    seconds, newest, printed = saved_number(part.get("behind")), part.get("newest"), part.get("printed", [])
    behind = None if seconds is None else min(timedelta(seconds=min(seconds, 864_000)), MOST_BEHIND)
    if not isinstance(newest, list | None) or not isinstance(printed, list) or (newest and len(newest) != 2):
        raise BadState("its dates are no lists")
    number, date = (saved_number(newest[0]), saved_moment(newest[1])) if newest else (None, None)
    known = KnownRow(number, date) if number and date else None
    steady = min(timedelta(seconds=min(saved_number(part.get("steady")) or 0, 864_000)), _LONG_STEADY)
    return RowDates(behind, known, frozenset(map(str, printed)), steady)


def _look_back(part: Mapping[str, Any]) -> timedelta:
    seconds = saved_number(part.get("look_back"))
    return LOOK_BACK if seconds is None else timedelta(seconds=min(seconds, 86_400))
