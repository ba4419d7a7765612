"""A quick start: three quarters of the time that importing the CDK takes is spent on what is not used here."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import attributes_doc


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import modules of the CDK without its other parts, and without looking for garbage.

    Its package imports all of it, most of which is for connectors written in YAML; that happens only when somebody asks the
    package for something. And its serializers parse the source of all message classes for the comments on fields, which end
    up only in JSON schemas that nobody reads.
    """
    collects, comments = gc.isenabled(), attributes_doc.get_attributes_doc
    gc.disable()
    attributes_doc.get_attributes_doc = lambda cls: {}
    run_when_asked("airbyte_cdk")
    try:
        yield
    finally:
        attributes_doc.get_attributes_doc = comments
        if collects:
            gc.enable()


def run_when_asked(package: str) -> None:
    """Let modules of a package be imported while its own code runs only when it is asked for what it does not hold yet."""
    spec = find_spec(package)
    if spec and package not in sys.modules:
        module = _PackageToRun(package)
        module.__spec__, module.__path__, module.__file__ = spec, spec.submodule_search_locations, spec.origin
        sys.modules[package] = module


class _PackageToRun(ModuleType):
    __path__: Any

    def __getattr__(self, name: str) -> Any:
        being_imported = sys.modules.get(f"{self.__name__}.{name}")
        if being_imported:
            return being_imported
        assert self.__spec__
        assert self.__spec__.loader
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)
