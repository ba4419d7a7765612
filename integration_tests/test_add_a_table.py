"""CONTRIBUTING's three steps to add a table, done in a copy of the tree: no other edit is needed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("source_bitrix24", "emulator", "pages", "integration_tests", "unit_tests", "demo", "docs")
COLUMNS = "source_bitrix24/catalog/columns"
STEPS = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a table")[2]
LINES = re.findall(r"(?m)^ +((?:Scanned|Whole)\(.+\)),$", STEPS)
FILES = {
    name: json.loads(text)
    for name, text in re.findall(r"(?s)`((?:source_bitrix24|emulator)/[\w/.]+\.json)`.*?```json\n(.*?)```", STEPS)
}
MORE_FILES = {
    f"{COLUMNS}/bank_details.json": {
        "ID": {"type": "integer", "description": "Identifies the requisite in the portal"},
        "DATE_MODIFY": {"type": "datetime", "description": "When the requisite was last changed"},
        "ENTITY_ID": {"type": "integer", "references": "companies.ID", "description": "Company it belongs to"},
        "RQ_INN": {"type": "text", "description": "Tax number"},
    },
    "emulator/rows/crm.requisite.bankdetail.list.json": {
        "paged": True,
        "rows": [
            {"ID": str(n), "DATE_MODIFY": f"2026-01-{n % 28 + 1:02}T12:00:00+03:00", "ENTITY_ID": "1", "RQ_INN": "007"}
            for n in range(1, 131)
        ],
    },
}
TABLES = ("directories", "bank_details")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree without history."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("*.*"), ROOT / "Makefile", ROOT / "Dockerfile", ROOT / ".dockerignore"):
        if path.is_file():
            shutil.copy(path, tmp_path / path.name)
    return tmp_path


def _add_lines(tree: Path) -> None:
    tables = tree / "source_bitrix24" / "catalog" / "tables.py"
    text = tables.read_text(encoding="utf-8")
    for line in LINES:
        begin = text.index("TABLES: tuple")
        first = re.compile(rf"(?m)^    {line.partition('(')[0]}\(").search(text, begin)
        assert first
        text = f"{text[: first.start()]}    {line},\n{text[first.start() :]}"
    tables.write_text(text, encoding="utf-8")


def _add_files(tree: Path, begin: str) -> None:
    for name, content in {**FILES, **MORE_FILES}.items():
        if name.startswith(begin):
            (tree / name).parent.mkdir(exist_ok=True)
            (tree / name).write_text(json.dumps(content), encoding="utf-8")


def _python(tree: Path, *arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return process.stdout


def _pytest(tree: Path, *arguments: str) -> str:
    return _python(tree, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments)


def test_the_page_shows_a_line_for_a_list_and_a_small_table_and_the_files_of_one() -> None:
    assert [re.findall(r'"(\w+)"', line)[0] for line in LINES] == ["bank_details", "directories"]
    assert sorted(FILES) == ["emulator/rows/crm.status.entity.types.json", f"{COLUMNS}/directories.json"]


def test_three_steps_add_a_table_that_is_read_value_by_value(tree: Path) -> None:
    _add_lines(tree)
    _add_files(tree, COLUMNS)
    _add_files(tree, "emulator")
    tests = (
        "integration_tests/test_full_refresh.py",
        "integration_tests/test_acceptance.py",
        "unit_tests/test_layout.py",
    )
    printed = _pytest(
        tree, *tests, "integration_tests/test_source.py", "-k", " or ".join((*TABLES, "left_over", "streams"))
    )
    assert re.search(r"\d+ passed", printed) and "failed" not in printed and "error" not in printed, printed
    # the tests that count or list all tables
    others = (
        "unit_tests/catalog/test_metadata.py",
        "unit_tests/sync/test_plan.py",
        "unit_tests/emulator/test_coverage.py",
    )
    printed = _pytest(tree, *others, "integration_tests/test_run.py", "-k", "not test_run or prints_one_catalog")
    assert re.search(r"\d+ passed", printed) and "failed" not in printed, printed


def test_make_docs_writes_the_new_tables(tree: Path) -> None:
    _add_lines(tree)
    _add_files(tree, COLUMNS)
    # the pictures need D2, the tables of faults and of odd portals minutes, and rows of the emulator
    write = """
from pages import er_diagrams, faults, matrix
from pages.generated import SECTIONS, new_pages
for page, text in new_pages([one for one in SECTIONS if one.markdown not in (faults.markdown, matrix.markdown)]).items():
    page.write_text(text, encoding="utf-8")
print(sum("directories" in text for text in er_diagrams.pictures().values()))
"""
    assert _python(tree, "-c", write).splitlines()[-1] == "1"
    readme, page = [(tree / name).read_text(encoding="utf-8") for name in ("README.md", "docs/bitrix24.md")]
    assert "| directories | crm.status.entity.types | ID |  |" in readme
    assert "| bank_details | crm.requisite.bankdetail.list | ID | DATE_MODIFY |" in readme
    assert "<b>directories</b>" in page and 'companies |o--o{ bank_details : "ENTITY_ID"' in page
    assert "`directories`" in page.partition("<!-- whole -->")[2].partition("<!-- /whole -->")[0]


def test_a_missing_file_of_columns_is_said_in_one_sentence(tree: Path) -> None:
    _add_lines(tree)
    printed = _pytest(tree, "unit_tests/test_layout.py")
    missing = (
        "The table bank_details has no file of columns: write catalog/columns/bank_details.json (CONTRIBUTING.md)."
    )
    assert missing in printed
    assert len(printed.splitlines()) < 60


def test_missing_rows_of_the_emulator_are_said_in_one_sentence(tree: Path) -> None:
    _add_lines(tree)
    _add_files(tree, COLUMNS)
    printed = _pytest(tree, "unit_tests/test_layout.py", "-k", "directories")
    assert "write emulator/rows/crm.status.entity.types.json, or the method in emulator/methods" in printed
    printed = _python(tree, "-c", "from integration_tests.expected import _plain; list(_plain('directories'))")
    assert printed.splitlines()[-1].endswith(
        "The emulator has no rows for directories: write emulator/rows/crm.status.entity.types.json (CONTRIBUTING.md)."
    )


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ({"type": "money", "description": "x"}, "the type of AMOUNT is money, not one of text, integer, "),
        ({"description": "x"}, "the type of AMOUNT is None, not one of text, integer, "),
        (
            {"type": "text", "desc": "x"},
            "AMOUNT has keys other than description, multiple, parts, references, type, words.",
        ),
    ],
)
def test_a_wrong_column_is_said_in_one_sentence(tree: Path, column: dict[str, str], sentence: str) -> None:
    path = tree / COLUMNS / "deals.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"AMOUNT": column}), encoding="utf-8")
    printed = _python(tree, "-c", "from source_bitrix24.catalog.column import standard_columns as c; c('deals')")
    assert f"catalog/columns/deals.json: {sentence}" in printed.splitlines()[-1]
