"""What a stream remembers between syncs, and what one sync has to read because of it.

    {"DATE_MODIFY": "2026-11-23T10:00:00+03:00", "max_id": 4711}                         all before that mark has been read
    {…, "scan": {"mark": …, "since": …, "max_id": 5002, "below": 4800}}                  a sync is under way

The mark is the portal's clock before the sync's first page, never a row's time: what changes while a sync runs is newer
than its mark and comes with the next one.

    IDs      0 ─────────────────────────── max_id ──────────────────── newest
    read       rows changed since the mark │ all rows: new, restored from the bin, imported (P8.3)
    order      ◀───────────────────────────┼────────────────────────── below: all under it is left to do
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

LOOK_BACK = timedelta(minutes=5)  # P8.4: a row gets its time when it is written and shows up when that is committed
_AN_HOUR = timedelta(hours=1)
_A_SEASON = timedelta(days=30)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_LARGEST_ID = 2**62
FULL_REFRESH_DONE = {"__ab_full_refresh_sync_complete": True}


class BadState(ValueError):
    """A saved state that this version cannot continue from; the message is a phrase that says why."""


@dataclass(frozen=True, slots=True)
class ScanUnderWay:
    """A sync that has begun: all IDs from `below` on are done.

    `mark`, `look_back` and `max_id` are what the stream will remember at the end; rows up to the old `max_id` are read only
    if they changed since `since`, or all of them if it is None.
    """

    mark: datetime
    since: datetime | None
    max_id: int
    below: int | None = None
    look_back: timedelta = LOOK_BACK


@dataclass(frozen=True, slots=True)
class StreamState:
    """`mark` and `max_id`: what finished syncs have read, None before the first. `scan`: the one under way.

    `look_back`: how far behind the mark the next sync has to begin.
    """

    mark: datetime | None = None
    max_id: int | None = None
    scan: ScanUnderWay | None = None
    look_back: timedelta = LOOK_BACK

    @classmethod
    def load(cls, state: Mapping[str, Any], cursor: str | None) -> "StreamState":
        """Read a state as JSON. A mark alone is enough (other connectors save no more). Raises BadState."""
        if not state or state == FULL_REFRESH_DONE:
            return cls()
        unknown = set(state) - {cursor, "max_id", "scan", "look_back"}
        if unknown:
            raise BadState(f"it has unknown parts: {', '.join(sorted(map(str, unknown)))}")
        scan = None if state.get("scan") is None else _scan(state["scan"])
        mark, max_id = _moment(state.get(cursor or "")), _number(state.get("max_id"))
        if not mark and not scan:
            raise BadState("it does not say what has been read")
        return cls(mark, max_id, scan, _look_back(state))

    def dump(self, cursor: str | None) -> dict[str, Any]:
        """The state as JSON. A table without a cursor remembers nothing once it is read."""
        if cursor is None and self.scan is None:
            return dict(FULL_REFRESH_DONE) if self.mark else {}
        scan = None if self.scan is None else _dump_scan(self.scan)
        parts = {cursor or "mark": _text(self.mark), "max_id": self.max_id, **_told(self.look_back), "scan": scan}
        return {name: value for name, value in parts.items() if value is not None}

    def begin(self, now: datetime, start_date: datetime | None, newest: int = 0) -> "StreamState":
        """Begin a scan at `now`, the portal's clock with the portal's offset. `newest`: an ID that existed before."""
        since = self.since(now, start_date)
        look_back = next_look_back(self.mark, self.look_back, now)
        return replace(self, scan=ScanUnderWay(now, since, max(self.max_id or 0, newest), look_back=look_back))

    def since(self, now: datetime | None, start_date: datetime | None) -> datetime | None:
        """From when on changed rows are to be read, None for all. `now` may be unknown: then as if no clock was put back."""
        return start_date if self.mark is None else changed_since(self.mark, self.look_back, now or self.mark)

    def read_down_to(self, below: int, newest: int) -> "StreamState":
        """All rows with IDs from `below` on are out; `newest` is the greatest of them."""
        assert self.scan
        return replace(self, scan=replace(self.scan, below=below, max_id=max(self.scan.max_id, newest)))

    def finish(self) -> "StreamState":
        """The scan has read everything."""
        assert self.scan
        return StreamState(self.scan.mark, self.scan.max_id, look_back=self.scan.look_back)


def common(states: Sequence[StreamState]) -> StreamState | None:
    """The state that leaves to read all that any of these does; None if that would bring much that one of them has read."""
    if all(state == states[0] for state in states):
        return states[0]
    marks = [state.mark for state in states if state.mark and not state.scan]
    known = [state.max_id for state in states if state.max_id is not None]
    if len(marks) < len(states) or len(known) < len(states) or max(marks) - min(marks) > _AN_HOUR:
        return None
    return StreamState(min(marks), min(known), look_back=max(state.look_back for state in states))


def changed_since(mark: datetime, look_back: timedelta, now: datetime) -> datetime:
    """The earliest time a row may carry that was changed after `mark`, for a sync at `now` (both with the portal's offset).

    The portal stores its local time (P2.15). If its clocks have been put back since, a later change can carry a time up to
    an hour before the mark. A mark ahead of the portal's clock is taken as now.
    """
    since = min(mark, now) - look_back
    return since - _AN_HOUR if _put_back(mark, now) else since


def next_look_back(mark: datetime | None, look_back: timedelta, now: datetime) -> timedelta:
    """How far the sync after the one at `now` has to look back; `mark` and `look_back` are of the sync before.

    If the portal's clocks may have been put back in the minutes before `now`, these minutes reach across that moment, where
    the local time that the portal compares is an hour later. Clocks are put back to a full or half hour.
    """
    if mark is None or _put_back(mark, now):
        just_now = timedelta(minutes=now.minute % 30, seconds=now.second) < LOOK_BACK
    else:
        just_now = look_back > LOOK_BACK and now - mark < LOOK_BACK
    return LOOK_BACK + _AN_HOUR if just_now else LOOK_BACK


def _put_back(mark: datetime, now: datetime) -> bool:
    """Whether the portal's clocks may have been put back between two of its times. Long gaps may hide it."""
    offset, before = now.utcoffset(), mark.utcoffset()
    assert offset is not None and before is not None
    return offset < before or now - mark > _A_SEASON


def _scan(scan: object) -> ScanUnderWay:
    if not isinstance(scan, Mapping):
        raise BadState("its scan is no object")
    unknown = set(scan) - {"mark", "since", "max_id", "below", "look_back"}
    if unknown:
        raise BadState(f"its scan has unknown parts: {', '.join(sorted(map(str, unknown)))}")
    mark = _moment(scan.get("mark"))
    if mark is None:
        raise BadState("its scan has no mark")
    if scan.get("below") == 0:
        raise BadState("its scan is below all IDs")
    return ScanUnderWay(
        mark,
        _moment(scan.get("since")),
        _number(scan.get("max_id")) or 0,
        _number(scan.get("below")),
        _look_back(scan),
    )


def _dump_scan(scan: ScanUnderWay) -> dict[str, Any]:
    parts = {"mark": _text(scan.mark), "since": _text(scan.since), "max_id": scan.max_id, "below": scan.below}
    return {name: value for name, value in (parts | _told(scan.look_back)).items() if value is not None}


def _told(look_back: timedelta) -> dict[str, int]:
    """The usual look-back is not written down."""
    return {} if look_back == LOOK_BACK else {"look_back": int(look_back.total_seconds())}


def _look_back(part: Mapping[str, Any]) -> timedelta:
    seconds = _number(part.get("look_back"))
    return LOOK_BACK if seconds is None else timedelta(seconds=min(seconds, 86_400))


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadState("a time in it cannot be read") from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadState("a time in it is far from now")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _number(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_ID:
        raise BadState("a number in it is none, or out of range")
    return value
