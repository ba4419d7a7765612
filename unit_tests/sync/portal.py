"""A portal, and what jobs that read it share."""

from dataclasses import replace
from typing import Any

import orjson

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.catalog.column import Column, standard_columns, table_schema
from source_bitrix24.catalog.discovered import PortalCatalog
from source_bitrix24.catalog.metadata import Metadata
from source_bitrix24.catalog.record import json_of
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.portal.keyset import Row
from source_bitrix24.portal.scan_context import ScanContext
from source_bitrix24.sync.context import SyncContext
from source_bitrix24.sync.job import Job
from source_bitrix24.sync.step import Step
from unit_tests.mounted import client_of

TABLE = {table.name: table for table in TABLES}


def portal_of(deals: int = 700, contacts: int = 350) -> App:
    """Return a portal without a limit on requests, a day after its last change."""
    app = App(sample_portal(PlayedClock(), deals=deals, contacts=contacts))
    app.limits.bucket.enabled = False
    app.portal.clock.sleep(86_400)
    return app


def context_of(app: App, lanes: int = 1, **more: Any) -> SyncContext:
    """Return what jobs share, with a configured catalog of the standard columns."""
    client = client_of(app, lanes=lanes)
    schemas = {name: table_schema([*standard_columns(name), Column("UF_CRM_DATE", "date")], ()) for name in TABLE}
    return SyncContext(
        ScanContext(client), PortalCatalog(Metadata(client, TABLES, "en"), schemas), client.webhook.portal, **more
    )


def steps_of(job: Job) -> list[Step]:
    """Return all steps of a job, with their rows as lists."""
    steps = []
    try:
        while step := job.step():
            rows = {name: [orjson.loads(json_of(row)) for row in records] for name, records in step.rows.items()}
            steps.append(replace(step, rows=rows))
    finally:
        job.close()
    return steps


def rows_of(steps: list[Step], name: str) -> list[Row]:
    """Return the records of a table in their order."""
    return [row for step in steps for row in step.rows.get(name, ()) if isinstance(row, dict)]


def visible(app: App, name: str = "deal") -> list[int]:
    """Return the IDs that a list of the portal shows, from the newest down."""
    return sorted((row["ID"] for row in app.portal.visible(name)), reverse=True)
