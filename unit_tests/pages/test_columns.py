import re
from pathlib import Path

import pytest

from pages import changelog, columns, field_types
from source_bitrix24.schema import _COLUMN_OF_TYPE, standard_schema
from source_bitrix24.catalog.table import Table
from source_bitrix24.catalog.tables import TABLES


def _sections() -> dict[str, str]:
    return dict(re.findall(r"(?s)<summary><b>(\w+)</b>(.*?)</details>", columns.markdown()))


def test_every_stream_has_a_table_of_its_columns() -> None:
    assert list(_sections()) == sorted(table.name for table in TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_the_schema_is_told_with_type_and_meaning(table: Table) -> None:
    _, *rows = re.findall(r"(?m)^\| (\w+) \| ([a-z ]+) \| (.+) \|$", _sections()[table.name])
    assert [name for name, _, _ in rows] == [*standard_schema(table.name)["properties"]][:-1]
    assert {name for name, _, meaning in rows if "primary key" in meaning} == set(table.key)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ({"type": "integer"}, "integer"),
        ({"type": ["null", "string"], "format": "date"}, "date"),
        ({"type": ["null", "string"], "format": "date-time"}, "timestamp with time zone"),
        ({"type": ["null", "array"], "items": {"type": ["null", "string"]}}, "array of text"),
    ],
)
def test_a_type_is_told_in_words(column: dict[str, object], told: str) -> None:
    assert columns.type_of(column) == told


def test_every_type_that_has_a_column_of_its_own_is_in_the_map() -> None:
    told = field_types.markdown()
    assert [kind for kind in _COLUMN_OF_TYPE if f"| {kind} |" not in told] == []


def test_the_changelog_names_every_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "CHANGELOG.md"
    told = "# Changelog\n\nFor users.\n\n## 0.2.0\n\n- One\n  thing.\n- Another | thing.\n\n## 0.1.0\n\nThe first.\n"
    page.write_text(told)
    monkeypatch.setattr(changelog, "_CHANGELOG", page)
    assert changelog.markdown().splitlines()[2:] == [
        "| 0.2.0 | One thing.<br>Another \\| thing. |",
        "| 0.1.0 | The first. |",
    ]
