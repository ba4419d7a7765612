"""The cost of smart processes: `discover` of many types and fields, and reading items with their product rows.

The portal is the emulator, in this process, with the stated latencies and limits and a played clock: seconds are those of
the portal's clock, without this machine's processor.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.smart_types import SmartType
from emulator.store import sample_portal
from integration_tests.harness import Connector

from . import report
from .limits import STATED

_TYPES, _FIELDS = 40, 500
_ITEMS, _COLUMNS = 20_000, 40
_ITEM_TYPE = 130
_TABLES = (f"smart_process_{_ITEM_TYPE}", "smart_process_products")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took of the portal, and of this machine's processor. `printed`: what it printed, in words."""

    title: str
    printed: str
    requests: int
    server_seconds: float
    seconds: float
    processor: float

    def row(self) -> str:
        """A line of the table."""
        return (
            f"| {self.title} | {self.printed} | {self.requests:,} | {self.server_seconds:,.1f} | {self.seconds:,.1f} "
            f"| {self.processor:,.1f} |"
        )


def markdown(options: argparse.Namespace) -> str:
    """Measure, and return the section."""
    items = _ITEMS // 100 if options.quick else _ITEMS
    costs = (_discover(_TYPES, _FIELDS), *_read(items))
    return "\n".join(
        [
            "## Smart processes",
            "",
            report.made_with("python -m benchmarks smart-processes" + " --quick" * options.quick, STATED),
            "",
            "Seconds are those of the portal's clock: requests, their limits and latencies. CPU seconds are those of the",
            "connector and the emulator together. The later sync comes a day after the first one, without news.",
            "",
            "| | printed | requests | server s | s | CPU s |",
            "| --- | --- | --: | --: | --: | --: |",
            *(cost.row() for cost in costs),
        ]
    )


def _discover(types: int, fields: int) -> Cost:
    with _portal(deals=300) as (app, connector):
        portal = app.portal
        for number in range(2_000, 2_000 + 2 * types, 2):
            portal.smart_types[number] = SmartType(
                number, number // 2, f"Type {number}", ("Stages", "LinkWithProducts")
            )
            portal.tables[f"item_{number}"] = portal.tables["item_1036"]
        for place in range(fields):
            portal.add_user_field("deal", f"UF_CRM_{place}", "string", en=f"Field {place}")
        (printed,), cost = _timed(app, lambda: [line for line in connector.lines("discover") if '"CATALOG"' in line])
        size = f"a catalog of {len(printed) / 1e6:.1f} MB"
        return Cost(f"`discover`: {types} further types, {fields} further custom fields of deals", size, *cost)


def _read(items: int) -> Iterator[Cost]:
    none = dict.fromkeys(("item_31s", "item_1030s", "item_1036s"), 0)
    with _portal(deals=10, item_130s=items, **none) as (app, connector):
        standard = len(app.portal.tables[f"item_{_ITEM_TYPE}"].fields)
        for place in range(_COLUMNS - standard):
            app.portal.add_user_field(f"item_{_ITEM_TYPE}", f"UF_CRM_2_{place}", "string", en=f"Field {place}")
        states: list[dict[str, Any]] = []
        for title in ("first sync", "later sync"):
            printed, cost = _timed(app, partial(connector.read, *_TABLES, state=states))
            assert connector.exit_code == 0
            states = _states(printed)
            names = [message["record"]["stream"] for message in printed if message["type"] == "RECORD"]
            rows = ", ".join(f"{names.count(name):,} {name}" for name in _TABLES)
            yield Cost(f"{items:,} items of {_COLUMNS} columns with their product rows: {title}", rows, *cost)
            app.portal.clock.sleep(86_400)


def _timed(app: App, run: Any) -> tuple[list[Any], tuple[int, float, float, float]]:
    app.log.clear()
    clock, started, processor = app.portal.clock, app.portal.clock.now(), process_time()
    printed = list(run())
    seconds = sum(entry.seconds for entry in app.log)
    return printed, (len(app.log), seconds, clock.now() - started, process_time() - processor)


def _states(printed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    messages = [message["state"] for message in printed if message["type"] == "STATE"]
    return list({state["stream"]["stream_descriptor"]["name"]: state for state in messages}.values())


@contextmanager
def _portal(**sizes: Any) -> Iterator[tuple[App, Connector]]:
    app = App(sample_portal(PlayedClock(), **sizes))
    app.limits.latency = STATED.latency
    with TemporaryDirectory() as folder:
        yield app, Connector(app, Path(folder), concurrent_requests=12)
