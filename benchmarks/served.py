"""Starting a portal, asking what was asked of it, and ending it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .limits import PortalLimits

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Company:
    """What the portal holds: deals, the share of IDs that are missing, other tables by name."""

    deals: int
    holes: float = 0.0
    others: Mapping[str, int] | None = None
    history: int | None = None

    def arguments(self) -> list[str]:
        """The same for the portal's command line."""
        sizes = dict.fromkeys(("activities", "companies", "contacts", "leads", "quotes", "catalogs", "products"), 0)
        told = [
            "--deals",
            str(self.deals),
            "--holes",
            str(self.holes),
            "--sizes",
            json.dumps(sizes | {**(self.others or {})}),
        ]
        return told if self.history is None else [*told, "--history", str(self.history)]


@dataclass(frozen=True, slots=True)
class Served:
    """A portal that runs. `holds`: its rows of the tables that were asked for."""

    webhook: str
    holds: Mapping[str, int]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the portal's side door."""
        url = urlsplit(self.webhook)
        request = urllib.request.Request(  # noqa: S310  # the portal is on this machine
            f"{url.scheme}://{url.netloc}/emulator/{path}",
            data=json.dumps(body).encode() if method == "POST" else None,
            method=method,
        )
        with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
            return json.loads(response.read())

    def touch(self, share: float) -> int:
        """Change that share of the deals, now; return how many."""
        (changed,) = self.control("POST", "edits", [{"do": "touch", "name": "deal", "share": share}])
        return int(changed)

    def statistics(self) -> dict[str, Any]:
        """What was asked so far."""
        told: dict[str, Any] = self.control("GET", "statistics")
        return told


@contextmanager
def portal(company: Company, limits: PortalLimits, tables: Iterable[str] = ()) -> Iterator[Served]:
    """A portal of its own process, fresh and with an empty bucket, until the block ends. It counts the rows of `tables`."""
    command = [sys.executable, "-m", "benchmarks.portal", "--count", ",".join(tables)]
    command += [*company.arguments(), *limits.arguments()]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield Served(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()
