"""What all tables have in common as streams of the CDK."""

from abc import ABC
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

import requests
from airbyte_cdk.sources.streams.http import HttpClient, HttpStream

from ..failures import failure_of, state_failure
from ..metadata import Metadata
from ..portal.client import PortalClient
from ..portal.clock import Clock
from ..portal.errors import PortalError, Refused
from ..portal.keyset import Row
from ..schema import Schema, standard_schema, with_columns
from ..state import BadState, StreamState
from ..table import Table

T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Portal:
    """What the streams of one sync share."""

    client: PortalClient
    clock: Clock
    http_client: HttpClient
    metadata: Metadata
    start_date: datetime | None
    concurrent_requests: int


class TableStream(HttpStream, ABC, Generic[T]):
    """A table. Its rows come through `portal.client`, many commands to a request, so the CDK's paging is not used.

    `progress` is what has been read so far; `state` is the same as JSON. `ready_at`: the clock's time before which the
    portal gives no more rows.
    """

    http_method = "POST"

    def __init__(self, table: T, portal: Portal) -> None:
        self.table = table
        self.portal = portal
        self.progress = StreamState()
        self.ready_at = 0.0
        self._written_down: tuple[StreamState | None, dict[str, Any]] = (None, {})
        super().__init__()
        self._http_client = portal.http_client

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def primary_key(self) -> list[list[str]]:
        """The table's key columns."""
        return [[column] for column in self.table.key]

    @property
    def cursor_field(self) -> str | list[str]:
        """The column that tells what is new, or [] where nothing does."""
        return self.table.cursor or []

    @property
    def state(self) -> MutableMapping[str, Any]:
        """What has been read so far. The CDK asks after every record, so it is written down once per change."""
        if self._written_down[0] is not self.progress:
            self._written_down = (self.progress, self.progress.dump(self.table.cursor))
        return self._written_down[1]

    @state.setter
    def state(self, value: MutableMapping[str, Any]) -> None:
        try:
            self.progress = StreamState.load(value, self.table.cursor)
        except BadState as problem:
            raise state_failure(self.name, problem) from None

    @property
    def url_base(self) -> str:
        """The webhook's address."""
        return self.portal.client.webhook.base

    def path(self, **_: Any) -> str:
        """All rows come through `batch`."""
        return "batch"

    def next_page_token(self, response: requests.Response) -> Mapping[str, Any] | None:
        """There is none: rows are read by their key, see portal/keyset.py."""
        return None

    def parse_response(self, response: requests.Response, **_: Any) -> Iterable[Row]:
        """The rows of all lists in a batch's answer."""
        results = response.json()["result"]["result"]
        return [row for rows in (results.values() if isinstance(results, dict) else []) for row in rows]

    @property
    def configured_json_schema(self) -> dict[str, Any] | None:
        """The columns the user has chosen, as they were; the CDK would ask the portal for its fields to compare them."""
        return self._configured_json_schema

    @configured_json_schema.setter
    def configured_json_schema(self, value: dict[str, Any]) -> None:
        self._configured_json_schema = value

    def get_json_schema(self) -> Schema:  # type: ignore[override]  # the CDK's is cached by a decorator, ours below
        """Standard and custom columns; the standard ones alone where the webhook may not read the table anyway."""
        return self._json_schema

    @cached_property
    def _json_schema(self) -> Schema:
        schema = standard_schema(self.table.name)
        try:
            return with_columns(schema, self.own_fields())
        except Refused as error:
            self.logger.warning("The custom columns of %s are not known: %s", self.name, error)
            return schema
        except PortalError as error:
            raise failure_of(error) from None

    def own_fields(self) -> list[Any]:
        """The fields that become columns beside the standard ones. Raises PortalError."""
        return []
