"""Runs the sample queries."""

from pathlib import Path

import duckdb  # type: ignore[import-not-found]  # in warehouse/.venv only

QUERIES = sorted((Path(__file__).parent / "queries").glob("*.sql"))
_MAX_ROWS = 8


def run_queries(file: Path) -> None:
    """Print the name, the title and the first rows of each query."""
    with duckdb.connect(str(file), read_only=True) as warehouse:
        for query in QUERIES:
            text = query.read_text(encoding="utf-8")
            print(f"\nwarehouse/queries/{query.name}\n{text.splitlines()[0].removeprefix('-- ')}")
            try:
                warehouse.sql(text).show(max_rows=_MAX_ROWS)
            except duckdb.CatalogException as error:  # TABLES left a table out
                print(f"This query needs a table that is not there: {str(error).splitlines()[0]}")
