"""The facts that the doctor asks, by the sections of docs/portal.md."""

from ..fact import FACTS
from . import batch, classic, clocks, fields, history, items, limits, product_rows, select, system, values

MODULES = (batch, classic, select, items, product_rows, history, limits, clocks, fields, values, system)

__all__ = ["FACTS", "MODULES"]
