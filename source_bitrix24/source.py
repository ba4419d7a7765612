"""The connector as Airbyte sees it: spec, check, discover, read."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamStatus,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Status,
    StreamDescriptor,
    SyncMode,
)
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.streams import Stream
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from .airbyte.failures import (
    config_failure,
    failure_of,
    file_failure,
    old_state_failure,
    state_failure,
)
from .airbyte.links import LinkMask
from .airbyte.messages import MessageWriter, Output, output_of, parsed
from .airbyte.stream import stream_of
from .airbyte.transport import HttpTransport
from .catalog.discovered import PortalCatalog, further_commands, known_table, portal_tables
from .catalog.metadata import Metadata
from .catalog.table import Table
from .catalog.tables import TABLES
from .check import check_webhook
from .config import DOCUMENTATION_URL, Config, ConfigProblem, connection_specification
from .portal.background import with_deadline
from .portal.client import PortalClient
from .portal.clock import Clock, SystemClock
from .portal.errors import PortalError
from .portal.lanes import Lanes
from .portal.limits import RateLimiter
from .portal.scan_context import ScanContext
from .sentences import sentence_of
from .sync.context import SyncContext
from .sync.plan import plan
from .sync.reconciliation import Allowance
from .sync.same_portal import OtherPortal, require_same_portal
from .sync.scheduler import Scheduler
from .sync.state import StreamState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: how long to wait for the next bytes, and how long to retry one operation."""

    read: float
    retry: float


# a read may wait for the portal's limits, but not for ever
_SYNC = Timeouts(read=90, retry=3000)
# people wait two minutes for `check` and `discover`
_INTERACTIVE = Timeouts(read=20, retry=25)
DEADLINE = 110.0


class SourceBitrix24(AbstractSource):
    """Reads the CRM of a Bitrix24 portal. `clock` and `session`: for tests."""

    def __init__(self, clock: Clock | None = None, session: requests.Session | None = None) -> None:
        self._clock = clock or SystemClock()
        self._session = session

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """Return the settings of the connector."""
        return ConnectorSpecification(
            documentationUrl=DOCUMENTATION_URL, connectionSpecification=connection_specification()
        )

    @staticmethod
    def read_config(config_path: str) -> MutableMapping[str, Any]:
        """Return the settings in a file. Raises the platform's exception if they cannot be read."""
        return _from_file("settings", AbstractSource.read_config, config_path)

    @classmethod
    def read_catalog(cls, catalog_path: str) -> ConfiguredAirbyteCatalog:
        """Return the configured catalog in a file. Raises the platform's exception if it cannot be read."""
        return _from_file("configured catalog", super().read_catalog, catalog_path)

    @classmethod
    def read_state(cls, state_path: str) -> list[AirbyteStateMessage]:
        """Return the saved states in a file. Raises the platform's exception if they cannot be used."""
        states = _from_file("saved state", super().read_state, state_path)
        if not all(state.stream or state.global_ for state in states):
            raise old_state_failure()
        for state in states:
            if state.stream:  # the CDK would ignore a state without a type, or with a namespace
                state.type = AirbyteStateType.STREAM
                state.stream.stream_descriptor.namespace = None
        return states

    def check_connection(self, logger: logging.Logger, config: Mapping[str, Any]) -> tuple[bool, str | None]:
        """Ask the portal for the fields of deals; the second part says in one sentence what to do."""
        try:
            settings = Config.parse(config, datetime.now(UTC))
        except ConfigProblem as problem:
            return False, str(problem)
        client = self._client(settings, _INTERACTIVE)
        try:
            with_deadline(DEADLINE, lambda: check_webhook(client, TABLES, logger))
        except PortalError as error:
            return False, sentence_of(error)
        return True, None

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Return the same as a status, without the quotes that the CDK would put around the sentence."""
        succeeded, problem = self.check_connection(logger, config)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED if succeeded else Status.FAILED, message=problem)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """Return the tables that the webhook may read, with their columns."""
        context = self._context(config, _INTERACTIVE, TABLES)

        def catalog() -> AirbyteCatalog:
            streams = [stream_of(table, context) for table in portal_tables(context.catalog)]
            return AirbyteCatalog(streams=[one.as_airbyte_stream() for one in streams])

        try:
            return with_deadline(DEADLINE, catalog)
        except PortalError as error:
            raise failure_of(error) from None

    def streams(self, config: Mapping[str, Any]) -> list[Stream]:
        """Return a stream for each table."""
        context = self._context(config, _SYNC, TABLES)
        return [stream_of(table, context) for table in TABLES]

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Yield the messages of a sync. The program prints `read_outputs` instead, which makes no object for a record."""
        return parsed(self.read_outputs(logger, config, catalog, state))

    def read_outputs(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[Output]:
        """Yield the lines of a sync: run the plan. Raises the platform's exception at the end if any stream failed."""
        configured = {one.stream.name: one.stream for one in catalog.streams}
        known = {name: table for name in configured if (table := known_table(name))}
        tables = [known[name] for name in configured if name in known]
        schemas = {name: dict(stream.json_schema or {}) for name, stream in configured.items()}
        incremental = {one.stream.name for one in catalog.streams if one.sync_mode is SyncMode.incremental}
        context = self._context(config, _SYNC, tables, schemas, incremental)
        states = ConnectorStateManager(list(state or []))
        planned = plan(tables, {table.name: states.get_stream_state(table.name, None) for table in tables})
        try:
            require_same_portal(context, [(table, job.state) for job in planned.jobs for table in job.tables])
        except (OtherPortal, PortalError) as error:
            raise failure_of(error) from None
        jobs = [job.start(context) for job in planned.jobs]
        has_mark = any(job.state.mark for job in planned.jobs)
        cursors = {table.name: table.cursor for table in tables}

        def dump(stream: str, stream_state: StreamState) -> dict[str, Any]:
            return stream_state.dump(cursors[stream])

        writer = MessageWriter(dump, LinkMask(context.scans.client.webhook.host))
        logger.info("Starting syncing %s: %d streams", self.name, len(configured))
        for name in configured.keys() - known.keys():
            logger.warning("The stream %s does not exist. Refresh the schema of the connection.", name)
            yield output_of(as_airbyte_message(StreamDescriptor(name=name), AirbyteStreamStatus.INCOMPLETE))
        for name, problem in planned.bad_states.items():
            yield from writer.failed(name, state_failure(name, problem))
        yield from writer.outputs(Scheduler(jobs, context.scans, self._clock, shares=has_mark).events())
        logger.info("Finished syncing %s", self.name)

    def _context(
        self,
        config: Mapping[str, Any],
        timeouts: Timeouts,
        tables: Sequence[Table],
        schemas: Mapping[str, Mapping[str, Any]] | None = None,
        incremental: Collection[str] = (),
    ) -> SyncContext:
        try:
            settings = Config.parse(config, datetime.now(UTC))
        except ConfigProblem as problem:
            raise config_failure(problem) from None
        client = self._client(settings, timeouts)
        further = further_commands(tables, has_labels=settings.label_columns)
        metadata = Metadata(client, tables, settings.label_language, further)
        catalog = PortalCatalog(metadata, schemas, has_labels=settings.label_columns)
        # a full refresh replaces the copy, so nothing that is gone stays
        detects = frozenset(table.name for table in tables if table.cursor and table.name in incremental)
        return SyncContext(
            ScanContext(client),
            catalog,
            settings.webhook.portal,
            settings.start_date,
            detects if settings.detect_deletions else frozenset(),
            settings.reconcile_days,
            Allowance(self._clock),
        )

    def _client(self, settings: Config, timeouts: Timeouts) -> PortalClient:
        transport = HttpTransport(settings.webhook, timeouts.read, self._session)
        limiter = RateLimiter(settings.rate, self._clock)
        lanes = Lanes(settings.concurrent_requests, self._clock)
        return PortalClient(settings.webhook, transport, limiter, self._clock, timeouts.retry, lanes)


def _from_file(what: str, read: Callable[[str], T], path: str) -> T:
    try:
        return read(path)
    except (OSError, ValueError, TypeError) as error:
        raise file_failure(what, error) from None
