"""`make sync WEBHOOK_URL=…`: reads a portal into a DuckDB file; without WEBHOOK_URL, the bundled emulator.

Variables hold the settings of the connector, in capitals: START_DATE=2024-01-01. TABLES=deals,leads reads these tables only;
FULL_REFRESH=deal_products replaces a table that is otherwise updated, FULL_REFRESH=all every table.
"""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo.portal import running_portal

from .options import Options

_EMULATOR_FILE = Path(".demo") / "bitrix24.duckdb"
_EMULATOR_DEALS = 300
_EDITS: list[dict[str, Any]] = [
    {"do": "create", "name": "deal", "values": {"TITLE": "A brand-new deal", "CURRENCY_ID": "EUR"}},
    {"do": "update", "name": "deal", "number": 5, "values": {"TITLE": "Renamed while nobody looked"}},
]


def main() -> None:
    """Read the portal, then print where the tables are and run the sample queries."""
    parser = argparse.ArgumentParser(
        prog="python -m warehouse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--file", type=Path, help=f"DuckDB file; by default bitrix24.duckdb, for the emulator {_EMULATOR_FILE}"
    )
    parser.add_argument("--no-queries", action="store_true", help="do not run the sample queries")
    arguments = parser.parse_args()
    file = arguments.file
    options = Options.from_variables(os.environ)
    # PyAirbyte writes the settings to a file that every user may read, so the folder must be private
    with tempfile.TemporaryDirectory(prefix="bitrix24-") as folder:
        read, run_queries = _pyairbyte(Path(folder))
        if options.webhook_url:
            file = file or Path("bitrix24.duckdb")
            read(options, file)
        else:
            file = file or _EMULATOR_FILE
            _read_emulator(read, options, file)
        print(f"\nThe tables are in {file.resolve()}.", flush=True)
        if not arguments.no_queries:
            print("Sample queries, with their first rows:", flush=True)
            run_queries(file)


def _read_emulator(read: Callable[[Options, Path], None], options: Options, file: Path) -> None:
    """Read the emulator, change two deals in it, and read the changes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # the emulator has new data each time
    print("WEBHOOK_URL is not set: reading the bundled emulator.", flush=True)
    with running_portal(_EMULATOR_DEALS) as portal:
        options = replace(options, settings={**options.settings, "WEBHOOK_URL": portal.webhook_url})
        read(options, file)
        print("\nA user of the portal now creates a deal and renames another.", flush=True)
        portal.edit(_EDITS)
        read(options, file)


def _pyairbyte(folder: Path) -> tuple[Callable[[Options, Path], None], Callable[[Path], None]]:
    """Return the functions that read a portal into a file and that run the sample queries.

    Imports PyAirbyte, which reads its settings from the environment on import.
    """
    os.environ.update(dict.fromkeys(("AIRBYTE_OFFLINE_MODE", "DO_NOT_TRACK"), "1"))
    os.environ.update(dict.fromkeys(("AIRBYTE_TEMP_DIR", "AIRBYTE_LOGGING_ROOT"), str(folder)))
    os.environ.pop("WEBHOOK_URL", None)
    warnings.simplefilter("ignore", FutureWarning)  # from cloud libraries that are not used here
    from .sample_queries import run_queries
    from .sync import SyncFailed, sync

    def read(options: Options, file: Path) -> None:
        try:
            rows = sync(options, file, folder)
        except SyncFailed as failure:
            sys.exit(str(failure))
        print(f"\n{rows:,} rows were read.", flush=True)

    return read, run_queries


if __name__ == "__main__":
    main()
