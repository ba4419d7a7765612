"""The project's conventions, as tests."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.methods import METHODS
from source_bitrix24.catalog.column import standard_columns, table_schema
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "source_bitrix24"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "unit_tests").rglob("*.py"))
CODE = [*MODULES, *sorted((ROOT / "emulator").rglob("*.py")), *sorted((ROOT / "demo").rglob("*.py"))]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
COLUMNS = {table.name: {column.name: column for column in standard_columns(table.name)} for table in TABLES}


def _id(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else str(path)


def _place(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def _attributes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def _imports(path: Path) -> Iterator[str]:
    """Yield the top-level packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


@pytest.mark.parametrize("path", [*CODE, *TESTS], ids=_id)
def test_no_file_is_longer_than_one_can_hold_in_mind(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= (400 if path in TESTS else 300)


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_only_the_clock_reads_and_spends_time(path: Path) -> None:
    allowed = {"datetime.now"} if _place(path) in ("entrypoint.py", "source.py") else set()
    if _place(path) != "portal/clock.py":
        assert "time" not in set(_imports(path))
        assert {
            name for name in _attributes(path) if re.fullmatch(r"(datetime|date)\.(now|utcnow|today)", name)
        } <= allowed


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_errors_are_caught_by_their_names(path: Path) -> None:
    hands_errors_over = ("run.py", "portal/background.py", "sync/scheduler.py")
    caught = [node.type for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ExceptHandler)]
    if _place(path) not in hands_errors_over:
        assert not {ast.unparse(kind) if kind else "" for kind in caught} & {"", "Exception", "BaseException"}


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_the_cdk_is_imported_only_where_the_connector_faces_airbyte(path: Path) -> None:
    faces_airbyte = path.parent.name == "airbyte" or _place(path) in ("source.py", "entrypoint.py")
    assert faces_airbyte or "airbyte_cdk" not in set(_imports(path))


@pytest.mark.parametrize("path", [path for path in MODULES if "def " in path.read_text()], ids=_id)
def test_a_module_has_a_test_of_its_name(path: Path) -> None:
    name = "quirks.py" if _place(path) == "__init__.py" else path.name
    folder = "airbyte" if _place(path) == "__init__.py" else path.parent.relative_to(PACKAGE)
    mirrored = ROOT / "unit_tests" / folder / f"test_{name}"
    through_the_entry_point = ROOT / "integration_tests" / f"test_{name}"
    assert mirrored.exists() or through_the_entry_point.exists()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_described_columns_with_its_key_and_cursor(table: Table) -> None:
    columns = COLUMNS[table.name]
    file = f"catalog/columns/{table.name}.json"
    assert set(table.key) <= set(columns), f"{file} lacks a column of the key"
    assert table.cursor in (None, *columns), f"{file} lacks the cursor"
    assert table.cursor is None or columns[table.cursor].type == "datetime", f"{file}: the cursor is no datetime"
    assert not {column.name for column in columns.values() if not column.description}, (
        f"{file}: a description is missing"
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_key_columns_of_a_table_are_not_nullable_and_all_others_are(table: Table) -> None:
    properties = table_schema(list(COLUMNS[table.name].values()), table.key)["properties"]
    nullable = {name for name, schema in properties.items() if "null" in schema["type"]}
    assert nullable == properties.keys() - set(table.key)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_reference_leads_to_a_table_and_a_column(table: Table) -> None:
    for reference in filter(None, (column.references for column in COLUMNS[table.name].values())):
        name, _, key = reference.partition(".")
        assert key in COLUMNS[name]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_can_be_read_from_the_emulator(table: Table) -> None:
    assert table.method.lower() in METHODS, (
        f"write emulator/rows/{table.method}.json, or the method in emulator/methods"
    )


def test_tables_have_different_names_and_no_file_of_columns_is_left_over() -> None:
    names = [table.name for table in TABLES]
    assert len(names) == len(set(names))
    assert {path.stem for path in (PACKAGE / "catalog" / "columns").glob("*.json")} == set(names)


def test_every_cited_fact_is_in_the_page_of_facts() -> None:
    known = set(re.findall(r"\*\*(P\d+(?:\.\d+)?)\*\*|## (P\d+)", (ROOT / "docs" / "portal.md").read_text()))
    facts = {number for pair in known for number in pair if number}
    texts = [path.read_text() for path in [*CODE, *PAGES, *TESTS]]
    cited = {number for text in texts for number in re.findall(r"\bP\d+(?:\.\d+)?\b", text)}
    assert cited - facts == set()


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)#\s]+)", text):
        assert (page.parent / target).exists(), target
