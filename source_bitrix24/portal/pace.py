"""How many commands one request should carry."""

import threading

from .batch import MOST_COMMANDS

_FIRST = 10
_AIM_SECONDS = 10.0
_AIM_BYTES = 12_000_000
_AIM_AT_FIRST = 2.0  # seconds, if the next list is as slow as the slowest one


class Pace:
    """Learns from the server's time: starts small, aims at ten seconds and 12 MB a request, halves when the portal breaks.

    The portal cuts every request at 60 s (P7.6): the aim leaves room for commands that take six times as long as before.
    """

    def __init__(self, first: int = _FIRST) -> None:
        self._lock = threading.Lock()
        self._commands = first

    @property
    def commands(self) -> int:
        """Commands for the next request, 1 to 50."""
        return self._commands

    def took(self, commands: int, seconds: float, size: int = 0) -> None:
        """So many commands that brought a full page each took the server so many seconds and brought so many bytes."""
        if commands:
            share = max(seconds / _AIM_SECONDS, size / _AIM_BYTES)
            affordable = int(commands / share) if share > 0 else MOST_COMMANDS
            with self._lock:
                self._commands = max(1, min(MOST_COMMANDS, affordable))

    def failed(self, commands: int) -> None:
        """A request of so many commands timed out or broke."""
        with self._lock:
            self._commands = max(1, min(self._commands, commands // 2))


class Experience:
    """How slow the portal's lists have been so far. The first request of the next one can be larger where all were fast."""

    def __init__(self) -> None:
        self._slowest = 0.0
        self.is_there = False

    def took(self, commands: int, seconds: float) -> None:
        """So many commands that brought a full page each took the server so many seconds."""
        self.is_there = True
        if commands:
            self._slowest = max(self._slowest, seconds / commands)

    @property
    def first(self) -> int:
        """Commands for a first request."""
        return max(_FIRST, min(MOST_COMMANDS, int(_AIM_AT_FIRST / self._slowest))) if self._slowest else _FIRST
