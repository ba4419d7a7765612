"""`make sync WEBHOOK_URL=…`: a portal in a DuckDB file, without WEBHOOK_URL the bundled emulator."""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.portal import running_portal

_SAMPLE = Path(".demo") / "bitrix24.duckdb"
_SAMPLE_DEALS = 300
_EDITS: list[dict[str, Any]] = [
    {"do": "create", "name": "deal", "values": {"TITLE": "A brand-new deal", "CURRENCY_ID": "EUR"}},
    {"do": "update", "name": "deal", "number": 5, "values": {"TITLE": "Renamed while nobody looked"}},
]


def main() -> None:
    """Read, say where the rows are, and show the queries to try."""
    parser = argparse.ArgumentParser(prog="python -m warehouse", description=__doc__)
    parser.add_argument("--file", type=Path, help=f"bitrix24.duckdb, of the emulator {_SAMPLE}")
    file = parser.parse_args().file
    webhook_url = os.environ.get("WEBHOOK_URL", "").strip()
    # PyAirbyte lets everybody read the file with the settings, so it has to lie where nobody else can go
    with tempfile.TemporaryDirectory(prefix="bitrix24-") as folder:
        read, show = _tools(Path(folder))
        if webhook_url:
            file = file or Path("bitrix24.duckdb")
            read(webhook_url, file)
        else:
            file = file or _SAMPLE
            _read_the_sample(read, file)
        print(f"\nThe tables are in {file.resolve()}. Queries to try, with their first rows:")
        show(file)


def _read_the_sample(read: Callable[[str, Path], None], file: Path) -> None:
    """The emulator, read twice: what people change in between comes with the second read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)  # an emulator starts anew each time
    print("There is no WEBHOOK_URL, so this reads the bundled emulator.")
    with running_portal(_SAMPLE_DEALS) as portal:
        read(portal.webhook_url, file)
        print("\nMeanwhile, in the portal, one deal is made and another renamed.")
        portal.edit(_EDITS)
        read(portal.webhook_url, file)


def _tools(folder: Path) -> tuple[Callable[[str, Path], None], Callable[[Path], None]]:
    """The function that reads a portal into a file, and the one that shows queries. PyAirbyte is imported here.

    It looks at the environment when that happens.
    """
    os.environ.update(dict.fromkeys(("AIRBYTE_OFFLINE_MODE", "DO_NOT_TRACK"), "1"))
    os.environ.update(dict.fromkeys(("AIRBYTE_TEMP_DIR", "AIRBYTE_LOGGING_ROOT"), str(folder)))
    os.environ.pop("WEBHOOK_URL", None)
    warnings.simplefilter("ignore", FutureWarning)  # of libraries for clouds that are not used here
    from .sync import SyncFailed, sync
    from .tryout import show

    def read(webhook_url: str, file: Path) -> None:
        try:
            rows = sync({"webhook_url": webhook_url}, file, folder)
        except SyncFailed as failure:
            sys.exit(str(failure))
        print(f"\n{rows:,} rows were read.")

    return read, show


if __name__ == "__main__":
    main()
