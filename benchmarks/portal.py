"""`python -m benchmarks.portal`: the emulator as a process of its own, with sizes for every table.

It prints one line of JSON: its webhook, and how many rows it holds of the tables it is asked about.
"""

import json
import signal
import sys
from typing import Any

from emulator.__main__ import app_of, arguments
from emulator.app import App
from emulator.clock import RealClock
from emulator.server import PortalServer
from emulator.store import Portal, sample_portal

_TABLES = {
    "activities": "activity",
    "companies": "company",
    "contacts": "contact",
    "deals": "deal",
    "leads": "lead",
    "quotes": "quote",
    "products": "product",
    "catalogs": "catalog",
    "deal_stage_history": "stage_history",
}
_OWNERS = {"deal_products": "deal", "lead_products": "lead", "quote_products": "quote"}


class UnwaitedClock(RealClock):
    """Server time is accounted for, but nobody waits for it."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""


class QuietServer(PortalServer):
    """A reader that is ended leaves its connections without a word; that is no error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless the reader is gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def served_app(asked: Any) -> App:
    """The portal that was asked for, with everything that is made on demand made before anybody's time is taken."""
    clock = UnwaitedClock() if asked.no_waiting else RealClock()
    portal = sample_portal(clock, asked.deals, asked.seed, asked.holes, asked.zone, **json.loads(asked.sizes))
    app = app_of(asked, portal)
    for name in (
        "deal",
        "contact",
    ):  # a template and a vendor that lists leave out unasked: they would only blur the counts
        app.portal.delete(name, app.portal.tables[name].ids[-1])
    if asked.history is not None:
        del app.portal.tables["stage_history"].ids[asked.history :]
    for table in app.portal.tables.values():
        _ = table.ids, table.sample.variants, table.sample.id_columns
    return app


def rows_held(portal: Portal, name: str) -> int:
    """How many rows a reader should get of a table of the connector."""
    if name not in _OWNERS:
        return len(portal.tables[_TABLES[name]])
    owner = _OWNERS[name]
    return sum(len(portal.product_rows(owner, number)) for number in portal.tables[owner].ids)


def main() -> None:
    """Serve until SIGTERM, or until nobody asks any more."""
    parser = arguments()
    parser.add_argument("--sizes", default="{}", help="rows of each table as JSON, by its plural")
    parser.add_argument("--history", type=int, help="entries of the stage history that are kept")
    parser.add_argument("--count", default="", help="tables of the connector whose rows are counted beforehand")
    parser.add_argument("--no-waiting", action="store_true", help="account for server time without spending it")
    asked = parser.parse_args()
    app = served_app(asked)
    server = QuietServer(app, 0, end_after=120.0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    holds = {name: rows_held(app.portal, name) for name in filter(None, asked.count.split(","))}
    print(json.dumps({"webhook": app.webhook_url, "holds": holds}), flush=True)
    server.run()


if __name__ == "__main__":
    main()
