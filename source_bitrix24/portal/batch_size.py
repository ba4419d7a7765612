"""How many commands a batch carries."""

import threading

from .batch import MOST_COMMANDS

_FIRST = 10
_TARGET_SECONDS = 10.0  # P7.6: the portal cuts a request at 60 s, so commands may turn out six times slower
_TARGET_BYTES = 12_000_000
_FIRST_REQUEST_SECONDS = 2.0


class BatchSize:
    """Adapts to the server's time: starts small, aims at 10 s and 12 MB a request, halves when the portal fails."""

    def __init__(self, first: int = _FIRST) -> None:
        self._lock = threading.Lock()
        self._commands = first
        self.page_bytes = 0.0  # of the last answer

    @property
    def commands(self) -> int:
        """Commands for the next batch, 1 to 50."""
        return self._commands

    def observe(self, full_pages: int, seconds: float, size: int = 0) -> None:
        """Learn from a batch: `full_pages` full answers took the server `seconds` and were `size` bytes long."""
        if full_pages:
            share = max(seconds / _TARGET_SECONDS, size / _TARGET_BYTES)
            affordable = int(full_pages / share) if share > 0 else MOST_COMMANDS
            with self._lock:
                self._commands = max(1, min(MOST_COMMANDS, affordable))
                self.page_bytes = size / full_pages

    def shrink(self, commands: int) -> None:
        """Learn that a batch of `commands` timed out or failed."""
        with self._lock:
            self._commands = max(1, min(self._commands, commands // 2))


class ServerSpeed:
    """The slowest list so far. On a portal whose lists were all fast, the first request of the next list can be larger."""

    def __init__(self) -> None:
        self._slowest = 0.0
        self.known = False

    def observe(self, full_pages: int, seconds: float) -> None:
        """Learn that `full_pages` pages took the server `seconds`."""
        self.known = True
        if full_pages:
            self._slowest = max(self._slowest, seconds / full_pages)

    @property
    def first_commands(self) -> int:
        """Commands for the first request of a list."""
        if not self._slowest:
            return _FIRST
        return max(_FIRST, min(MOST_COMMANDS, int(_FIRST_REQUEST_SECONDS / self._slowest)))
