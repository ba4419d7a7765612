"""The readers: how each is started for a workload, and what it is given."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from source_bitrix24.catalog.table import PerParent, Scanned
from source_bitrix24.catalog.tables import TABLES

from .environment import PEER_PYTHON
from .peers.task import Listing, Task
from .peers.task import PerParent as PerParentTask
from .served import ROOT

_BY_NAME = {table.name: table for table in TABLES}
_CURSOR = "DATE_MODIFY"


@dataclass(frozen=True, slots=True)
class Errand:
    """What a reader shall bring from where. `since`: what changed since then; `state`: what this connector left then.

    `plan`: the portal's, as this connector is told.
    """

    webhook: str
    tables: tuple[str, ...]
    catalog: list[Mapping[str, Any]]
    in_flight: int = 4
    since: str = ""
    state: list[Mapping[str, Any]] | None = None
    plan: str = "standard"

    def task(self) -> Task:
        """The same for a peer."""
        plain: list[Listing] = []
        per_parent: list[PerParentTask] = []
        for name in self.tables:
            table = _BY_NAME[name]
            if isinstance(table, Scanned):
                plain.append(self._listing(table))
            elif isinstance(table, PerParent):
                parents = Listing(name, table.parent_list, ["ID"])
                per_parent.append(PerParentTask(name, table.method, parents))
        return Task(self.webhook, plain, per_parent)

    def _listing(self, table: Scanned) -> Listing:
        changed = {f">={_CURSOR}": self.since} if self.since else {}
        return Listing(
            table.name, table.method, list(table.select), changed, dict(table.params), narrow=bool(self.since)
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: its name in the report and its module. `prints_records`: it is an Airbyte connector.

    `columns_left_out`: what its user does not select; `only`: the one workload that it is for; `pause`: seconds after each
    line before the next one is read from its stdout.
    """

    name: str
    module: str
    prints_records: bool = False
    columns_left_out: tuple[str, ...] = ()
    only: str = ""
    pause: float = 0.0

    def command(self, errand: Errand, folder: Path) -> list[str]:
        """The command line, its files written into `folder`."""
        if not self.prints_records:
            return [str(PEER_PYTHON), "-m", self.module, _written(folder, "task", asdict(errand.task()))]
        settings: dict[str, Any] = {
            "webhook_url": errand.webhook,
            "concurrent_requests": errand.in_flight,
            "portal_plan": errand.plan,
        }
        streams = [self._selected(one) for one in errand.catalog if one["name"] in errand.tables]
        state = errand.state
        if self is BY_PAGE:
            settings |= {name: asdict(errand.task())[name] for name in ("lists", "per_parent")}
            streams = [_plain_stream(one) for one in streams]
            state = [_state(name, {_CURSOR: errand.since}) for name in errand.tables] if errand.since else None
        files = {"config": settings, "catalog": {"streams": [_configured(one) for one in streams]}}
        if state:
            files["state"] = state  # type: ignore[assignment]
        told = [part for name, content in files.items() for part in (f"--{name}", _written(folder, name, content))]
        return [sys.executable, "-m", self.module, "read", *told]

    def _selected(self, stream: Mapping[str, Any]) -> Mapping[str, Any]:
        schema = stream["json_schema"]
        columns = {name: one for name, one in schema["properties"].items() if name not in self.columns_left_out}
        return {**stream, "json_schema": {**schema, "properties": columns}}


THIS = Reader("this connector", "source_bitrix24.run", prints_records=True)
READ_SLOWLY = replace(THIS, name="this connector, stdout read slowly", pause=0.0001)
BY_PAGE = Reader("by page", "benchmarks.peers.by_page", prints_records=True)
ONLY_TOLD_ALONE = ("ORIGINAL_PRODUCT_NAME", "PRODUCT_DESCRIPTION", "RESERVE_ID", "RESERVE_QUANTITY", "DATE_RESERVE_END")
READERS = (
    THIS,
    replace(THIS, name="this connector without five columns", columns_left_out=ONLY_TOLD_ALONE, only="products"),
    Reader("fast_bitrix24", "benchmarks.peers.with_fast_bitrix24"),
    Reader("b24pysdk", "benchmarks.peers.with_b24pysdk"),
    Reader("b24api", "benchmarks.peers.with_b24api"),
    BY_PAGE,
)


def discover_command(webhook: str, folder: Path) -> list[str]:
    """This connector's `discover`."""
    config = _written(folder, "config", {"webhook_url": webhook})
    return [sys.executable, "-m", THIS.module, "discover", "--config", config]


def _configured(stream: Mapping[str, Any]) -> dict[str, Any]:
    mode = "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh"
    return {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"}


def _plain_stream(stream: Mapping[str, Any]) -> dict[str, Any]:
    modes = ["full_refresh", "incremental"] if isinstance(_BY_NAME[stream["name"]], Scanned) else ["full_refresh"]
    plain = {"name": stream["name"], "json_schema": {"type": "object"}, "supported_sync_modes": modes}
    return {**plain, "source_defined_cursor": True, "default_cursor_field": [_CURSOR]}


def _state(name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": state}}


def _written(folder: Path, name: str, content: Any) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


__all__ = ["BY_PAGE", "READERS", "READ_SLOWLY", "ROOT", "THIS", "Errand", "Reader", "discover_command"]
