"""Running the installed connector as Airbyte does: a process, files for settings, messages on its stdout."""

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
class Reading:
    """What one read brought: rows and states by stream, and from when to when each stream was read (seconds)."""

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

    def table(self, request_times: list[float]) -> str:
        """Stream, rows, requests, seconds."""
        lines = [f"  {'stream':32}{'rows':>8}{'requests':>10}{'seconds':>9}"]
        requests = Counter(
            next((name for name, times in self.times.items() if times[0] <= at <= times[-1]), "")
            for at in request_times
        )
        for name, times in self.times.items():
            lines.append(f"  {name:32}{len(self.rows.get(name, [])):8,}{requests[name]:10}{times[-1] - times[0]:9.2f}")
        began, ended = min(times[0] for times in self.times.values()), max(times[-1] for times in self.times.values())
        total = sum(map(len, self.rows.values()))
        return "\n".join([*lines, f"  {'all':32}{total:8,}{len(request_times):10}{ended - began:9.2f}"])


class DemoConnector:
    """The connector, with its files in one folder. Every command is printed before it is run."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._folder = folder
        self.write("config", settings)

    def write(self, name: str, content: Any) -> None:
        """Write NAME.json for a later command."""
        (self._folder / f"{name}.json").write_text(json.dumps(content, indent=2), encoding="utf-8")

    def run(self, command: str, *files: str, keep_as: str = "") -> list[dict[str, Any]]:
        """The messages a command prints. Ends the demo if it fails."""
        arguments = [f"--{name} {self._folder.name}/{name}.json" for name in files]
        print(f"\n$ source-bitrix24 {' '.join([command, *arguments])}")
        line = [_PROGRAM, command]
        for name in files:
            line += [f"--{name}", str(self._folder / f"{name}.json")]
        ended = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False)
        if keep_as:
            (self._folder / keep_as).write_text(ended.stdout, encoding="utf-8")
        messages = [json.loads(printed) for printed in ended.stdout.splitlines()]
        if ended.returncode:
            sys.exit("\n".join(printed for printed in ended.stdout.splitlines() if '"RECORD"' not in printed))
        return messages
