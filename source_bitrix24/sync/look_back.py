"""How far behind its mark a sync looks for changes, also where the portal's clocks are set back."""

from datetime import datetime, timedelta

# P8.4: a row gets its time when it is written and becomes visible when that is committed
LOOK_BACK = timedelta(minutes=5)
AN_HOUR = timedelta(hours=1)  # by which clocks are set forward or back
DST_GAP = timedelta(days=30)  # two times further apart may lie before and after such a change, with the same offset


def changes_since(mark: datetime, look_back: timedelta, now: datetime) -> datetime:
    """Return the earliest date of a row that changed after `mark`, for a sync at `now` (both with the portal's offset).

    The portal stores its local time (P2.15). If its clocks were set back since, a later change can carry a time up to an
    hour before the mark. A mark ahead of the portal's clock is taken as now.
    """
    since = min(mark, now) - look_back
    return since - AN_HOUR if is_set_back(mark, now) else since


def next_look_back(mark: datetime | None, look_back: timedelta, now: datetime) -> timedelta:
    """Return the lookback of the sync after the one at `now`; `mark` and `look_back` are of the sync before.

    If the portal's clocks may have been set back in the minutes before `now`, the lookback reaches across that moment, where
    the local time that the portal compares is an hour later. Clocks are set back to a full or half hour.
    """
    if mark is None or is_set_back(mark, now):
        just_now = timedelta(minutes=now.minute % 30, seconds=now.second) < LOOK_BACK
    else:
        just_now = look_back > LOOK_BACK and now - mark < LOOK_BACK
    return LOOK_BACK + AN_HOUR if just_now else LOOK_BACK


def is_set_back(mark: datetime, now: datetime) -> bool:
    """Whether the portal's clocks may have been set back between two of its times. Long gaps may hide it."""
    return offset_of(now) < offset_of(mark) or now - mark > DST_GAP


def offset_of(moment: datetime) -> timedelta:
    """Return how far the local time of a moment is ahead of UTC."""
    offset = moment.utcoffset()
    assert offset is not None
    return offset
