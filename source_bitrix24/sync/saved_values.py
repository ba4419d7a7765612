"""Values in a saved state: times and numbers. Each is None where the state has none."""

from datetime import datetime

import pendulum

_FIRST_YEAR, _LAST_YEAR = 1970, 2200
LARGEST_ID = 2**62


class BadState(ValueError):
    """A saved state that this version cannot continue from; the message is a phrase that says why."""


def saved_moment(text: object) -> datetime | None:
    """Return a time. Raises BadState."""
    if text is None:
        return None
    try:
        moment = pendulum.parse(str(text), exact=True)
    except ValueError:
        raise BadState("a time in it cannot be read") from None
    if type(moment) is pendulum.Date:
        moment = pendulum.datetime(moment.year, moment.month, moment.day)
    if not isinstance(moment, pendulum.DateTime) or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadState("a time in it is far from now, or no date")
    return moment


def dump_moment(moment: datetime | None) -> str | None:
    """Return a time as text."""
    return None if moment is None else moment.isoformat(timespec="seconds")


def saved_number(value: object) -> int | None:
    """Return a number that is not negative. Raises BadState."""
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_ID:
        raise BadState("a number in it is none, or out of range")
    return value
