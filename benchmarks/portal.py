"""`python -m benchmarks.portal JSON`: the emulator with the contents and limits of the benchmark.

It prints one line of JSON: its webhook, and the number of rows in each table that it was to count.
"""

import gc
import json
import signal
import sys
from collections.abc import Iterable
from typing import Any

from emulator.app import App
from emulator.clock import RealClock
from emulator.filters import selected
from emulator.limits import BatchAccount
from emulator.methods.classic import LISTS, renderer
from emulator.server import PortalServer
from emulator.store import Portal, sample_portal
from emulator.workers import Workers
from integration_tests.expected import OBJECTS

from .limits import PortalLimits
from .portal_process import Contents
from .workloads import CUSTOM

_END_AFTER = 120.0  # seconds without a request
_OWNERS = {"deal_products": "deal", "lead_products": "lead", "quote_products": "quote"}


class NoWaitClock(RealClock):
    """A clock for a portal that counts server time without waiting for it."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""


class QuietServer(PortalServer):
    """Does not report that a killed reader has closed its connections."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the reader is gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def app_with(contents: Contents, limits: PortalLimits) -> App:
    """The portal. What the emulator makes on demand is made here, so that no reader waits for it."""
    clock = RealClock() if limits.enforced else NoWaitClock()
    none = dict.fromkeys(("activities", "companies", "contacts", "leads", "quotes", "catalogs", "products"), 0)
    sizes = none | {**contents.others}
    app = App(sample_portal(clock, contents.deals, 1, contents.holes, "Europe/Moscow", **sizes))
    app.limits.latency = limits.latency
    app.limits.bucket.per_second, app.limits.bucket.burst = limits.rate, limits.burst
    app.limits.workers = Workers(limits.workers, limits.cores)
    app.limits.operating.batch_account = BatchAccount(limits.batch_account)
    app.limits.bucket.enabled = app.limits.operating.kept = limits.enforced
    tables = app.portal.tables
    # lists leave out the template and the vendor of the sample, so they would not be among the rows that are read
    for name in ("deal", "contact"):
        app.portal.delete(name, tables[name].ids[-1])
    if contents.history is not None:
        del tables["stage_history"].ids[contents.history :]
    for name, table in tables.items():
        _ = table.ids, table.sample.variants, table.sample.id_columns
        if name in LISTS:
            renderer(app.portal.wire, table, selected(["*", "UF_*"], table.fields)).keep(table)
    return app


def rows_held(portal: Portal, tables: Iterable[str]) -> dict[str, int]:
    """The number of rows that a reader should get of each table of the connector."""
    return {name: _rows_held(portal, name) for name in tables}


def _rows_held(portal: Portal, name: str) -> int:
    if name == CUSTOM:
        return len(portal.tables["deal"]) * len(portal.user_fields["deal"])
    if name not in _OWNERS:
        return len(portal.tables[OBJECTS[name]])
    owner = _OWNERS[name]
    return sum(len(portal.product_rows(owner, number)) for number in portal.tables[owner].ids)


def main() -> None:
    """Serve until SIGTERM, or until no request comes any more."""
    task = json.loads(sys.argv[1])
    app = app_with(Contents(**task["contents"]), PortalLimits(**task["limits"]))
    gc.freeze()
    server = QuietServer(app, 0, end_after=_END_AFTER)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    holds = rows_held(app.portal, task["tables"])
    print(json.dumps({"webhook": app.webhook_url, "holds": holds}), flush=True)
    server.run()


if __name__ == "__main__":
    main()
