"""Runs a reader against a portal and measures it."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import orjson

from .portal_process import ROOT, PortalProcess
from .readers import Reader, ReadJob

_TIMEOUT = 3600.0


class _Row(msgspec.Struct):
    ID: int | str
    FIELD_NAME: str | None = None


class _Record(msgspec.Struct):
    stream: str
    data: _Row


class _Line(msgspec.Struct):
    """A message, decoded no further than counting needs: it runs on the processors that are measured."""

    type: str
    record: _Record | None = None


_decode = msgspec.json.Decoder(_Line).decode


@dataclass(slots=True)
class Messages:
    """The messages of a connector: rows and distinct keys by table, the last state of each table, streams, the error."""

    rows: Counter[str] = field(default_factory=Counter)
    keys: dict[str, set[Hashable]] = field(default_factory=dict)
    states: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    streams: list[Mapping[str, Any]] = field(default_factory=list)
    error: str = ""

    def consume(self, lines: Iterable[bytes], pause: float) -> None:
        """Read lines of the Airbyte protocol, with a pause in seconds before each."""
        for line in lines:
            if pause:
                time.sleep(pause)
            if not line.endswith(b"\n"):
                return  # the process was killed in the middle of a line
            record = _decode(line).record
            if record:
                self.rows[record.stream] += 1
                self.keys.setdefault(record.stream, set()).add(_key(record.data))
                continue
            message = orjson.loads(line)
            match message["type"]:
                case "STATE":
                    state = message["state"]
                    self.states[state["stream"]["stream_descriptor"]["name"]] = state
                case "CATALOG":
                    self.streams = message["catalog"]["streams"]
                case "TRACE" if message["trace"]["type"] == "ERROR":
                    self.error = message["trace"]["error"]["message"]


@dataclass(frozen=True, slots=True)
class Figures:
    """The measurements of a read. `startup`: seconds until the first request; `error`: why it failed, or empty."""

    rows: float
    distinct: float
    requests: float
    rows_sent: float
    server_seconds: float
    limit_errors: float
    wall: float
    startup: float
    cpu: float
    peak_mb: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class TimedRun:
    """A finished command: its messages if it is a connector, else its stdout; its stderr; the report of `timed_process`."""

    messages: Messages
    stdout: str
    stderr: str
    usage: Mapping[str, Any]


def measure(reader: Reader, job: ReadJob, portal: PortalProcess, timeout: float = _TIMEOUT) -> Figures:
    """Run a reader against a new portal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = timed_run(reader.command(job, folder), folder, reader.is_connector, timeout, reader.pause)
    counts, usage = _counts(reader, done), done.usage
    statistics = portal.statistics()
    return Figures(
        rows=sum(rows for rows, _ in counts.values()),
        distinct=sum(distinct for _, distinct in counts.values()),
        requests=statistics["requests"],
        rows_sent=statistics["rows_sent"],
        server_seconds=statistics["server_seconds"],
        limit_errors=statistics["limit_errors"],
        wall=usage["wall"],
        startup=(statistics["first_at"] or usage["started"]) - usage["started"],
        cpu=usage["cpu"],
        peak_mb=usage["peak_mb"],
        error=_error(done, timeout),
    )


def timed_run(command: Sequence[str], folder: Path, is_connector: bool, timeout: float, pause: float = 0.0) -> TimedRun:
    """Run a command; it is killed after `timeout` seconds. `pause`: seconds before each line of stdout is read."""
    report, errors = folder / "usage.json", folder / "stderr.txt"
    timed = [sys.executable, "-m", "benchmarks.timed_process", str(report), str(timeout), *command]
    messages, stdout = Messages(), b""
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(timed, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr) as process,
    ):
        assert process.stdout
        if is_connector:
            messages.consume(process.stdout, pause)
        else:
            stdout = process.stdout.read()
    usage = json.loads(report.read_text())
    return TimedRun(messages, stdout.decode(), errors.read_text(errors="replace"), usage)


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of each figure, but the fewest distinct rows and the first error."""
    values: dict[str, Any] = {
        figure.name: median(getattr(run, figure.name) for run in runs)
        for figure in fields(Figures)
        if figure.name != "error"
    }
    values["distinct"] = min(run.distinct for run in runs)
    return Figures(**values, error=next((run.error for run in runs if run.error), ""))


def _counts(reader: Reader, done: TimedRun) -> dict[str, tuple[int, int]]:
    """Rows and distinct rows by table."""
    if reader.is_connector:
        return {name: (rows, len(done.messages.keys[name])) for name, rows in done.messages.rows.items()}
    lines = done.stdout.splitlines()
    return dict(json.loads(lines[-1])) if lines else {}


def _key(row: _Row) -> Hashable:
    return int(row.ID) if row.FIELD_NAME is None else (int(row.ID), sys.intern(row.FIELD_NAME))


def _error(done: TimedRun, timeout: float) -> str:
    if not done.usage["code"]:
        return ""
    if done.usage["wall"] >= timeout:
        return f"it was not done after {timeout:,.0f} s and was stopped"
    return done.messages.error or _last_line(done.stderr)


def _last_line(stderr: str) -> str:
    """The exception of a traceback: its last line that is not indented."""
    lines = [line for line in stderr.splitlines() if line and not line[0].isspace()]
    return lines[-1][:200] if lines else "without a message"
