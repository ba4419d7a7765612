"""The emulator as a program of its own, and what the demo asks of its side door."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

_END_AFTER = "60"


class DemoPortal:
    """A running emulator. `webhook_url` is what a user would paste."""

    def __init__(self, webhook_url: str) -> None:
        self.webhook_url = webhook_url
        self._side_door = webhook_url.partition("/rest/")[0] + "/emulator"

    def edit(self, edits: list[dict[str, Any]]) -> list[Any]:
        """Do in the portal what its users would do."""
        answers: list[Any] = self._ask("POST", "edits", edits)
        return answers

    def request_times(self) -> list[float]:
        """When requests came since the last reset, in seconds since 1970."""
        return [one["at"] for one in self._ask("GET", "log")]

    def reset(self) -> None:
        """Count requests from now on."""
        self._ask("POST", "statistics/reset")

    def _ask(self, method: str, what: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self._side_door}/{what}", json=body, timeout=30)
        if not answer.ok:
            raise RuntimeError(answer.text)
        return answer.json()


@contextmanager
def running_portal(deals: int) -> Iterator[DemoPortal]:
    """A portal of a company with so many deals, on a free port of this machine; it ends with the block."""
    command = [sys.executable, "-m", "emulator", "--port", "0", "--deals", str(deals), "--end-after", _END_AFTER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            first_line = process.stdout.readline()
            yield DemoPortal(first_line.rpartition(" ")[2].strip())
        finally:
            process.terminate()
