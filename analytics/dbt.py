"""Runs dbt on the package."""

import json
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

_PACKAGE = str(Path(__file__).parent)
_FOLDERS = ("--project-dir", _PACKAGE, "--profiles-dir", _PACKAGE)
_DBT = Path(sys.executable).with_name("dbt")


def build(file: Path, tables: Collection[str], currency: str | None, time_zone: str | None) -> bool:
    """Build all marts whose tables are there, and test them. Returns whether all went well."""
    chosen = {"bitrix24_tables": list(tables), "bitrix24_currency": currency, "bitrix24_time_zone": time_zone}
    variables = {name: value for name, value in chosen.items() if value}
    command = [str(_DBT), "build", *_FOLDERS, "--vars", json.dumps(variables)]
    environment = {"BITRIX24_DUCKDB": str(file.resolve()), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    return subprocess.run(command, env=os.environ | environment, check=False).returncode == 0
