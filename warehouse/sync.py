"""Reading a portal into a DuckDB file through PyAirbyte, as any Python user of Airbyte would."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import airbyte  # type: ignore[import-not-found]  # in warehouse/.venv only
from airbyte import exceptions
from airbyte.caches import DuckDBCache  # type: ignore[import-not-found]

CONNECTOR = Path(__file__).parent.parent / ".venv" / "bin" / "source-bitrix24"
_NOT_READ = "The connector stopped before it had read everything; what it said stands above. Run this again to go on."


class SyncFailed(Exception):
    """The portal could not be read. Its text is for the user."""


def sync(settings: Mapping[str, Any], file: Path, folder: Path) -> int:
    """Bring a DuckDB file up to date, at first with all of a portal, later with what has changed; return the rows read.

    `folder` holds rows on their way; it can be thrown away afterwards. Raises SyncFailed.
    """
    with _hanging_up_is_no_failure():
        try:
            source = airbyte.get_source(
                "source-bitrix24", config=dict(settings), local_executable=CONNECTOR, install_if_missing=False
            )
            source.check()
            source.select_all_streams()
            with DuckDBCache(db_path=file, cache_dir=folder) as cache:  # which lets go of the file afterwards
                rows = source.read(cache=cache).processed_records
        except exceptions.PyAirbyteError as failure:
            raise SyncFailed((failure.context or {}).get("failure_reason") or _NOT_READ) from None
    return int(rows)


@contextmanager
def _hanging_up_is_no_failure() -> Iterator[None]:
    """PyAirbyte ends a command as soon as it has its answer, and reports in a destructor that it was ended."""
    before = sys.unraisablehook

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if not isinstance(unraisable.exc_value, exceptions.AirbyteSubprocessFailedError):
            before(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
