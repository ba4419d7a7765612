"""A client of an emulated portal, without a socket."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from emulator.app import SAMPLE_TOKEN, App
from emulator.clock import PlayedClock
from emulator.messages import Request, Response
from emulator.store import Portal, sample_portal

ORDER = {"ID": "ASC"}
_OBJECTS = ("leads", "contacts", "companies", "quotes", "activities", "products", "catalogs")


def empty_portal(zone: str = "Europe/Moscow") -> Portal:
    """A portal without rows except for the recurring deal 1 and the vendor, contact 1, which lists leave out."""
    sizes: dict[str, Any] = dict.fromkeys(_OBJECTS, 0)
    return _of_the_crm(sample_portal(PlayedClock(), deals=0, zone=zone, users=0, **sizes))


def full_portal(size: int) -> Portal:
    """A portal with `size` rows of every object."""
    sizes: dict[str, Any] = dict.fromkeys(_OBJECTS, size)
    return _of_the_crm(sample_portal(PlayedClock(), deals=size, **sizes))


def _of_the_crm(portal: Portal) -> Portal:
    """The portal, with a webhook that may use the CRM only."""
    portal.scopes = {"crm"}
    return portal


def post(app: App, method: str, **params: Any) -> Response:
    """The answer to a POST with a JSON body."""
    return send(app, f"/rest/1/{SAMPLE_TOKEN}/{method}", orjson.dumps(params))


def send(app: App, path: str, body: bytes = b"", kind: str = "application/json", host: str = "portal.test") -> Response:
    """The answer to a POST of any body to any path."""
    return app.handle(Request("POST", path, {"Host": host, "Content-Type": kind}, body))


def call(app: App, method: str, **params: Any) -> dict[str, Any]:
    """The body of an answer, without its `time`."""
    body: dict[str, Any] = orjson.loads(post(app, method, **params).body)
    body.pop("time", None)
    return body


def status_and_body(app: App, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of an answer."""
    response = post(app, method, **params)
    return response.status, orjson.loads(response.body)


def batch(app: App, commands: Mapping[str, Any] | Sequence[Any], **params: Any) -> dict[str, Any]:
    """The five maps of a batch, without `result_time`."""
    body: dict[str, Any] = call(app, "batch", cmd=commands, **params)["result"]
    del body["result_time"]
    return body


def page(
    numbers: Iterable[int], total: int | None = None, next_offset: int | None = None, items: bool = False
) -> dict[str, Any]:
    """The answer of a list that selects IDs only. `items`: in the form of the universal methods."""
    rows: Any = (
        {"items": [{"id": number} for number in numbers]} if items else [{"ID": str(number)} for number in numbers]
    )
    return {"result": rows} | {key: n for key, n in (("total", total), ("next", next_offset)) if n is not None}


def listed(app: App, method: str, **params: Any) -> list[int]:
    """The IDs of a classic list's first page, without a count."""
    rows = call(app, method, select=["ID"], order=ORDER, start=-1, **params)["result"]
    return [int(row["ID"]) for row in rows]
