"""How many records a second a core takes from bytes to stdout: answers are recorded, then replayed without any waiting."""

import cProfile
import json
import os
import pstats
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24 import run as program
from source_bitrix24.entrypoint import Entrypoint
from source_bitrix24.source import SourceBitrix24

_STANDARD_COLUMNS, _CUSTOM_COLUMNS = 60, 19  # as on the portals that the target was set for


class Replay(EmulatorAdapter):
    """Answers a request that was seen before with the same bytes, at no cost."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._seen: dict[bytes, requests.Response] = {}
        self.bytes_sent = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Answer a prepared request."""
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        if body not in self._seen:
            answer = super().send(request, *args, **kwargs)
            _ = answer.content  # read it now, so that it can be given again
            self._seen[body] = answer
        self.bytes_sent += len(self._seen[body].content)
        return self._seen[body]


def measure(rows: int, stream: str, profile: bool) -> str:
    """Records a second, and megabytes of answers a second."""
    clock = PlayedClock()
    portal = sample_portal(clock, deals=rows, holes=0)
    _resize(portal.user_fields["deal"])
    app = App(portal)
    app.limits.bucket.enabled = app.limits.operating.kept = False
    replay = Replay(app)
    with tempfile.TemporaryDirectory() as folder:
        arguments = _arguments(Path(folder), app, replay, clock, stream)
        records = _count(arguments, replay, clock)
        replay.bytes_sent = 0
        profiler = cProfile.Profile()
        began = time.process_time()
        if profile:
            profiler.enable()
        with Path(os.devnull).open("wb") as nowhere:
            _read(arguments, replay, clock, nowhere)
        profiler.disable()
        took = time.process_time() - began
    if profile:
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    speed = f"{rows / took:,.0f} rows/s, {took:.2f} s, {replay.bytes_sent / took / 1e6:.0f} MB/s, peak {peak:.0f} MB"
    return f"{records:,} {stream} records, {speed}"


def _resize(fields: list[Any]) -> None:
    del fields[_CUSTOM_COLUMNS:]


def _arguments(folder: Path, app: App, replay: Replay, clock: PlayedClock, stream: str) -> list[str]:
    (folder / "config.json").write_text(json.dumps({"webhook_url": app.webhook_url, "concurrent_requests": 1}))
    source = _source(replay, clock)
    entrypoint = Entrypoint(source)
    outputs = entrypoint.outputs(entrypoint.parse_args(["discover", "--config", str(folder / "config.json")]))
    messages = [json.loads(output.lines) for output in outputs]
    (catalog,) = [message["catalog"] for message in messages if message["type"] == "CATALOG"]
    (found,) = [one for one in catalog["streams"] if one["name"] == stream]
    mode = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    (folder / "catalog.json").write_text(json.dumps({"streams": [{"stream": found, **mode}]}))
    return ["read", "--config", str(folder / "config.json"), "--catalog", str(folder / "catalog.json")]


def _source(replay: Replay, clock: PlayedClock) -> SourceBitrix24:
    session = requests.Session()
    session.mount("https://", replay)
    return SourceBitrix24(clock, session)


def _count(arguments: list[str], replay: Replay, clock: PlayedClock) -> int:
    """Read once; return the number of records."""
    with tempfile.TemporaryFile() as printed:
        _read(arguments, replay, clock, printed)
        printed.seek(0)
        return sum(line.startswith(b'{"type":"RECORD"') for line in printed)


def _read(arguments: list[str], replay: Replay, clock: PlayedClock, printed: IO[bytes]) -> None:
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(printed.fileno(), 1)
    try:
        program.run(arguments, _source(replay, clock))
    finally:
        os.dup2(kept, 1)
        os.close(kept)


if __name__ == "__main__":
    print(measure(int(sys.argv[1]), sys.argv[2], "--profile" in sys.argv))
