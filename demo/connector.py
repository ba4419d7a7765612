"""Runs the installed connector as Airbyte does: as a process, with files for its settings, and messages on its stdout."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PROGRAM = str(Path(sys.executable).with_name("source-bitrix24"))


@dataclass
class ReadResult:
    """The output of one `read`: rows, states and the times of status messages (epoch seconds), by stream."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)

    def __init__(self, messages: Iterable[dict[str, Any]]) -> None:
        self.rows, self.states, self.times = {}, {}, {}
        for message in messages:
            if message["type"] == "RECORD":
                self.rows.setdefault(message["record"]["stream"], []).append(message["record"]["data"])
            elif message["type"] == "STATE":
                self.states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
            elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
                name = message["trace"]["stream_status"]["stream_descriptor"]["name"]
                self.times.setdefault(name, []).append(message["trace"]["emitted_at"] / 1000)

    def summary(self, request_times: list[float]) -> str:
        """Return a table of rows, requests and seconds by stream.

        A request counts for the first stream that was being read when it arrived: streams that share a list share its
        requests, and a prefetched request can count for another stream.
        """
        lines = [f"  {'stream':32}{'rows':>8}{'requests':>10}{'seconds':>9}"]
        requests = Counter(
            next((name for name, times in self.times.items() if times[0] <= time <= times[-1]), "")
            for time in request_times
        )
        for name, times in self.times.items():
            lines.append(f"  {name:32}{len(self.rows.get(name, [])):8,}{requests[name]:10}{times[-1] - times[0]:9.2f}")
        started, ended = min(times[0] for times in self.times.values()), max(times[-1] for times in self.times.values())
        total = sum(map(len, self.rows.values()))
        return "\n".join([*lines, f"  {'all':32}{total:8,}{len(request_times):10}{ended - started:9.2f}"])


class DemoConnector:
    """The connector, with its files in one folder. Prints every command before running it."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._folder = folder
        self.write("config", settings)

    def write(self, name: str, content: Any) -> None:
        """Write NAME.json for a later command."""
        (self._folder / f"{name}.json").write_text(json.dumps(content, indent=2), encoding="utf-8")

    def run(self, command: str, *files: str, save_as: str = "") -> list[dict[str, Any]]:
        """Run a command with some of the files and return its messages. Ends the demo if the command fails."""
        arguments = [f"--{name} {self._folder.name}/{name}.json" for name in files]
        print(f"\n$ source-bitrix24 {' '.join([command, *arguments])}")
        command_line = [_PROGRAM, command]
        for name in files:
            command_line += [f"--{name}", str(self._folder / f"{name}.json")]
        finished = subprocess.run(command_line, stdout=subprocess.PIPE, text=True, check=False)
        if save_as:
            (self._folder / save_as).write_text(finished.stdout, encoding="utf-8")
        lines = finished.stdout.splitlines()
        if finished.returncode:
            sys.exit("\n".join(line for line in lines if '"RECORD"' not in line))
        return [json.loads(line) for line in lines]
