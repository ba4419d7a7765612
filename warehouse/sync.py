"""Reads a portal into a DuckDB file through PyAirbyte, as any Python user of Airbyte would."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import airbyte  # type: ignore[import-not-found]  # in warehouse/.venv only
import sqlalchemy  # type: ignore[import-not-found]
from airbyte import exceptions
from airbyte.caches import DuckDBCache  # type: ignore[import-not-found]

from source_bitrix24.catalog.tombstone import DELETED_AT
from source_bitrix24.portal.profile import NOT_AN_ADMINISTRATOR
from source_bitrix24.portal.webhook import Webhook

from .options import OptionProblem, Options

CONNECTOR = Path(__file__).parent.parent / ".venv" / "bin" / "source-bitrix24"
_INCOMPLETE = (
    "The connector stopped before it had read everything; see its messages above. PyAirbyte keeps nothing of such a read: "
    "run this again, or with TABLES=… to leave out a table that cannot be read."
)
_NAME = "source-bitrix24"
_PORTAL = sqlalchemy.Table("_bitrix24_portal", sqlalchemy.MetaData(), sqlalchemy.Column("host", sqlalchemy.String))
_REFUSED_STATE = "The saved state belongs to the portal "  # how the connector's message begins
_OTHER_PORTAL = (
    "{file} holds the rows of another portal, and nothing was read. "
    "Choose another file (make sync FILE=…), or delete this one."
)


class SyncFailed(Exception):
    """The portal could not be read. Its text is for the user."""


def sync(options: Options, file: Path, folder: Path) -> int:
    """Update a DuckDB file from a portal: all rows at first, later the changes. Returns the number of rows read.

    Rows that are gone from the portal leave the file. Tables without a cursor, and those that are to be read in full, are
    replaced. `folder` is for temporary files and for
    PyAirbyte's logs, in which alone the connector's warnings are. Raises SyncFailed.
    """
    with _ended_commands_are_no_failures():
        try:
            source = airbyte.get_source(_NAME, local_executable=CONNECTOR, install_if_missing=False)
            # the connector's own check says more about a wrong setting than PyAirbyte
            source.set_config(options.config(source.config_spec["properties"]), validate=False)
            source.check()
            if _is_logged(NOT_AN_ADMINISTRATOR, folder):
                print(f"\nWarning: {NOT_AN_ADMINISTRATOR}", flush=True)
            cursors = {stream.name: stream.default_cursor_field for stream in source.discovered_catalog.streams}
            names = options.chosen(cursors)
            replaced = [name for name in names if options.is_full(name) or not cursors[name]]
            updated = [name for name in names if name not in replaced]
            portal = Webhook.parse(options.webhook_url).portal
            with DuckDBCache(db_path=file, cache_dir=folder) as cache:  # closes the file afterwards
                states = cache.get_state_provider(_NAME).known_stream_names
                # the connector recognises a renamed portal by its states
                known = _portals(cache)
                if states.isdisjoint(updated) and known - {portal}:
                    raise SyncFailed(_OTHER_PORTAL.format(file=file))
                if not known:
                    _remember(cache, portal)
                rows = source.read(cache=cache, streams=updated).processed_records if updated else 0
                _delete_gone(cache, updated)
                rows += _replace(source, cache, replaced) if replaced else 0
                _remember(cache, portal)
                return int(rows)
        except exceptions.PyAirbyteError as failure:
            if _is_logged(_REFUSED_STATE, folder):
                raise SyncFailed(_OTHER_PORTAL.format(file=file)) from None
            raise SyncFailed((failure.context or {}).get("failure_reason") or _INCOMPLETE) from None
        except OptionProblem as problem:
            raise SyncFailed(str(problem)) from None


def _replace(source: Any, cache: Any, names: list[str]) -> int:
    """Replace tables; return the number of rows read."""
    started = datetime.now(UTC).replace(tzinfo=None)
    rows = source.read(cache=cache, streams=names, write_strategy="replace", force_full_refresh=True).processed_records
    with cache.get_sql_engine().begin() as connection:
        for name in names:  # PyAirbyte leaves a table as it was if it is empty now
            table = sqlalchemy.table(name, sqlalchemy.column("_airbyte_extracted_at"), schema=cache.schema_name)
            connection.execute(sqlalchemy.delete(table).where(table.c["_airbyte_extracted_at"] < started))
    return int(rows)


def _delete_gone(cache: Any, names: list[str]) -> None:
    """Delete the rows that came with the time of their deletion: PyAirbyte merges them as any other row."""
    with cache.get_sql_engine().begin() as connection:
        for name in names:
            deleted_at = sqlalchemy.column(DELETED_AT.name)
            table = sqlalchemy.table(name, deleted_at, schema=cache.schema_name)
            connection.execute(sqlalchemy.delete(table).where(deleted_at.is_not(None)))


def _portals(cache: Any) -> set[str]:
    """Return the portal whose rows a file holds, if there is one."""
    with cache.get_sql_engine().begin() as connection:
        _PORTAL.create(connection, checkfirst=True)
        return {row.host for row in connection.execute(sqlalchemy.select(_PORTAL))}


def _remember(cache: Any, portal: str) -> None:
    with cache.get_sql_engine().begin() as connection:
        connection.execute(sqlalchemy.delete(_PORTAL))
        connection.execute(sqlalchemy.insert(_PORTAL).values(host=portal))


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
