"""What all tables have in common as streams of the CDK."""

from abc import ABC
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from functools import cached_property
from math import inf
from typing import Any, Generic, TypeVar

import requests
from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    AirbyteStreamStatus,
    AirbyteStreamStatusReason,
    AirbyteStreamStatusReasonType,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.sources.streams.http import HttpStream
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from ..failures import failure_of, state_failure
from ..portal.batch import MOST_COMMANDS
from ..portal.errors import MissingScope, NoAccess, NoSuchMethod, PortalError
from ..portal.keyset import Listing, Row
from ..schema import Schema, standard_schema, with_columns
from ..state import BadState, StreamState
from ..table import Table
from .changes import Changes, Covered
from .joint import Joint
from .shared import Portal

T = TypeVar("T", bound=Table)


class TableStream(HttpStream, ABC, Generic[T]):
    """A table. Its rows come through `portal.client`, many commands to a request, so the CDK's paging is not used.

    `progress` is what has been read so far; `state` is the same as JSON. `is_being_read`: its turn has come. `joint`: where
    it reads its list together with others.
    """

    http_method = "POST"
    rows_are_those_of_the_list = True

    def __init__(self, table: T, portal: Portal) -> None:
        self.table = table
        self.portal = portal
        self.progress = StreamState()
        self.is_being_read = False
        self.joint: Joint | None = None
        self._ready_at = 0.0
        self._written_down: tuple[StreamState | None, dict[str, Any]] = (None, {})
        self._begun: Changes | None = None
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

    @property
    def listing(self) -> Listing | None:
        """The list that this stream's rows, or the parents of its rows, come from; None if there is no such list."""
        return None

    def begin(self) -> None:
        """Ask for the first rows without waiting for them, so that they are there when it is this stream's turn."""
        if self.joint:
            self.joint.begin()
        elif self.listing and not self._begun:
            self._begun = self.changes_of(self.listing, self.progress)
            self._begun.begin()

    @property
    def has_begun(self) -> bool:
        """Whether the first rows have been asked for, and not been taken yet."""
        return bool(self._begun or (self.joint and self.joint.has_begun and not self.is_being_read))

    @property
    def ready_at(self) -> float:
        """The clock's time before which the portal gives no more rows; never, while others have to take these rows too."""
        return inf if self.joint and self.joint.is_ahead(self.name) else self._ready_at

    def changes_of(self, listing: Listing, state: StreamState) -> Changes:
        """What a state leaves to read of a list."""
        if not state.mark:
            self._ask_for_fields()
        return Changes(self.portal, listing, self.table.cursor, state, self._ask_for_fields)

    def changes(self) -> Iterator[Covered]:
        """What the state leaves to read of the stream's list. `progress` must be kept up if it is read jointly."""
        self.is_being_read = True
        if self.joint:
            for covered in self.joint.covered(self.name, self.progress):
                yield covered
                if not covered.after.scan:
                    return
            self.joint = None
        self.begin()
        assert self._begun
        begun, self._begun = self._begun, None
        yield from begun.covered()

    def read_changes(self, records: Callable[[list[Row]], Iterable[Row]]) -> Iterator[Row | AirbyteMessage]:
        """The records of what is left to read, with a STATE after each request's worth but the last, which the CDK adds."""
        assert self.listing
        yield from self.wait_message(self.listing.method)
        for covered in self.changes():
            if covered.wait:
                yield from self.wait_message(self.listing.method)
            rows_came = bool(covered.rows)
            if rows_came:
                yield from records(covered.rows)
                covered.rows.clear()  # frees them before the next ones are waited for
            self.progress = covered.after
            if rows_came and covered.after.scan:
                yield self.state_message()

    def _ask_for_fields(self) -> None:
        """Rows come for certain, and their fields will be needed. A sync without news asks for none."""
        if self.table.fields_of and self.portal.reading.width > 1:
            self.portal.metadata.begin()

    def state_message(self) -> AirbyteMessage:
        """A STATE line with the stream's progress."""
        descriptor = StreamDescriptor(name=self.name)
        state = AirbyteStreamState(stream_descriptor=descriptor, stream_state=AirbyteStateBlob(self.state))
        return AirbyteMessage(type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=state))

    def wait_message(self, *methods: str) -> Iterator[AirbyteMessage]:
        """A status line if one of the methods cannot be called for a while; others may have their turn then."""
        wait = max(self.portal.client.operating_wait(method, MOST_COMMANDS) for method in methods)
        if wait:
            self._ready_at = self.portal.clock.monotonic() + wait
            limited = [AirbyteStreamStatusReason(type=AirbyteStreamStatusReasonType.RATE_LIMITED)]
            yield as_airbyte_message(StreamDescriptor(name=self.name), AirbyteStreamStatus.RUNNING, limited)

    def get_json_schema(self) -> Schema:  # type: ignore[override]  # the CDK's is cached by a decorator, ours below
        """Standard and custom columns; the standard ones alone where the webhook may not read the table anyway."""
        return self._json_schema

    @cached_property
    def _json_schema(self) -> Schema:
        schema = standard_schema(self.table.name)
        try:
            return with_columns(schema, self.own_fields())
        except (MissingScope, NoAccess, NoSuchMethod) as error:
            self.logger.warning("The custom columns of %s are not known: %s", self.name, error)
            return schema
        except PortalError as error:
            raise failure_of(error) from None

    def own_fields(self) -> list[Any]:
        """The fields that become columns beside the standard ones. Raises PortalError."""
        return []
