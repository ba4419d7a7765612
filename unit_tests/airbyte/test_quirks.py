import gc
import subprocess
import sys
from pathlib import Path

import attributes_doc
import pytest

from source_bitrix24.startup import quick_imports, run_when_asked


def printed_by(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_is_put_aside_for_the_imports_is_back_afterwards() -> None:
    comments = attributes_doc.get_attributes_doc
    with quick_imports():
        assert not gc.isenabled()
        assert attributes_doc.get_attributes_doc(dict) == {}
    assert gc.isenabled()
    assert attributes_doc.get_attributes_doc is comments


def test_an_import_that_fails_leaves_nothing_put_aside() -> None:
    comments = attributes_doc.get_attributes_doc
    with pytest.raises(ImportError), quick_imports():
        raise ImportError
    assert gc.isenabled()
    assert attributes_doc.get_attributes_doc is comments


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that can be imported once, whose code counts how often it runs."""
    (tmp_path / "late_package").mkdir()
    (tmp_path / "late_package" / "__init__.py").write_text(
        "from .part import runs\nruns.append(1)\nthing = 'a thing'\n"
    )
    (tmp_path / "late_package" / "part.py").write_text("runs = []\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("late_package", "late_package.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "late_package"


def test_a_module_of_a_package_is_imported_without_the_code_of_the_package(package: str) -> None:
    run_when_asked(package)
    from late_package.part import runs  # type: ignore[import-not-found]

    assert runs == []


def test_the_package_itself_runs_once_when_it_is_asked_for_something(package: str) -> None:
    run_when_asked(package)
    import late_package  # type: ignore[import-not-found]

    assert late_package.thing == "a thing"
    assert late_package.thing == "a thing"
    assert late_package.runs == [1]
    with pytest.raises(AttributeError):
        _ = late_package.nothing
    with pytest.raises(ImportError):
        from late_package import nothing  # noqa: F401


def test_a_package_that_was_imported_before_stays_as_it_is(package: str) -> None:
    import late_package

    run_when_asked(package)
    assert sys.modules[package] is late_package


def test_the_connector_imports_nothing_that_is_for_connectors_in_yaml() -> None:
    assert (
        printed_by("import sys, source_bitrix24.run; print('airbyte_cdk.sources.declarative' in sys.modules)")
        == "False"
    )


def test_other_programs_find_the_cdk_whole() -> None:
    whole = "import airbyte_cdk as cdk; print(cdk.__version__, *(name for name in cdk.__all__ if hasattr(cdk, name)))"
    assert printed_by(f"import source_bitrix24.run; {whole}") == printed_by(whole)


def test_the_source_of_the_message_classes_is_not_parsed() -> None:
    watched = """
import ast, sys
parsed = []
parse = ast.parse
ast.parse = lambda source, *more, **named: parsed.append(source) or parse(source, *more, **named)
import source_bitrix24
print(sum("class Airbyte" in str(source) for source in parsed))
"""
    assert printed_by(watched) == "0"
