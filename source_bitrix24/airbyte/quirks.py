"""Everything that leans on private or fragile parts of the CDK; a test for each fails when one moves.

Imports nothing of the CDK, since `quick_imports` has to run before the first import of it.
"""

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TextIO


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import modules of the CDK without its other parts, and without garbage collection: 0.4 s instead of 1.3 s.

    The package `airbyte_cdk` imports everything, most of it for connectors written in YAML; here its own code runs only when
    somebody asks it for a name. Its serializers parse the source of all message classes for comments, which only end up in
    JSON schemas that nobody reads. A step of a program that owns its process, not of a library.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    _defer_package("airbyte_cdk")
    try:
        with _without_attribute_docs():
            yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _without_attribute_docs() -> Iterator[None]:
    try:
        import attributes_doc
    except ImportError:
        yield
        return
    original = attributes_doc.get_attributes_doc
    attributes_doc.get_attributes_doc = lambda cls: {}
    try:
        yield
    finally:
        attributes_doc.get_attributes_doc = original


def _defer_package(package: str) -> None:
    """Let modules of a package be imported; its own code runs when it is asked for a name that it does not hold yet."""
    spec = find_spec(package)
    if spec and package not in sys.modules:
        module = _DeferredPackage(package)
        module.__spec__, module.__path__, module.__file__ = spec, spec.submodule_search_locations, spec.origin
        sys.modules[package] = module


class _DeferredPackage(ModuleType):
    __path__: Any

    def __getattr__(self, name: str) -> Any:
        submodule = sys.modules.get(f"{self.__name__}.{name}")
        if submodule:
            return submodule
        assert self.__spec__
        assert self.__spec__.loader
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def log_to(stream: TextIO, keep: Callable[[logging.LogRecord], bool]) -> None:
    """Let the handlers that the CDK installs write to `stream`, and only records that `keep` accepts."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(keep)
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
