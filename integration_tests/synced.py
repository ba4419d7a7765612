"""A portal that PyAirbyte reads into a DuckDB file, and the rows in that file."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from emulator.app import App
from integration_tests.harness import Row, differences
from source_bitrix24.catalog.tables import TABLES

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / "warehouse" / ".venv" / "bin" / "python"
QUERIES = ROOT / "warehouse" / "queries"
_ASK = """
import duckdb, json, sys
plain = lambda value: value.isoformat() if hasattr(value, "isoformat") else float(value)
answers = {}
with duckdb.connect(sys.argv[1], read_only=True) as warehouse:
    for name, query in json.load(sys.stdin).items():
        found = warehouse.sql(query)
        answers[name] = [[str(one) for one in found.types], [dict(zip(found.columns, row)) for row in found.fetchall()]]
print(json.dumps(answers, default=plain))
"""


@dataclass
class Synced:
    """A portal, the DuckDB file it is read into, and what was printed last."""

    app: App
    file: Path
    temporary: Path
    printed: str = ""

    def sync(self, webhook_url: str = "") -> int:
        """Run `python -m warehouse` and return its exit code."""
        settings = {"WEBHOOK_URL": webhook_url or self.app.webhook_url, "TMPDIR": str(self.temporary)}
        ended = subprocess.run(
            [str(PYTHON), "-m", "warehouse", "--file", str(self.file)],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.printed = ended.stdout
        return ended.returncode

    def ask(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        """The rows of some queries. JSON columns are parsed."""
        line = [str(PYTHON), "-c", _ASK, str(self.file)]
        ended = subprocess.run(line, input=json.dumps(queries), stdout=subprocess.PIPE, text=True, check=True)
        answers = {}
        for name, (types, rows) in json.loads(ended.stdout).items():
            for row in rows:
                for (column, value), kind in zip(row.items(), types, strict=True):
                    row[column] = json.loads(value) if kind == "JSON" and value is not None else value
            answers[name] = rows
        return answers

    def tables(self) -> dict[str, list[Row]]:
        """All rows of all tables."""
        return self.ask({table.name: f'FROM "{table.name}"' for table in TABLES})

    def query(self, name: str) -> list[Row]:
        """The rows of a query of warehouse/queries."""
        return self.ask({name: (QUERIES / f"{name}.sql").read_text(encoding="utf-8")})[name]


def problems_of(held: list[Row], expected: list[Row], key: tuple[str, ...]) -> list[str]:
    """Where DuckDB differs from the portal. PyAirbyte lowers the names of columns and drops the offset of moments."""
    read = [{name: value for name, value in row.items() if not name.startswith("_airbyte")} for row in held]
    moments = {name for row in read for name, value in row.items() if re.fullmatch(r"[\d-]{10}T[\d:]{8}", str(value))}
    told = [
        {name.lower(): value[:19] if name.lower() in moments else value for name, value in row.items()}
        for row in expected
    ]
    return differences(read, told, [name.lower() for name in key])
