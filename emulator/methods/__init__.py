"""The REST methods that are emulated; importing this package registers them."""

from ..registry import METHODS
from . import bindings, calls, classic, history, items, metadata, plain, products, requisites, staff, system, tasks

__all__ = [
    "METHODS",
    "bindings",
    "calls",
    "classic",
    "history",
    "items",
    "metadata",
    "plain",
    "products",
    "requisites",
    "staff",
    "system",
    "tasks",
]
