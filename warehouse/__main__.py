"""`make sync WEBHOOK_URL=…`: reads a portal into a DuckDB file; without WEBHOOK_URL, the bundled emulator."""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.portal import running_portal

_EMULATOR_FILE = Path(".demo") / "bitrix24.duckdb"
_EMULATOR_DEALS = 300
_EDITS: list[dict[str, Any]] = [
    {"do": "create", "name": "deal", "values": {"TITLE": "A brand-new deal", "CURRENCY_ID": "EUR"}},
    {"do": "update", "name": "deal", "number": 5, "values": {"TITLE": "Renamed while nobody looked"}},
]


def main() -> None:
    """Read the portal, then print where the tables are and run the sample queries."""
    parser = argparse.ArgumentParser(prog="python -m warehouse", description=__doc__)
    parser.add_argument(
        "--file", type=Path, help=f"DuckDB file; by default bitrix24.duckdb, for the emulator {_EMULATOR_FILE}"
    )
    file = parser.parse_args().file
    webhook_url = os.environ.get("WEBHOOK_URL", "").strip()
    # PyAirbyte writes the settings to a file that every user may read, so the folder must be private
    with tempfile.TemporaryDirectory(prefix="bitrix24-") as folder:
        read, run_queries = _pyairbyte(Path(folder))
        if webhook_url:
            file = file or Path("bitrix24.duckdb")
            read(webhook_url, file)
        else:
            file = file or _EMULATOR_FILE
            _read_emulator(read, file)
        print(f"\nThe tables are in {file.resolve()}. Sample queries, with their first rows:", flush=True)
        run_queries(file)


def _read_emulator(read: Callable[[str, Path], None], file: Path) -> None:
    """Read the emulator, change two deals in it, and read the changes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # the emulator has new data each time
    print("WEBHOOK_URL is not set: reading the bundled emulator.", flush=True)
    with running_portal(_EMULATOR_DEALS) as portal:
        read(portal.webhook_url, file)
        print("\nA user of the portal now creates a deal and renames another.", flush=True)
        portal.edit(_EDITS)
        read(portal.webhook_url, file)


def _pyairbyte(folder: Path) -> tuple[Callable[[str, Path], None], Callable[[Path], None]]:
    """Return the functions that read a portal into a file and that run the sample queries.

    Imports PyAirbyte, which reads its settings from the environment on import.
    """
    os.environ.update(dict.fromkeys(("AIRBYTE_OFFLINE_MODE", "DO_NOT_TRACK"), "1"))
    os.environ.update(dict.fromkeys(("AIRBYTE_TEMP_DIR", "AIRBYTE_LOGGING_ROOT"), str(folder)))
    os.environ.pop("WEBHOOK_URL", None)
    warnings.simplefilter("ignore", FutureWarning)  # from cloud libraries that are not used here
    from .sample_queries import run_queries
    from .sync import SyncFailed, sync

    def read(webhook_url: str, file: Path) -> None:
        try:
            rows = sync({"webhook_url": webhook_url}, file, folder)
        except SyncFailed as failure:
            sys.exit(str(failure))
        print(f"\n{rows:,} rows were read.", flush=True)

    return read, run_queries


if __name__ == "__main__":
    main()
