"""Numbers for people, rounded so that they tell nothing about a single record."""

from math import floor, log10


def about(number: float) -> int:
    """Round to two digits: 1,234 is 1,200."""
    if number < 100:
        return round(number)
    unit = int(10 ** (floor(log10(number)) - 1))
    return round(number / unit) * unit


def count(number: int | None) -> str:
    """Return a number of rows; "not counted" if it is not known."""
    return "not counted" if number is None else f"{about(number):,}"


def duration(seconds: float) -> str:
    """Return a time in the largest unit that fits."""
    if seconds < 90:
        return f"{max(1, about(seconds))} s"
    return f"{about(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
