"""Running one reader against one portal, and what it took."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from .readers import Errand, Reader
from .served import ROOT, Served

_LONGEST = 3600.0


@dataclass(slots=True)
class Printed:
    """What a connector prints: rows and distinct keys by table, the last state of each, errors."""

    rows: Counter[str] = field(default_factory=Counter)
    keys: dict[str, set[int]] = field(default_factory=dict)
    states: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    streams: list[Mapping[str, Any]] = field(default_factory=list)
    error: str = ""

    def take(self, lines: Iterable[bytes], pause: float) -> None:
        """Take lines of the Airbyte protocol, with so many seconds between them."""
        for line in lines:
            if pause:
                time.sleep(pause)
            if not line.endswith(b"\n"):
                return  # the process was ended in the middle of it
            message = orjson.loads(line)
            match message["type"]:
                case "RECORD":
                    record = message["record"]
                    self.rows[record["stream"]] += 1
                    self.keys.setdefault(record["stream"], set()).add(int(record["data"]["ID"]))
                case "STATE":
                    told = message["state"]
                    self.states[told["stream"]["stream_descriptor"]["name"]] = told
                case "CATALOG":
                    self.streams = message["catalog"]["streams"]
                case "TRACE" if message["trace"]["type"] == "ERROR":
                    self.error = message["trace"]["error"]["message"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a read brought and took. `startup`: the seconds until its first request; `error`: why it failed."""

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


def run(reader: Reader, errand: Errand, served: Served, longest: float = _LONGEST) -> Figures:
    """Let a reader do its errand against a fresh portal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = launched(reader.command(errand, folder), folder, reader.prints_records, longest, reader.pause)
    counts, usage = _counts(reader, done), done.usage
    asked = served.statistics()
    return Figures(
        rows=sum(rows for rows, _ in counts.values()),
        distinct=sum(distinct for _, distinct in counts.values()),
        requests=asked["requests"],
        rows_sent=asked["rows_sent"],
        server_seconds=asked["server_seconds"],
        limit_errors=asked["limit_errors"],
        wall=usage["wall"],
        startup=(asked["first_at"] or usage["started"]) - usage["started"],
        cpu=usage["cpu"],
        peak_mb=usage["peak_mb"],
        error=(done.printed.error or _last_line(done.complaints)) if usage["code"] else "",
    )


@dataclass(frozen=True, slots=True)
class Launched:
    """What a command printed, took and complained of. `output`: what was not taken for the Airbyte protocol."""

    printed: Printed
    output: str
    complaints: str
    usage: Mapping[str, Any]


def launched(
    command: Sequence[str], folder: Path, prints_messages: bool, longest: float, pause: float = 0.0
) -> Launched:
    """Run a command, but not longer than so many seconds. `pause`: seconds between the lines that are read of its stdout."""
    report, complaints = folder / "usage.json", folder / "stderr.txt"
    launch = [sys.executable, "-m", "benchmarks.launch", str(report), str(longest), *command]
    printed, output = Printed(), b""
    with (
        complaints.open("wb") as stderr,
        subprocess.Popen(launch, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr) as process,
    ):
        assert process.stdout
        if prints_messages:
            printed.take(process.stdout, pause)
        else:
            output = process.stdout.read()
    usage = json.loads(report.read_text())
    return Launched(printed, output.decode(), complaints.read_text(errors="replace"), usage)


def _counts(reader: Reader, done: Launched) -> dict[str, tuple[int, int]]:
    """Rows and distinct rows by table."""
    if reader.prints_records:
        return {name: (rows, len(done.printed.keys[name])) for name, rows in done.printed.rows.items()}
    lines = done.output.splitlines()
    return dict(json.loads(lines[-1])) if lines else {}


def _last_line(complaints: str) -> str:
    """Of a traceback, the exception; what belongs to it is indented."""
    lines = [line for line in complaints.splitlines() if line and not line[0].isspace()]
    return lines[-1][:200] if lines else "it said nothing"


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of each figure; of the distinct rows the fewest, of errors the first."""
    values: dict[str, Any] = {
        one.name: median(getattr(run, one.name) for run in runs) for one in fields(Figures) if one.name != "error"
    }
    values["distinct"] = min(run.distinct for run in runs)
    return Figures(**values, error=next((run.error for run in runs if run.error), ""))
