"""Reads a portal into a DuckDB file through PyAirbyte, as any Python user of Airbyte would."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import airbyte  # type: ignore[import-not-found]  # in warehouse/.venv only
from airbyte import exceptions
from airbyte.caches import DuckDBCache  # type: ignore[import-not-found]

CONNECTOR = Path(__file__).parent.parent / ".venv" / "bin" / "source-bitrix24"
_INCOMPLETE = "The connector stopped before it had read everything; see its messages above. Run this again to resume."


class SyncFailed(Exception):
    """The portal could not be read. Its text is for the user."""


def sync(settings: Mapping[str, Any], file: Path, folder: Path) -> int:
    """Update a DuckDB file from a portal: all rows at first, later the changes. Returns the number of rows read.

    `folder` is for temporary files. Raises SyncFailed.
    """
    with _ended_commands_are_no_failures():
        try:
            source = airbyte.get_source(
                "source-bitrix24", config=dict(settings), local_executable=CONNECTOR, install_if_missing=False
            )
            source.check()
            source.select_all_streams()
            with DuckDBCache(db_path=file, cache_dir=folder) as cache:  # closes the file afterwards
                rows = source.read(cache=cache).processed_records
        except exceptions.PyAirbyteError as failure:
            raise SyncFailed((failure.context or {}).get("failure_reason") or _INCOMPLETE) from None
    return int(rows)


@contextmanager
def _ended_commands_are_no_failures() -> Iterator[None]:
    """PyAirbyte ends a command as soon as it has the answer, and a destructor then reports a failed process: ignore that."""
    default_hook = sys.unraisablehook

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if not isinstance(unraisable.exc_value, exceptions.AirbyteSubprocessFailedError):
            default_hook(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = default_hook
