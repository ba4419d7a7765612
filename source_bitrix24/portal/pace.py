"""How many commands one request should carry."""

import threading

from .batch import MOST_COMMANDS

_FIRST = 10
_AIM_SECONDS = 10.0


class Pace:
    """Learns from the server's time: starts small, aims at ten seconds a request, halves when the portal breaks.

    The portal cuts every request at 60 s (P7.6): the aim leaves room for commands that take six times as long as before.
    """

    def __init__(self, first: int = _FIRST) -> None:
        self._lock = threading.Lock()
        self._commands = first

    @property
    def commands(self) -> int:
        """Commands for the next request, 1 to 50."""
        return self._commands

    def took(self, commands: int, seconds: float) -> None:
        """So many commands that brought a full page each took the server so many seconds."""
        if commands:
            affordable = int(_AIM_SECONDS * commands / seconds) if seconds > 0 else MOST_COMMANDS
            with self._lock:
                self._commands = max(1, min(MOST_COMMANDS, affordable))

    def failed(self, commands: int) -> None:
        """A request of so many commands timed out or broke."""
        with self._lock:
            self._commands = max(1, min(self._commands, commands // 2))
