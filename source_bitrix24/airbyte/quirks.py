"""Everything that leans on private or fragile parts of the CDK and of requests; a test for each fails when one moves.

Imports nothing of the CDK, since `quick_imports` has to run before the first import of it.
"""

import gc
import logging
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any, TextIO

import requests
from urllib3.exceptions import ReadTimeoutError


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


def is_read_timeout(error: Exception | None) -> bool:
    """Whether the portal did not answer in time; in the middle of an answer, requests reports that as ConnectionError."""
    if isinstance(error, requests.exceptions.ConnectionError) and error.args:
        return isinstance(error.args[0], ReadTimeoutError)
    return isinstance(error, requests.exceptions.ReadTimeout)


def certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return what Python's ssl says about a certificate that it does not accept, deep inside what requests raised."""
    return next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)


def proxy_status(error: BaseException | None) -> int | None:
    """Return the HTTP status with which a proxy refused a tunnel; http.client has it in a text only."""
    found = (re.match(r"Tunnel connection failed: (\d{3})\b", str(one)) for one in _causes(error))
    return next((int(match[1]) for match in found if match), None)


def is_unusable_ca_bundle(error: BaseException | None) -> bool:
    """Whether the file of trusted authorities cannot be used.

    requests raises a plain OSError where there is none; ssl, inside an SSLError, where it may not be read or holds no
    certificate.
    """
    if not isinstance(error, requests.exceptions.SSLError):
        return not isinstance(error, requests.RequestException) and "CA certificate bundle" in str(error)
    return any(isinstance(one, PermissionError) or getattr(one, "library", None) == "X509" for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those inside it: urllib3 and requests put them into `args` and `reason`."""
    while error is not None:
        yield error
        inner = getattr(error, "reason", None)
        inside = [one for one in (inner, *error.args) if isinstance(one, BaseException)]
        error = inside[0] if inside else None


def log_to(stream: TextIO, keep: Callable[[logging.LogRecord], bool]) -> None:
    """Let the handlers that the CDK installs write to `stream`, and only records that `keep` accepts."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(keep)
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
