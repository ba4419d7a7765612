"""The readers, and the command line of each for a read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from emulator.methods.products import ONLY_IN_GET
from source_bitrix24.catalog.table import PerParent, Scanned
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.portal.dialect import ITEMS

from .environment import READER_PYTHON
from .peers.task import Listing, Task
from .peers.task import PerParent as PerParentTask

_BY_NAME = {table.name: table for table in TABLES}
_CURSOR = "DATE_MODIFY"


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Which tables to read from which portal.

    `since`: read only what has changed since then. `state`: this connector's state of that time. `plan`: the portal's plan
    in this connector's settings.
    """

    webhook: str
    tables: tuple[str, ...]
    catalog: list[Mapping[str, Any]]
    in_flight: int = 12
    since: str = ""
    state: list[Mapping[str, Any]] | None = None
    plan: str = "standard"

    def task(self) -> Task:
        """The job for a peer."""
        lists: list[Listing] = []
        per_parent: list[PerParentTask] = []
        for name in self.tables:
            table = _BY_NAME[name]
            if isinstance(table, Scanned):
                lists.append(self._listing(table))
            elif isinstance(table, PerParent):
                parents = Listing(name, table.parent_list, ["ID"])
                per_parent.append(PerParentTask(name, table.method, parents))
        return Task(self.webhook, lists, per_parent)

    def _listing(self, table: Scanned) -> Listing:
        changed = {f">={_CURSOR}": self.since} if self.since else {}
        return Listing(
            table.name,
            table.method,
            list(table.select),
            changed,
            dict(table.params),
            narrow=bool(self.since),
            items=table.dialect is ITEMS,
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader: its name in the report, and its module.

    `is_connector`: it is an Airbyte connector; `columns_left_out`: columns that its user does not select; `settings`: its
    user's others; `only`: the only workloads that it is run for; `pause`: seconds before each line of its stdout is read;
    `arguments`: of a connector, before its command.
    """

    name: str
    module: str
    is_connector: bool = False
    columns_left_out: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    only: tuple[str, ...] = ()
    pause: float = 0.0
    arguments: tuple[str, ...] = ()

    def command(self, job: ReadJob, folder: Path) -> list[str]:
        """The command line. Its files are written to `folder`."""
        if not self.is_connector:
            return [str(READER_PYTHON), "-m", self.module, _write(folder, "task", asdict(job.task()))]
        settings: dict[str, Any] = {
            "webhook_url": job.webhook,
            "concurrent_requests": job.in_flight,
            "portal_plan": job.plan,
            **self.settings,
        }
        streams = [self._selected(stream) for stream in job.catalog if stream["name"] in job.tables]
        state = job.state
        if self is BY_PAGE:
            settings |= {name: asdict(job.task())[name] for name in ("lists", "per_parent")}
            streams = [_plain_stream(stream) for stream in streams]
            state = [_state(name, {_CURSOR: job.since}) for name in job.tables] if job.since else None
        files: dict[str, Any] = {
            "config": settings,
            "catalog": {"streams": [_configured(stream) for stream in streams]},
        }
        if state:
            files["state"] = state
        options = [part for name, content in files.items() for part in (f"--{name}", _write(folder, name, content))]
        return [str(READER_PYTHON), "-m", self.module, *self.arguments, "read", *options]

    def _selected(self, stream: Mapping[str, Any]) -> Mapping[str, Any]:
        schema = stream["json_schema"]
        columns = {name: column for name, column in schema["properties"].items() if name not in self.columns_left_out}
        return {**stream, "json_schema": {**schema, "properties": columns}}


THIS_CONNECTOR = Reader("this connector", "source_bitrix24.run", is_connector=True)
SLOW_CONSUMER = replace(THIS_CONNECTOR, name="this connector, slow consumer", pause=0.0001)
BY_PAGE = Reader("by page", "benchmarks.peers.by_page", is_connector=True)
# columns of product rows that only the method for one owner shows as they are (P4.7, P4.9)
GET_ONLY_COLUMNS = (*ONLY_IN_GET, "STORE_ID")
READERS = (
    THIS_CONNECTOR,
    replace(
        THIS_CONNECTOR,
        name="this connector without six columns",
        columns_left_out=GET_ONLY_COLUMNS,
        only=("products", "ten"),
    ),
    replace(
        THIS_CONNECTOR, name="this connector without deletions", settings={"detect_deletions": False}, only=("changed",)
    ),
    Reader("fast_bitrix24", "benchmarks.peers.with_fast_bitrix24"),
    Reader("b24pysdk", "benchmarks.peers.with_b24pysdk"),
    Reader("b24api", "benchmarks.peers.with_b24api"),
    BY_PAGE,
)


def discover_command(webhook: str, folder: Path) -> list[str]:
    """This connector's `discover`."""
    config = _write(folder, "config", {"webhook_url": webhook})
    return [str(READER_PYTHON), "-m", THIS_CONNECTOR.module, "discover", "--config", config]


def _configured(stream: Mapping[str, Any]) -> dict[str, Any]:
    mode = "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh"
    return {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"}


def _plain_stream(stream: Mapping[str, Any]) -> dict[str, Any]:
    modes = ["full_refresh", "incremental"] if isinstance(_BY_NAME[stream["name"]], Scanned) else ["full_refresh"]
    plain = {"name": stream["name"], "json_schema": {"type": "object"}, "supported_sync_modes": modes}
    return {**plain, "source_defined_cursor": True, "default_cursor_field": [_CURSOR]}


def _state(name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": state}}


def _write(folder: Path, name: str, content: Any) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)
