"""The connector as Airbyte sees it."""

import logging
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteRecordMessage,
    AirbyteStateMessage,
    AirbyteStateType,
    ConfiguredAirbyteCatalog,
    Status,
    Type,
)
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.streams import Stream
from airbyte_cdk.sources.streams.core import StreamData
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets

from .check import check_webhook
from .config import Config, ConfigProblem
from .failures import config_failure, failure_of, file_failure, old_state_failure, sentence_of
from .metadata import Metadata
from .portal.client import PortalClient
from .portal.clock import Clock, SystemClock, milliseconds
from .portal.errors import PortalError
from .portal.limits import RateLimiter
from .portal.scan import Reading
from .portal.threads import within
from .streams.base import TableStream
from .streams.build import build_streams, join
from .streams.shared import Portal
from .tables import TABLES
from .transport import HttpTransport
from .turns import Upcoming, take_turns

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Haste:
    """How long may be waited, in seconds: for the next bytes, and for one call with its repetitions."""

    read_seconds: float
    patience: float


# a read may sit out the portal's limits, but not for ever
_SYNC = Haste(read_seconds=90, patience=3000)
# people wait two minutes for `check` and `discover`
_SOMEBODY_WAITS = Haste(read_seconds=20, patience=25)
DEADLINE = 110.0


class SourceBitrix24(AbstractSource):
    """Reads the CRM of a Bitrix24 portal."""

    def __init__(self, clock: Clock | None = None, session: requests.Session | None = None) -> None:
        self._clock = clock or SystemClock()
        self._session = session
        self._being_read: list[TableStream[Any]] = []

    @staticmethod
    def read_config(config_path: str) -> MutableMapping[str, Any]:
        """The settings in a file. Raises the platform's exception if they cannot be read."""
        return _from_file("settings", AbstractSource.read_config, config_path)

    @classmethod
    def read_catalog(cls, catalog_path: str) -> ConfiguredAirbyteCatalog:
        """The chosen streams in a file. Raises the platform's exception if they cannot be read."""
        return _from_file("configured catalog", super().read_catalog, catalog_path)

    @classmethod
    def read_state(cls, state_path: str) -> list[AirbyteStateMessage]:
        """The saved states in a file. Raises the platform's exception if they cannot be used."""
        states = _from_file("saved state", super().read_state, state_path)
        if not all(state.stream or state.global_ for state in states):
            raise old_state_failure()
        for state in states:
            if state.stream:  # the CDK would pass over a state without a type, or of a namespace, and read all anew
                state.type = AirbyteStateType.STREAM
                state.stream.stream_descriptor.namespace = None
        return states

    def check_connection(self, logger: logging.Logger, config: Mapping[str, Any]) -> tuple[bool, str | None]:
        """Ask the portal for the fields of deals; the second part says in one sentence what to do."""
        try:
            settings = Config.parse(config, datetime.now(UTC))
        except ConfigProblem as problem:
            return False, str(problem)
        client, _ = self._client(settings, _SOMEBODY_WAITS)
        try:
            within(DEADLINE, lambda: check_webhook(client, logger))
        except PortalError as error:
            return False, sentence_of(error)
        return True, None

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """The same as a status, without the quotes that the CDK would put around the sentence."""
        good, problem = self.check_connection(logger, config)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED if good else Status.FAILED, message=problem)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """All tables with their columns."""
        streams = self._streams(config, _SOMEBODY_WAITS)
        try:
            return within(DEADLINE, lambda: AirbyteCatalog(streams=[one.as_airbyte_stream() for one in streams]))
        except PortalError as error:
            raise failure_of(error) from None

    def streams(self, config: Mapping[str, Any]) -> list[Stream]:
        """All tables; during a read always the same ones, which share the portal's limits."""
        return [*(self._being_read or self._streams(config, _SYNC))]

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """The messages of all chosen streams, one stream after the other unless one has to wait."""
        streams = self._streams(config, _SYNC)
        self._being_read = streams
        of_name = {stream.name: stream for stream in streams}
        chosen = {one.stream.name: one for one in catalog.streams}
        states = ConnectorStateManager(list(state or []))
        groups = join([of_name[name] for name in chosen if name in of_name], states)
        reading = streams[0].portal.reading
        reading.others = Upcoming([group[0] for group in groups], states, reading.width)
        order = [stream.name for group in groups for stream in group]
        reads = {
            name: super(SourceBitrix24, self).read(logger, config, replace(catalog, streams=[chosen[name]]), state)
            for name in [*order, *(name for name in chosen if name not in of_name)]
        }
        return take_turns(reads, lambda name: of_name[name].ready_at if name in of_name else 0.0, self._clock)

    def _get_message(self, record_data_or_message: StreamData, stream: Stream) -> AirbyteMessage:
        """A row as it is. The CDK would make a copy of it and look whether its type transformer is used."""
        if type(record_data_or_message) is not dict:
            return super()._get_message(record_data_or_message, stream)
        record = AirbyteRecordMessage(stream=stream.name, data=record_data_or_message, emitted_at=milliseconds())
        return AirbyteMessage(type=Type.RECORD, record=record)

    def _streams(self, config: Mapping[str, Any], haste: Haste) -> list[TableStream[Any]]:
        try:
            settings = Config.parse(config, datetime.now(UTC))
        except ConfigProblem as problem:
            raise config_failure(problem) from None
        client, transport = self._client(settings, haste)
        portal = Portal(
            client,
            self._clock,
            transport.http_client,
            Metadata(client, TABLES, settings.label_language),
            settings.start_date,
            Reading(client, settings.concurrent_requests),
        )
        return build_streams(TABLES, portal)

    def _client(self, settings: Config, haste: Haste) -> tuple[PortalClient, HttpTransport]:
        for secret in settings.webhook.secrets:
            add_to_secrets(secret)
        transport = HttpTransport(settings.webhook, haste.read_seconds, self._session)
        limiter = RateLimiter(settings.rate, self._clock)
        client = PortalClient(
            settings.webhook, transport, limiter, self._clock, haste.patience, at_once=settings.concurrent_requests
        )
        return client, transport


def _from_file(what: str, read: Callable[[str], T], path: str) -> T:
    try:
        return read(path)
    except (OSError, ValueError, TypeError) as error:
        raise file_failure(what, error) from None
