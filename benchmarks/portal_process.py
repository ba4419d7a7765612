"""A portal in a process of its own: starting it, reading its statistics, ending it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .limits import PortalLimits

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Contents:
    """The rows of a portal: deals, rows of other tables by name, entries of the stage history (None: all of them).

    `holes`: the share of IDs that are missing.
    """

    deals: int
    holes: float = 0.0
    others: Mapping[str, int] = field(default_factory=dict)
    history: int | None = None


@dataclass(frozen=True, slots=True)
class PortalProcess:
    """A running portal. `holds`: the rows of the tables that were to be counted."""

    webhook: str
    holds: Mapping[str, int]

    def touch(self, share: float) -> int:
        """Change that share of the deals, and return their number."""
        (changed,) = self._control("POST", "edits", [{"do": "touch", "name": "deal", "share": share}])
        return int(changed)

    def statistics(self) -> dict[str, Any]:
        """Counts of all requests; `first_at`: when the first one came, in seconds since 1970, or None."""
        log = self._control("GET", "log")
        return {**self._control("GET", "statistics"), "first_at": log[0]["at"] if log else None}

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        url = urlsplit(self.webhook)
        request = urllib.request.Request(  # noqa: S310  # the portal is on this machine
            f"{url.scheme}://{url.netloc}/emulator/{path}",
            data=json.dumps(body).encode() if method == "POST" else None,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
            return json.loads(response.read())


@contextmanager
def running_portal(contents: Contents, limits: PortalLimits, tables: Iterable[str] = ()) -> Iterator[PortalProcess]:
    """A new portal with an unused rate limit, which runs until the block ends. It counts the rows of `tables`."""
    task = {"contents": asdict(contents), "limits": asdict(limits), "tables": list(tables)}
    command = [sys.executable, "-m", "benchmarks.portal", json.dumps(task)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield PortalProcess(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()
