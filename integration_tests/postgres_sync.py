"""Syncs a portal into PostgreSQL with PyAirbyte, runs dbt there, and queries the tables."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.app import App
from integration_tests.duckdb_sync import PYTHON
from integration_tests.harness import Row
from integration_tests.process import ROOT, run_command

_CONNECTOR = ROOT / ".venv" / "bin" / "source-bitrix24"
_DBT = ROOT / "analytics" / ".venv" / "bin" / "dbt"
_PACKAGE = ROOT / "analytics"
_SCHEMA = "bitrix24"
_TABLES = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'bitrix24'"
# as any user of PyAirbyte would: rows that are gone stay, with the time of their deletion
_SYNC = """
import os, sys
from pathlib import Path
import airbyte
from airbyte.caches import PostgresCache
executable, port, schema, folder = sys.argv[1:]
source = airbyte.get_source("source-bitrix24", local_executable=Path(executable), install_if_missing=False)
source.set_config({"webhook_url": os.environ.pop("WEBHOOK_URL")}, validate=False)
streams = source.discovered_catalog.streams
updated = [stream.name for stream in streams if stream.default_cursor_field]
replaced = [stream.name for stream in streams if not stream.default_cursor_field]
login = {"host": "127.0.0.1", "port": int(port), "database": "postgres", "username": "postgres", "password": ""}
with PostgresCache(**login, schema_name=schema, cache_dir=Path(folder)) as cache:
    source.read(cache=cache, streams=updated)
    source.read(cache=cache, streams=replaced, write_strategy="replace", force_full_refresh=True)
"""
_RUN_QUERIES = """
import json, psycopg2, sys
plain = lambda value: value.isoformat() if hasattr(value, "isoformat") else float(value)
results = {}
with psycopg2.connect(host="127.0.0.1", port=sys.argv[1], user="postgres") as warehouse, warehouse.cursor() as cursor:
    for name, query in json.load(sys.stdin).items():
        cursor.execute(query)
        columns = [column.name for column in cursor.description]
        results[name] = [dict(zip(columns, row)) for row in cursor.fetchall()]
print(json.dumps(results, default=plain))
"""


@dataclass
class PostgresSync:
    """A portal, the port of the server that it is synced into, and the output of the last command."""

    app: App
    port: int
    temporary: Path
    output: str = ""

    def sync(self) -> int:
        """Read the portal; return the exit code."""
        settings = {"WEBHOOK_URL": self.app.webhook_url, "TMPDIR": str(self.temporary), "PYTHONPATH": str(ROOT)}
        settings |= dict.fromkeys(("AIRBYTE_OFFLINE_MODE", "DO_NOT_TRACK"), "1")
        settings |= dict.fromkeys(("AIRBYTE_TEMP_DIR", "AIRBYTE_LOGGING_ROOT"), str(self.temporary))
        return self._run([PYTHON, "-c", _SYNC, _CONNECTOR, self.port, _SCHEMA, self.temporary], settings)

    def build(self, **variables: Any) -> int:
        """Build and test the marts with dbt; return the exit code."""
        tables = self.run_queries({"tables": _TABLES})
        chosen = {"bitrix24_schema": _SCHEMA, "bitrix24_tables": [row["name"] for row in tables["tables"]], **variables}
        target = ["--target", "postgres", "--target-path", self.temporary / "target", "--log-path", self.temporary]
        folders = ["--project-dir", _PACKAGE, "--profiles-dir", _PACKAGE]
        settings = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        return self._run([_DBT, "build", *folders, *target, "--vars", json.dumps(chosen)], settings)

    def run_queries(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        """The rows of each query."""
        line = [str(PYTHON), "-c", _RUN_QUERIES, str(self.port)]
        process = subprocess.run(line, input=json.dumps(queries), stdout=subprocess.PIPE, text=True, check=True)
        results: dict[str, list[Row]] = json.loads(process.stdout)
        return results

    def _run(self, command: list[Any], settings: dict[str, str]) -> int:
        code, self.output = run_command(command, settings)
        return code
