"""`make report`: builds and tests the marts in a DuckDB file with dbt, then writes a page of charts.

Variables: CURRENCY=EUR is the currency of all amounts, by default the portal's base currency. TIME_ZONE=Europe/Berlin is the
zone of all times, by default UTC.
"""

import argparse
import os
import sys
from pathlib import Path

from .dbt import build
from .figures import Marts
from .page import page_of
from .tables import DuckDBTables


def main() -> None:
    """Build the marts, then write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m analytics", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", type=Path, required=True, help="DuckDB file that make sync has written")
    parser.add_argument("--page", type=Path, help="the page; by default report.html beside that file")
    parser.add_argument("--no-build", action="store_true", help="the marts are there; write the page only")
    options = parser.parse_args()
    file: Path = options.file
    page: Path = options.page or file.with_name("report.html")
    if not file.exists():
        sys.exit(f"There is no file {file}. Write it first: make sync WEBHOOK_URL=… FILE={file}")
    if not options.no_build:
        tables = DuckDBTables.of(file)
        currency = os.environ.get("CURRENCY") or tables.currency_without_rates
        if currency and not os.environ.get("CURRENCY"):
            print(f"There is no table of currencies: amounts are those of deals in {currency}.", flush=True)
        if not build(file, tables.names, currency, os.environ.get("TIME_ZONE")):
            sys.exit("dbt has failed, see above. No page was written.")
    page.write_text(page_of(Marts.of(file)), encoding="utf-8")
    print(f"\nThe report is in {page.resolve()}", flush=True)


if __name__ == "__main__":
    main()
