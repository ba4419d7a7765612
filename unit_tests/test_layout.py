"""The project's conventions, as tests."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.methods import METHODS
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.catalog.tables import TABLES

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "source_bitrix24"
MODULES = sorted(PACKAGE.rglob("*.py"))
CODE = [*MODULES, *sorted((ROOT / "emulator").rglob("*.py")), *sorted((ROOT / "demo").rglob("*.py"))]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
SCHEMAS = {table.name: json.loads((PACKAGE / "schemas" / f"{table.name}.json").read_text()) for table in TABLES}


def _id(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else str(path)


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("path", CODE, ids=_id)
def test_no_file_is_longer_than_one_can_hold_in_mind(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 330


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_only_the_clock_tells_and_spends_time(path: Path) -> None:
    told = {"datetime.now"} if path.name in ("run.py", "source.py") else set()
    if path.name != "clock.py":
        assert {
            call for call in _calls(path) if re.fullmatch(r"time\.(time|sleep|monotonic)|datetime\.(now|utcnow)", call)
        } <= told


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_what_went_wrong_is_named_where_it_is_caught(path: Path) -> None:
    caught = [node.type for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ExceptHandler)]
    if path.name != "threads.py":  # hands everything over to another thread
        assert not {ast.unparse(kind) if kind else "" for kind in caught} & {"", "Exception", "BaseException"}


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_airbyte_is_known_only_at_the_edge(path: Path) -> None:
    edge = {"run", "source", "check", "failures", "startup", "transport", "turns"}
    if path.stem not in edge and path.parent.name != "streams":
        assert "airbyte_cdk" not in path.read_text()


@pytest.mark.parametrize("path", [path for path in MODULES if "def " in path.read_text()], ids=_id)
def test_a_module_has_a_test_of_its_name(path: Path) -> None:
    mirrored = ROOT / "unit_tests" / path.parent.relative_to(PACKAGE) / f"test_{path.name}"
    at_work = ROOT / "integration_tests" / f"test_{path.name}"
    assert mirrored.exists() or at_work.exists()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_has_its_columns_described_and_typed(table: PerParent) -> None:
    columns = SCHEMAS[table.name]["properties"]
    assert set(table.key) <= set(columns)
    assert table.cursor is None or table.cursor in columns
    assert not {name for name, column in columns.items() if "type" not in column or "description" not in column}
    assert {"null"}.isdisjoint(
        set().union(*(columns[name]["type"] for name in table.key if columns[name]["type"] is list))
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_reference_leads_to_a_table_and_a_column(table: PerParent) -> None:
    for column in SCHEMAS[table.name]["properties"].values():
        for reference in filter(None, [column.get("x-references")]):
            name, _, key = reference.partition(".")
            assert key in SCHEMAS[name]["properties"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_can_be_read_from_the_emulator(table: PerParent) -> None:
    assert table.method in METHODS


def test_tables_have_names_of_their_own_and_no_schema_is_left_over() -> None:
    names = [table.name for table in TABLES]
    assert len(names) == len(set(names))
    assert {path.stem for path in (PACKAGE / "schemas").glob("*.json")} == set(names)


def test_every_fact_that_is_cited_stands_in_the_page_of_facts() -> None:
    known = set(re.findall(r"\*\*(P\d+(?:\.\d+)?)\*\*|## (P\d+)", (ROOT / "docs" / "portal.md").read_text()))
    facts = {number for pair in known for number in pair if number}
    texts = [path.read_text() for path in [*CODE, *PAGES, *(ROOT / "unit_tests").rglob("*.py")]]
    cited = {number for text in texts for number in re.findall(r"\bP\d+(?:\.\d+)?\b", text)}
    assert cited - facts == set()


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\((?!https?://|mailto:)([^)#\s]+)", text):
        assert (page.parent / target).exists(), target
