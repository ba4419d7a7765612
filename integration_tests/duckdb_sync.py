"""Syncs a portal into a DuckDB file with PyAirbyte and queries that file."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from emulator.app import App
from integration_tests.harness import Row, differences
from integration_tests.process import ROOT, run_command
from source_bitrix24.catalog.tables import TABLES

PYTHON = ROOT / "warehouse" / ".venv" / "bin" / "python"
ANALYTICS = ROOT / "analytics" / ".venv" / "bin" / "python"
QUERIES = ROOT / "warehouse" / "queries"
_RUN_QUERIES = """
import duckdb, json, sys
plain = lambda value: value.isoformat() if hasattr(value, "isoformat") else float(value)
results = {}
with duckdb.connect(sys.argv[1], read_only=True) as warehouse:
    for name, query in json.load(sys.stdin).items():
        result = warehouse.sql(query)
        rows = [dict(zip(result.columns, row)) for row in result.fetchall()]
        results[name] = [[str(kind) for kind in result.types], rows]
print(json.dumps(results, default=plain))
"""


@dataclass
class DuckDBSync:
    """A portal, the DuckDB file it is synced into, and the output of the last sync."""

    app: App
    file: Path
    temporary: Path
    output: str = ""

    def sync(self, **variables: str) -> int:
        """Run `python -m warehouse` with these variables; return its exit code."""
        settings = {"WEBHOOK_URL": self.app.webhook_url, "TMPDIR": str(self.temporary), **variables}
        return self._run([str(PYTHON), "-m", "warehouse", "--file", str(self.file)], settings)

    def report(self, **variables: str) -> int:
        """Run `python -m analytics` with these variables; return its exit code. It writes `report.html` beside the file."""
        folders = {"DBT_TARGET_PATH": str(self.file.parent / "target"), "DBT_LOG_PATH": str(self.file.parent)}
        return self._run([str(ANALYTICS), "-m", "analytics", "--file", str(self.file)], folders | variables)

    def _run(self, command: list[str], variables: dict[str, str]) -> int:
        code, self.output = run_command(command, variables)
        return code

    def run_queries(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        """The rows of each query. JSON columns are parsed."""
        line = [str(PYTHON), "-c", _RUN_QUERIES, str(self.file)]
        process = subprocess.run(line, input=json.dumps(queries), stdout=subprocess.PIPE, text=True, check=True)
        results = {}
        for name, (types, rows) in json.loads(process.stdout).items():
            for row in rows:
                for (column, value), kind in zip(row.items(), types, strict=True):
                    row[column] = json.loads(value) if kind == "JSON" and value is not None else value
            results[name] = rows
        return results

    def tables(self) -> dict[str, list[Row]]:
        """All rows of each table."""
        return self.run_queries({table.name: f'FROM "{table.name}"' for table in TABLES})

    def query(self, name: str) -> list[Row]:
        """The rows of a query in warehouse/queries."""
        return self.run_queries({name: (QUERIES / f"{name}.sql").read_text(encoding="utf-8")})[name]


def duckdb_differences(copy: list[Row], expected: list[Row], key: tuple[str, ...]) -> list[str]:
    """All differences between DuckDB and the portal. PyAirbyte writes column names in lowercase and drops UTC offsets."""
    rows = [{name: value for name, value in row.items() if not name.startswith("_airbyte")} for row in copy]
    timestamps = {
        name for row in rows for name, value in row.items() if re.fullmatch(r"[\d-]{10}T[\d:]{8}", str(value))
    }
    portal_rows = [
        {name.lower(): value[:19] if name.lower() in timestamps else value for name, value in row.items()}
        for row in expected
    ]
    return differences(rows, portal_rows, [name.lower() for name in key])
