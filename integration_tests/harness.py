"""Runs the connector through its entry point against a mounted emulator; a warehouse that loads the printed messages."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from source_bitrix24.entrypoint import Entrypoint
from source_bitrix24.source import SourceBitrix24

Message = dict[str, Any]
Row = dict[str, Any]
State = list[dict[str, Any]]


class Connector:
    """The connector, configured for a portal. No command shares state with another one.

    `is_mounted`: whether the portal is mounted on its session; else it is reached through a socket.
    """

    def __init__(self, app: App, folder: Path, *, is_mounted: bool = True, **settings: Any) -> None:
        self.app = app
        self._is_mounted = is_mounted
        self.folder = folder
        self.settings: dict[str, Any] = {"webhook_url": app.webhook_url, "concurrent_requests": 1, **settings}
        self.exit_code = 0
        self.columns_left_out: tuple[str, ...] = ()
        self._streams: list[dict[str, Any]] | None = None

    def lines(self, command: str, **files: Any) -> Iterator[str]:
        """The lines that a command prints; afterwards `exit_code` is set. `files`: contents of --catalog and --state."""
        session = None
        if self._is_mounted:
            session = requests.Session()
            session.mount("https://", EmulatorAdapter(self.app))
        entrypoint = Entrypoint(SourceBitrix24(self.app.portal.clock, session))
        arguments = [command]
        if command != "spec":
            files["config"] = self.settings
        for name, content in files.items():
            path = self.folder / f"{name}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        self.exit_code = 0
        try:
            for output in entrypoint.outputs(entrypoint.parse_args(arguments)):
                yield from output.lines.decode().splitlines()
        except SystemExit as end:
            self.exit_code = int(end.code or 0)

    def messages(self, command: str, **files: Any) -> list[Message]:
        """The messages that a command prints. Every line must be a message."""
        return [json.loads(line) for line in self.lines(command, **files)]

    def streams(self) -> list[dict[str, Any]]:
        """The discovered streams."""
        if self._streams is None:
            (catalog,) = [message["catalog"] for message in self.messages("discover") if message["type"] == "CATALOG"]
            self._streams = catalog["streams"]
        return self._streams

    def catalog(self, names: Sequence[str] = (), sync_mode: str = "incremental") -> Message:
        """A configured catalog of the named streams, or of all, in `sync_mode` where a stream supports it.

        It lacks the columns that the user has deselected (`columns_left_out`).
        """
        return self._configured(
            [stream for stream in self.streams() if not names or stream["name"] in names], sync_mode
        )

    def catalog_of(self, discovered: Iterable[Message]) -> Message:
        """A configured catalog of all streams in the messages of a `discover`."""
        (catalog,) = [message["catalog"] for message in discovered if message["type"] == "CATALOG"]
        return self._configured(catalog["streams"], "incremental")

    def _configured(self, streams: Iterable[dict[str, Any]], sync_mode: str) -> Message:
        selected = [self._selected(stream) for stream in streams]
        return {
            "streams": [
                {
                    "stream": stream,
                    "sync_mode": sync_mode if sync_mode in stream["supported_sync_modes"] else "full_refresh",
                    "destination_sync_mode": "append_dedup",
                }
                for stream in selected
            ]
        }

    def _selected(self, stream: dict[str, Any]) -> dict[str, Any]:
        schema = stream["json_schema"]
        columns = {name: column for name, column in schema["properties"].items() if name not in self.columns_left_out}
        return {**stream, "json_schema": {**schema, "properties": columns}}

    def read_lines(self, *names: str, state: State | None = None, sync_mode: str = "incremental") -> Iterator[Message]:
        """The messages of a read, yielded as they are printed."""
        files: dict[str, Any] = {"catalog": self.catalog(names, sync_mode)}
        if state:
            files["state"] = state
        return (json.loads(line) for line in self.lines("read", **files))

    def read(self, *names: str, state: State | None = None, sync_mode: str = "incremental") -> list[Message]:
        """All messages of a read."""
        return list(self.read_lines(*names, state=state, sync_mode=sync_mode))


class Warehouse:
    """Merges records as a destination does, and keeps the last state of each stream.

    Of two records with one primary key, the one with the newer cursor wins, the later line on a tie; a record that says when
    it was deleted removes the row. `latest_line_wins`: whatever the cursor, for portals whose clocks repeat an hour: there
    an edit can carry an earlier date than the one before.
    """

    def __init__(self, streams: Iterable[dict[str, Any]], *, latest_line_wins: bool = False) -> None:
        streams = list(streams)
        self._keys = {stream["name"]: [path[0] for path in stream["source_defined_primary_key"]] for stream in streams}
        self._cursors = {} if latest_line_wins else {one["name"]: one.get("default_cursor_field") for one in streams}
        self._merged: dict[str, dict[tuple[Any, ...], Row]] = {name: {} for name in self._keys}  # with tombstones
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {name: {} for name in self._keys}
        self._states: dict[str, dict[str, Any]] = {}

    @property
    def state(self) -> State:
        """The state that the platform passes to the next sync."""
        return list(self._states.values())

    def take(self, messages: Iterable[Message]) -> None:
        """Load the messages of a read."""
        for message in messages:
            if message["type"] == "RECORD":
                self._merge(message["record"]["stream"], message["record"]["data"])
            elif message["type"] == "STATE":
                self._states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]

    def rows(self, name: str) -> list[Row]:
        """The rows of a table, ordered by key."""
        return [self.tables[name][key] for key in sorted(self.tables[name])]

    def _merge(self, name: str, row: Row) -> None:
        key = tuple(row[column] for column in self._keys[name])
        cursor = next(iter(self._cursors.get(name) or ()), None)
        before = self._merged[name].get(key)
        if cursor and before and _moment(row.get(cursor)) < _moment(before.get(cursor)):
            return
        self._merged[name][key] = row
        if row.get("_ab_cdc_deleted_at"):
            self.tables[name].pop(key, None)
        else:
            self.tables[name][key] = row


def _moment(text: Any) -> float:
    """Nulls come last in a destination's order of newest rows."""
    return datetime.fromisoformat(text).timestamp() if text else -inf


def records(messages: Iterable[Message], name: str) -> list[Row]:
    """The records of a stream in the order they were printed."""
    found = [message["record"] for message in messages if message["type"] == "RECORD"]
    return [record["data"] for record in found if record["stream"] == name]


def states(messages: Iterable[Message], name: str) -> list[dict[str, Any]]:
    """The states of a stream in the order they were printed."""
    found = [message["state"]["stream"] for message in messages if message["type"] == "STATE"]
    return [state["stream_state"] for state in found if state["stream_descriptor"]["name"] == name]


def errors(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The error traces."""
    traces = [message["trace"] for message in messages if message["type"] == "TRACE"]
    return [trace["error"] for trace in traces if trace["type"] == "ERROR"]


def differences(copy: Iterable[Row], portal: Iterable[Row], key: Sequence[str]) -> list[str]:
    """Descriptions of all differences between two tables. Null and a missing column are equal.

    A custom field that is empty has no row, or one without values.
    """
    ours, theirs = _by_key(copy, key), _by_key(portal, key)
    missing = [row_key for row_key in theirs.keys() - ours.keys() if not _is_empty_field(theirs[row_key])]
    found = [f"{row_key}: missing from the copy" for row_key in missing]
    found += [f"{row_key}: not in the portal" for row_key in ours.keys() - theirs.keys()]
    for row_key in ours.keys() & theirs.keys():
        our_row, their_row = ours[row_key], theirs[row_key]
        for column in our_row.keys() | their_row.keys():
            if our_row.get(column) != their_row.get(column):
                found.append(f"{row_key}.{column}: {our_row.get(column)!r}, in the portal {their_row.get(column)!r}")
    return sorted(found)


def without_words(rows: Iterable[Row]) -> list[Row]:
    """Rows without labels: those of people are empty while the user may not read people."""
    return [{name: value for name, value in row.items() if not name.endswith(("_LABEL", "LABELS"))} for row in rows]


def _is_empty_field(row: Row) -> bool:
    return row.get("VALUES", row.get("values")) == []


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[column] for column in key): row for row in rows}
