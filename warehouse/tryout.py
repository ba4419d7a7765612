"""The queries to try, and what they bring."""

from pathlib import Path

import duckdb  # type: ignore[import-not-found]  # in warehouse/.venv only

QUERIES = sorted((Path(__file__).parent / "queries").glob("*.sql"))
_SHOWN = 8


def show(file: Path) -> None:
    """Print the name of each query, what it is about, and its first rows."""
    with duckdb.connect(str(file), read_only=True) as warehouse:
        for query in QUERIES:
            text = query.read_text(encoding="utf-8")
            print(f"\nwarehouse/queries/{query.name}\n{text.splitlines()[0].removeprefix('-- ')}")
            warehouse.sql(text).show(max_rows=_SHOWN)
