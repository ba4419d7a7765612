import gc
import subprocess
import sys

import attributes_doc

from source_bitrix24.startup import quick_imports


def test_what_is_put_aside_for_the_imports_is_back_afterwards() -> None:
    comments = attributes_doc.get_attributes_doc
    with quick_imports():
        assert not gc.isenabled()
        assert attributes_doc.get_attributes_doc(dict) == {}
    assert gc.isenabled()
    assert attributes_doc.get_attributes_doc is comments


def test_an_import_that_fails_leaves_nothing_put_aside() -> None:
    comments = attributes_doc.get_attributes_doc
    try:
        with quick_imports():
            raise ImportError
    except ImportError:
        pass
    assert gc.isenabled()
    assert attributes_doc.get_attributes_doc is comments


def test_the_source_of_the_message_classes_is_not_parsed() -> None:
    watched = """
import ast, sys
parsed = []
parse = ast.parse
ast.parse = lambda source, *more, **named: parsed.append(source) or parse(source, *more, **named)
import source_bitrix24
print(sum("class Airbyte" in str(source) for source in parsed))
"""
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
