"""A test for each private or fragile part of the CDK that the connector leans on."""

import gc
import io
import logging
import subprocess
import sys
from collections.abc import Iterator

import attributes_doc
import pytest

from source_bitrix24.airbyte.quirks import log_to, quick_imports

QUICKLY = """
from source_bitrix24.airbyte.quirks import quick_imports
with quick_imports():
    import source_bitrix24.source
"""


def printed_by(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_quick_imports_change_is_restored_afterwards() -> None:
    docs = attributes_doc.get_attributes_doc
    with quick_imports():
        assert not gc.isenabled()
        assert attributes_doc.get_attributes_doc(dict) == {}
    assert gc.isenabled()
    assert attributes_doc.get_attributes_doc is docs


def test_an_import_that_fails_leaves_nothing_changed() -> None:
    docs = attributes_doc.get_attributes_doc
    with pytest.raises(ImportError), quick_imports():
        raise ImportError
    assert gc.isenabled()
    assert attributes_doc.get_attributes_doc is docs


def test_garbage_collection_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with quick_imports():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_quick_imports_import_no_part_of_the_cdk_for_connectors_in_yaml() -> None:
    assert printed_by(QUICKLY + "import sys; print('airbyte_cdk.sources.declarative' in sys.modules)") == "False"


def test_quick_imports_do_not_parse_the_source_of_the_message_classes() -> None:
    watched = "\n".join(
        [
            "import ast, inspect",
            "parsed = []",
            "parse = ast.parse",
            "ast.parse = lambda source, *more, **named: parsed.append(str(source)) or parse(source, *more, **named)",
            QUICKLY,
            "print(any('class Airbyte' in source for source in parsed))",
        ]
    )
    assert printed_by(watched) == "False"


def test_after_quick_imports_the_cdk_still_has_all_its_names() -> None:
    names = "import airbyte_cdk as cdk; print(cdk.__version__, *(name for name in cdk.__all__ if hasattr(cdk, name)))"
    assert printed_by(QUICKLY + names) == printed_by(names) != ""


def test_a_package_that_is_deferred_raises_the_usual_errors_for_unknown_names() -> None:
    program = "\n".join(
        [
            QUICKLY,
            "import airbyte_cdk",
            "print(hasattr(airbyte_cdk, 'no_such_name'), airbyte_cdk.sources is not None)",
            "try:",
            "    from airbyte_cdk import no_such_name",
            "except ImportError:",
            "    print('ImportError')",
        ]
    )
    assert printed_by(program).split() == ["False", "True", "ImportError"]


def test_a_package_that_was_imported_before_stays_as_it_is() -> None:
    import airbyte_cdk

    with quick_imports():
        assert sys.modules["airbyte_cdk"] is airbyte_cdk
        assert airbyte_cdk.AirbyteEntrypoint.__name__ == "AirbyteEntrypoint"


def test_importing_the_connector_as_a_library_has_no_effect_on_the_cdk() -> None:
    program = "\n".join(
        [
            "import gc, sys, source_bitrix24",
            "print('airbyte_cdk' in sys.modules)",
            "source_bitrix24.SourceBitrix24",
            "import airbyte_cdk, attributes_doc",
            "print(type(airbyte_cdk).__name__, 'AirbyteEntrypoint' in vars(airbyte_cdk), gc.isenabled())",
            "print(attributes_doc.get_attributes_doc.__module__)",
        ]
    )
    assert printed_by(program).split() == [
        "False",
        "module",
        "True",
        "True",
        attributes_doc.get_attributes_doc.__module__,
    ]


@pytest.mark.parametrize(
    "module", ["portal.client", "portal.scan", "portal.owners_bulk", "sync.scheduler", "catalog.tables"]
)
def test_the_library_is_imported_without_the_cdk_and_without_requests(module: str) -> None:
    loaded = f"import sys, source_bitrix24.{module}; print(*({{'airbyte_cdk', 'requests'}} & set(sys.modules)))"
    assert printed_by(loaded) == ""


def test_the_package_has_no_other_names() -> None:
    import source_bitrix24

    assert source_bitrix24.SourceBitrix24.__name__ == "SourceBitrix24"
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = source_bitrix24.no_such_name


@pytest.fixture
def root_handlers() -> Iterator[list[logging.Handler]]:
    """The handlers of the root logger, which are put back after the test."""
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [logging.StreamHandler(io.StringIO())]
    yield root.handlers
    root.handlers[:] = before


def test_log_lines_go_to_the_given_stream_unless_they_are_filtered(root_handlers: list[logging.Handler]) -> None:
    stream = io.StringIO()
    root_handlers[:] = [logging.StreamHandler(io.StringIO())]
    log_to(stream, lambda record: record.levelno > logging.INFO)
    logger = logging.getLogger("unit_tests")
    logger.setLevel(logging.INFO)
    logger.info("left out")
    logger.warning("kept")
    assert stream.getvalue() == "kept\n"


def test_the_cdk_installs_a_stream_handler_that_can_be_redirected() -> None:
    handlers = "[isinstance(one, logging.StreamHandler) for one in logging.getLogger().handlers]"
    assert printed_by(f"import logging, airbyte_cdk.entrypoint; print({handlers})") == "[True]"


def test_a_deferred_package_says_where_it_is_installed() -> None:
    place = "import airbyte_cdk; print(airbyte_cdk.__file__, *airbyte_cdk.__path__)"
    assert printed_by(QUICKLY + place) == printed_by(place)
