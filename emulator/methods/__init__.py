"""The REST methods that are emulated; importing this package registers them."""

from ..registry import METHODS
from . import bindings, classic, described, history, items, products, system

__all__ = ["METHODS", "bindings", "classic", "described", "history", "items", "products", "system"]
