"""The program `source-bitrix24`: imports, signals, stdout."""

import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from .airbyte.quirks import log_to, quick_imports

if TYPE_CHECKING:
    from .airbyte.messages import Output
    from .source import SourceBitrix24

_TERMINATED = 128 + signal.SIGTERM
_GRACE_SECONDS = 2.0
_M_ARENA_MAX = -8  # of <malloc.h>
_BUFFER = 1 << 16  # bytes: what a pipe takes at once


class Termination:
    """SIGTERM ends the process at once, but not in the middle of a line, nor between rows and the STATE that covers them.

    If that STATE is not near, or nobody reads stdout, it waits no longer than the grace period.
    """

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout.buffer
        self._requested = False
        self._busy = False
        self._rows_are_uncovered = False
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(_TERMINATED))

    def print(self, output: "Output") -> None:
        """Print lines: records when the buffer is full, everything else at once. Raises SystemExit if it is time to end."""
        self._busy = True
        self._stdout.write(output.lines)
        kind = output.type and output.type.value
        if kind == "RECORD":
            self._rows_are_uncovered = True
        else:
            self._stdout.flush()
            if kind == "STATE":
                self._rows_are_uncovered = False
        self._busy = self._rows_are_uncovered
        if self._requested and not self._busy:
            raise SystemExit(_TERMINATED)

    def ignore(self) -> None:
        """Ignore SIGTERM from here on: some callers kill the process after the last line."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _on_sigterm(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._busy:
            raise SystemExit(_TERMINATED)
        self._requested = True
        signal.setitimer(signal.ITIMER_REAL, _GRACE_SECONDS)


def _has_no_explained_traceback(record: logging.LogRecord) -> bool:
    """Remove the traceback of a failure that is explained to the user; keep every record."""
    from .airbyte.failures import UserFacingFailure

    if record.exc_info and isinstance(record.exc_info[1], UserFacingFailure):
        record.exc_info = record.exc_text = None
    return True


def _collect_garbage_rarely() -> None:
    """Cyclic garbage collection over live rows costs a fifth of the run time; rows are freed without it."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


def _limit_arenas() -> None:
    """Let all threads take memory from two arenas; by default glibc gives each its own, and answers leave holes in all."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _buffered_stdout() -> TextIO:
    """Give stdout a buffer, also under PYTHONUNBUFFERED, and let everybody write to it.

    Without a buffer, Python does not write the rest of what a pause of the process (a signal, a freezer) has cut short:
    whole rows vanish. All writers share the one buffer, so that no log line gets into the middle of a row.
    """
    stdout = open(1, "w", _BUFFER, encoding="utf-8", closefd=False)  # noqa: SIM115  # as long as the process
    sys.stdout = sys.__stdout__ = stdout  # type: ignore[misc]  # the CDK prints to the second
    log_to(stdout, _has_no_explained_traceback)
    return stdout


def run(arguments: Sequence[str] | None = None, source: "SourceBitrix24 | None" = None) -> None:
    """Run one command of the Airbyte protocol: spec, check, discover or read."""
    with quick_imports():
        from .entrypoint import Entrypoint
        from .source import SourceBitrix24
    entrypoint = Entrypoint(source or SourceBitrix24())
    _collect_garbage_rarely()
    _limit_arenas()
    stdout = _buffered_stdout()
    termination = Termination(stdout)
    parsed = entrypoint.parse_args(list(sys.argv[1:] if arguments is None else arguments))
    try:
        for output in entrypoint.outputs(parsed):
            termination.print(output)
    finally:
        stdout.flush()
    termination.ignore()


if __name__ == "__main__":
    run()
