"""The cost of finding rows that are gone, and of a sync without news: `python -m benchmarks deletions`.

The portal is the emulator, in this process, with the stated latencies and limits and a played clock: seconds are those of
the portal's clock, without this machine's processor.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.sync.id_set import IdSet
from source_bitrix24.sync.printed_rows import PrintedRows

from . import report
from .limits import STATED

_DEALS, _GONE = 1_000_000, 100
TABLES_OF_0_1 = (
    *("activities", "companies", "contacts", "deals", "leads", "deal_stage_history"),
    *(f"{name}_custom_field_values" for name in ("company", "contact", "deal", "lead")),
    *("catalogs", "products", "quotes", "contact_companies", "deal_products", "lead_products", "quote_products"),
    *("deal_custom_field_definitions", "deal_pipelines", "deal_pipeline_stages"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a sync took of the portal. `state_bytes`: of the last STATE line of the first stream."""

    title: str
    requests: int
    commands: int
    server_seconds: float
    seconds: float
    state_bytes: int

    def row(self) -> str:
        """A line of the table."""
        return (
            f"| {self.title} | {self.requests:,} | {self.commands:,} | {self.server_seconds:,.1f} | {self.seconds:,.1f} "
            f"| {self.state_bytes:,} |"
        )


def markdown(options: argparse.Namespace) -> str:
    """Measure, and return the section."""
    deals, gone = (_DEALS // 100, _GONE // 10) if options.quick else (_DEALS, _GONE)
    return "\n".join(
        [
            "## Rows that are gone, and syncs without news",
            "",
            report.made_with("python -m benchmarks deletions" + " --quick" * options.quick, STATED),
            "",
            "Seconds are those of the portal's clock: requests, their limits and latencies, without the reader's processor.",
            "A full refresh of the same deals stands under *As rows grow*.",
            "",
            "| | requests | commands | server s | s | bytes of state |",
            "| --- | --: | --: | --: | --: | --: |",
            *(cost.row() for cost in [*_deletions(deals, gone), *_idle()]),
        ]
    )


def _deletions(deals: int, gone: int) -> Iterator[Cost]:
    for used, holes in (("no IDs missing", 0.0), ("one ID in three used", 2 / 3)):
        with _portal(deals=deals, holes=holes) as (app, connector):
            ids = app.portal.tables["deal"].ids
            state = _state(app, IdSet.of(ids[:-1]))
            for number in list(ids[:-1])[:: deals // gone][:gone]:
                app.portal.delete("deal", number)
            title = f"{gone} of {deals:,} deals are gone, {used}"
            app.portal.clock.sleep(86_400)
            yield _cost(title, app, connector, ("deals",), [state])
            unlearned = json.loads(json.dumps(state))
            del unlearned["stream"]["stream_state"]["rows"]
            yield _cost(
                f"beside it: all IDs of {deals:,} deals are read, {used}", app, connector, ("deals",), [unlearned]
            )


def _idle() -> Iterator[Cost]:
    for names in (TABLES_OF_0_1, [table.name for table in TABLES]):
        with _portal(deals=700) as (app, connector):
            states = _states(connector.read(*names))
            for _ in range(2):
                app.portal.clock.sleep(86_400)
                app.log.clear()
                states = _states(connector.read(*names, state=states))
            app.portal.clock.sleep(86_400)
            yield _cost(f"a sync of {len(names)} tables without news", app, connector, names, states)


def _cost(title: str, app: App, connector: Connector, names: Sequence[str], states: list[Any]) -> Cost:
    app.log.clear()
    started = app.portal.clock.now()
    lines = list(connector.lines("read", catalog=connector.catalog(names), state=states))
    assert connector.exit_code == 0
    sizes = [len(line) for line in lines if line.startswith('{"type":"STATE"')]
    return Cost(
        title,
        len(app.log),
        sum(sum(entry.methods.values()) for entry in app.log),
        sum(entry.seconds for entry in app.log),
        app.portal.clock.now() - started,
        max(sizes),
    )


def _states(printed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = {
        message["state"]["stream"]["stream_descriptor"]["name"]: message["state"]
        for message in printed
        if message["type"] == "STATE"
    }
    return list(last.values())


def _state(app: App, ids: IdSet) -> dict[str, Any]:
    """Return the state of deals behind a first sync."""
    rows = PrintedRows(ids, is_counted=True)
    state = {"DATE_MODIFY": app.portal.wire.moment(app.portal.now()), "max_id": ids.greatest, "rows": rows.dump()}
    descriptor = {"name": "deals"}
    return {"type": "STREAM", "stream": {"stream_descriptor": descriptor, "stream_state": state}}


@contextmanager
def _portal(**sizes: Any) -> Iterator[tuple[App, Connector]]:
    app = App(sample_portal(PlayedClock(), **sizes))
    app.limits.latency = STATED.latency
    with TemporaryDirectory() as folder:
        yield app, Connector(app, Path(folder), concurrent_requests=12)
