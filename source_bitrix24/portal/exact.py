"""Numbers that a double holds as they are written; nothing is rounded in silence."""

from decimal import Decimal, InvalidOperation
from math import isfinite

SAFE_LENGTH = 15  # digits that a double holds, whichever they are
LARGEST_INTEGER = 2**53  # up to which a double holds every integer


def exact_float(text: str) -> float | None:
    """Return the double that is written as the same decimal number; None if there is none. Raises ValueError."""
    number = float(text)
    if not isfinite(number):
        return None
    if len(text) <= SAFE_LENGTH and "e" not in text and "E" not in text:
        return number
    return number if _decimal(text) == Decimal(repr(number)) else None


def json_number(text: str) -> float | str:
    """Return a number of JSON as a double, or as text if no double holds it.

    PHP may write a double with 17 digits (0.10000000000000001), which is more than it needs and no other number.
    """
    number = float(text)
    if not isfinite(number):
        return text
    if len(text) <= SAFE_LENGTH and "e" not in text and "E" not in text:
        return number
    return number if _decimal(text) in (Decimal(repr(number)), Decimal(f"{number:.17g}")) else text


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
