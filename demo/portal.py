"""The emulator as a separate process, and its control API."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

_IDLE_SECONDS = "60"  # without a request, after which the emulator stops


class DemoPortal:
    """A running emulator. `webhook_url` is the address that a user would paste."""

    def __init__(self, webhook_url: str) -> None:
        self.webhook_url = webhook_url
        self._control_url = webhook_url.partition("/rest/")[0] + "/emulator"

    def edit(self, edits: list[dict[str, Any]]) -> list[Any]:
        """Change records as the portal's users would."""
        results: list[Any] = self._call("POST", "edits", edits)
        return results

    def request_times(self) -> list[float]:
        """Return when each request since the last reset arrived, in seconds since 1970."""
        return [entry["at"] for entry in self._call("GET", "log")]

    def reset(self) -> None:
        """Forget the requests so far."""
        self._call("POST", "statistics/reset")

    def _call(self, method: str, action: str, body: Any = None) -> Any:
        response = requests.request(method, f"{self._control_url}/{action}", json=body, timeout=30)
        if not response.ok:
            raise RuntimeError(response.text)
        return response.json()


@contextmanager
def running_portal(deals: int) -> Iterator[DemoPortal]:
    """Run a portal with `deals` deals on a free port of this machine until the block ends."""
    command = [sys.executable, "-m", "emulator", "--port", "0", "--deals", str(deals), "--end-after", _IDLE_SECONDS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            first_line = process.stdout.readline()
            yield DemoPortal(first_line.rpartition(" ")[2].strip())
        finally:
            process.terminate()
