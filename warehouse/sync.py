"""Reads a portal into a DuckDB file through PyAirbyte, as any Python user of Airbyte would."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import airbyte  # type: ignore[import-not-found]  # in warehouse/.venv only
from airbyte import exceptions
from airbyte.caches import DuckDBCache  # type: ignore[import-not-found]

from source_bitrix24.portal.profile import NOT_AN_ADMINISTRATOR

CONNECTOR = Path(__file__).parent.parent / ".venv" / "bin" / "source-bitrix24"
_INCOMPLETE = "The connector stopped before it had read everything; see its messages above. Run this again to resume."
_REFUSED_STATE = "The saved state belongs to the portal "  # how the connector's message begins
_OTHER_PORTAL = (
    "{file} holds the rows of another portal, and nothing was read. "
    "Choose another file (make sync FILE=…), or delete this one."
)


class SyncFailed(Exception):
    """The portal could not be read. Its text is for the user."""


def sync(settings: Mapping[str, Any], file: Path, folder: Path) -> int:
    """Update a DuckDB file from a portal: all rows at first, later the changes. Returns the number of rows read.

    `folder` is for temporary files and for PyAirbyte's logs, in which alone the connector's warnings are. Raises SyncFailed.
    """
    with _ended_commands_are_no_failures():
        try:
            source = airbyte.get_source(
                "source-bitrix24", config=dict(settings), local_executable=CONNECTOR, install_if_missing=False
            )
            source.check()
            if _is_logged(NOT_AN_ADMINISTRATOR, folder):
                print(f"\nWarning: {NOT_AN_ADMINISTRATOR}", flush=True)
            source.select_all_streams()
            with DuckDBCache(db_path=file, cache_dir=folder) as cache:  # closes the file afterwards
                rows = source.read(cache=cache).processed_records
        except exceptions.PyAirbyteError as failure:
            if _is_logged(_REFUSED_STATE, folder):
                raise SyncFailed(_OTHER_PORTAL.format(file=file)) from None
            raise SyncFailed((failure.context or {}).get("failure_reason") or _INCOMPLETE) from None
    return int(rows)


def _is_logged(message: str, folder: Path) -> bool:
    return any(message in log.read_text(encoding="utf-8", errors="replace") for log in folder.rglob("*.log"))


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
