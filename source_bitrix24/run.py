"""The program `source-bitrix24`."""

import argparse
import gc
import logging
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from types import FrameType
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import AirbyteMessage, ConnectorSpecification, Type
from airbyte_cdk.sources.connector_state_manager import HashableStreamDescriptor
from airbyte_cdk.sources.utils.schema_helpers import split_config
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from .config import Config, ConfigProblem
from .failures import UserFacingFailure, config_failure
from .source import SourceBitrix24

_TERMINATED = 128 + signal.SIGTERM
_GRACE_SECONDS = 2.0
_BUFFER = 1 << 16  # bytes: what a pipe takes at once


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entry point, with a sentence for the user where it would quote a JSON schema or print a traceback."""

    def run(self, parsed_args: argparse.Namespace) -> Iterable[str]:
        """The lines to print. Raises SystemExit after the last one if the command failed."""
        try:
            yield from super().run(parsed_args)
        except AirbyteTracedException as failure:
            yield self.airbyte_message_to_string(failure.as_sanitized_airbyte_message())
            raise SystemExit(1) from None

    @staticmethod
    def handle_record_counts(
        message: AirbyteMessage, stream_message_count: defaultdict[HashableStreamDescriptor, float]
    ) -> AirbyteMessage:
        """Count a record. The CDK, which does the rest, would make its key anew each time."""
        if message.type is not Type.RECORD or not message.record:
            return AirbyteEntrypoint.handle_record_counts(message, stream_message_count)
        stream_message_count[_descriptor(message.record.stream)] += 1.0
        return message

    @staticmethod
    def validate_connection(source_spec: ConnectorSpecification, config: Mapping[str, Any]) -> None:
        """Raise the platform's exception for settings that cannot be used."""
        try:
            Config.parse(split_config(config)[0], datetime.now(UTC))
        except ConfigProblem as problem:
            raise config_failure(problem) from None


@cache
def _descriptor(stream: str) -> HashableStreamDescriptor:
    return HashableStreamDescriptor(stream)


class Termination:
    """SIGTERM ends the process at once, but not in the middle of a line, nor between rows and the STATE that covers them.

    If that STATE is not near, or nobody reads stdout, it waits no longer than the grace.
    """

    def __init__(self) -> None:
        self._asked = False
        self._busy = False
        self._rows_are_uncovered = False
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(_TERMINATED))

    def print(self, line: str) -> None:
        """Print a line: records when the buffer is full, everything else at once. Raises SystemExit if it is time to end."""
        self._busy = True
        sys.stdout.write(line + "\n")
        if line.startswith('{"type":"RECORD"'):
            self._rows_are_uncovered = True
        else:
            sys.stdout.flush()
            if line.startswith('{"type":"STATE"'):
                self._rows_are_uncovered = False
        self._busy = self._rows_are_uncovered
        if self._asked and not self._busy:
            raise SystemExit(_TERMINATED)

    def over(self) -> None:
        """All is printed. Some callers terminate a process that they need no more: it ends by itself."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _on_sigterm(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._busy:
            raise SystemExit(_TERMINATED)
        self._asked = True
        signal.setitimer(signal.ITIMER_REAL, _GRACE_SECONDS)


def _without_known_tracebacks(record: logging.LogRecord) -> bool:
    """A failure that is explained to the user needs no traceback in the log."""
    if record.exc_info and isinstance(record.exc_info[1], UserFacingFailure):
        record.exc_info = record.exc_text = None
    return True


def _collect_garbage_rarely() -> None:
    """Rows are freed when the last use is over; to look among thousands of them for cycles takes a fifth of all time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


def _write_whole_lines() -> None:
    """Give stdout a buffer, also under PYTHONUNBUFFERED.

    Without one, Python does not write the rest of what a pause of the process (a signal, a freezer) has cut short: whole
    rows vanish. All writers share the one buffer, so that no log line gets into the middle of a row.
    """
    stdout = open(1, "w", _BUFFER, encoding="utf-8", closefd=False)  # noqa: SIM115  # as long as the process
    sys.stdout = sys.__stdout__ = stdout  # type: ignore[misc]  # the CDK prints to the second
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stdout)


def run(arguments: Sequence[str] | None = None, source: SourceBitrix24 | None = None) -> None:
    """Run one command of the Airbyte protocol: spec, check, discover or read."""
    entrypoint = Entrypoint(source or SourceBitrix24())
    for handler in logging.getLogger().handlers:
        handler.addFilter(_without_known_tracebacks)
    termination = Termination()
    _collect_garbage_rarely()
    _write_whole_lines()
    parsed = entrypoint.parse_args(list(sys.argv[1:] if arguments is None else arguments))
    try:
        for line in entrypoint.run(parsed):
            termination.print(line)
    finally:
        sys.stdout.flush()
    termination.over()


if __name__ == "__main__":
    run()
