"""The REST methods that are emulated; importing this package registers them."""

from ..registry import METHODS
from . import bindings, classic, history, items, metadata, plain, products, system

__all__ = ["METHODS", "bindings", "classic", "history", "items", "metadata", "plain", "products", "system"]
