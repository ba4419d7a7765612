"""A plain Airbyte connector, written the usual way: `HttpStream`, one page per request by `start`, state = max(cursor).

Its config holds the benchmark's task beside the webhook. It has no rate limiter: the CDK retries rejected requests.
"""

import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import requests
from airbyte_cdk.entrypoint import launch
from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.streams import CheckpointMixin, Stream
from airbyte_cdk.sources.streams.http import HttpStream, HttpSubStream

from benchmarks.peers.task import Listing, PerParent

_CURSOR = "DATE_MODIFY"


class _Method(HttpStream):
    primary_key = "ID"

    def __init__(self, webhook: str, table: str, method: str) -> None:
        self._webhook = webhook
        self._table = table
        self._method = method
        super().__init__()

    @property
    def name(self) -> str:
        return self._table

    @property
    def url_base(self) -> str:
        return self._webhook

    def path(self, **_: Any) -> str:
        return self._method

    def next_page_token(self, response: requests.Response) -> Mapping[str, Any] | None:
        next_start = response.json().get("next")
        return {"start": next_start} if next_start else None

    def parse_response(self, response: requests.Response, **_: Any) -> Iterable[Mapping[str, Any]]:
        result = response.json()["result"]
        rows: Iterable[Mapping[str, Any]] = result["items"] if isinstance(result, dict) else result
        return rows

    def get_json_schema(self) -> Mapping[str, Any]:  # type: ignore[override]  # the CDK's is cached by a decorator
        return {"type": "object", "additionalProperties": True, "properties": {}}


class ListStream(_Method, CheckpointMixin):
    """A list: all rows, or those that changed since the state."""

    cursor_field = _CURSOR
    state_checkpoint_interval = 1000

    def __init__(self, webhook: str, listing: Listing) -> None:
        self._listing = listing
        self._state: MutableMapping[str, Any] = {}
        super().__init__(webhook, listing.table, listing.method)

    @property
    def state(self) -> MutableMapping[str, Any]:
        """The latest modification date of the rows read."""
        return self._state

    @state.setter
    def state(self, value: MutableMapping[str, Any]) -> None:
        self._state = value

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Mapping[str, Any] | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> MutableMapping[str, Any]:
        """The list's parameters as a query string."""
        params: dict[str, Any] = {"order[ID]": "ASC", "select[]": self._listing.select, **self._listing.params}
        if stream_state:
            params[f"filter[>={_CURSOR}]"] = stream_state[_CURSOR]
        return params | {**(next_page_token or {})}

    def read_records(self, *arguments: Any, **named: Any) -> Iterable[Any]:
        """The rows. The state advances with them."""
        # every page is filtered by the state at the start: another filter would shift the offsets
        for row in super().read_records(*arguments, **{**named, "stream_state": dict(self._state)}):
            if isinstance(row, Mapping) and row.get(_CURSOR, "") > self._state.get(_CURSOR, ""):
                self._state = {_CURSOR: row[_CURSOR]}
            yield row


class PerParentStream(_Method, HttpSubStream):
    """Rows that are read per parent, one request for each."""

    def __init__(self, webhook: str, children: PerParent) -> None:
        self.parent = ListStream(webhook, children.parents)
        self._table, self._webhook, self._method = children.table, webhook, children.method
        HttpSubStream.__init__(self, parent=self.parent)

    def stream_slices(
        self, sync_mode: SyncMode, cursor_field: Any = None, stream_state: Any = None
    ) -> Iterable[Mapping[str, Any]]:
        """A slice for each parent."""
        for row in self.parent.read_records(sync_mode=SyncMode.full_refresh):
            assert isinstance(row, Mapping)
            yield {"parent": row["ID"]}

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Mapping[str, Any] | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> MutableMapping[str, Any]:
        """The parent's ID."""
        return {"id": (stream_slice or {})["parent"]}


class SourceByPage(AbstractSource):
    """The connector."""

    def check_connection(self, logger: Any, config: Mapping[str, Any]) -> tuple[bool, Any]:
        """Always succeeds: the benchmark does not check."""
        return True, None

    def streams(self, config: Mapping[str, Any]) -> list[Stream]:
        """The task's tables."""
        webhook = config["webhook_url"]
        lists: list[Stream] = [ListStream(webhook, Listing(**values)) for values in config["lists"]]
        return lists + [
            PerParentStream(webhook, PerParent(**{**values, "parents": Listing(**values["parents"])}))
            for values in config["per_parent"]
        ]

    def spec(self, logger: Any) -> Any:
        """A spec that accepts any config."""
        from airbyte_cdk.models import ConnectorSpecification

        return ConnectorSpecification(connectionSpecification={"type": "object", "additionalProperties": True})


if __name__ == "__main__":
    launch(SourceByPage(), sys.argv[1:])
