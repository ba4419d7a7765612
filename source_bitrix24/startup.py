"""A quick start: nearly half of the time that importing the CDK takes is spent on what nobody uses."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import attributes_doc


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import modules without looking for garbage, and the CDK's message classes without the comments in their source.

    Its serializers parse that source for the comments on fields, which end up only in JSON schemas that are not used here.
    """
    collects, comments = gc.isenabled(), attributes_doc.get_attributes_doc
    gc.disable()
    attributes_doc.get_attributes_doc = lambda cls: {}
    try:
        yield
    finally:
        attributes_doc.get_attributes_doc = comments
        if collects:
            gc.enable()
