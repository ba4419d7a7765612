"""What becomes of a read that a fault disturbs, found out by reading the emulator once with each fault of its list."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, errors

from .quiet import quiet

_TABLE, _KEY = "deals", ("ID",)
_DEALS = 600
_AT, _TIMES, _FOR_EVER = 3, 2, 1_000_000
_OF_LATER_SYNCS = ("filter_ignored",)  # a first read filters by no date
_TOLD = {
    "too_many_requests": "503 `QUERY_LIMIT_EXCEEDED`",
    "operating_time": "429 `OPERATION_TIME_LIMIT`",
    "internal_error": "500 `INTERNAL_SERVER_ERROR`",
    "bad_gateway": "502 with a page of HTML",
    "gateway_timeout": "504 with a page of HTML",
    "html": "200 with a page of HTML",
    "empty": "200 with an empty body",
    "revoked": "401 `INVALID_CREDENTIALS` in the middle of the read",
    "reset": "connection reset",
    "refused": "connection refused",
    "dns": "the host's name is not found",
    "tls": "the certificate is not valid",
    "hang": "no answer within the read time-out",
    "connect_timeout": "no connection within the time-out",
    "cut_connection": "the connection breaks while the answer comes",
    "command_error": "a command of the batch fails with an empty code",
    "command_missing": "a command of the batch has no answer",
    "command_time_limit": "a command of the batch gets `OPERATION_TIME_LIMIT`",
    "cut_body": "200 with half a body",
    "too_long": "the request takes more than 60 s and is cut",
    "filter_ignored": "the portal ignores the filter by date, in a later sync",
    "rows_reversed": "the portal ignores the order",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a read went: requests, seconds that passed on the portal's clock, differing values, and what the user was told."""

    requests: int
    seconds: int
    equal: bool
    equal_after_the_next: bool
    failure: str = ""
    message: str = ""


def markdown() -> str:
    """A line for each fault: overcome when it strikes twice, and what is said when it never ends."""
    lines = [
        "| fault | strikes twice: asked again | seconds waited | rows equal the portal's | never ends: seconds | outcome |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    with quiet(), tempfile.TemporaryDirectory() as folder:
        calm = outcome(Path(folder))
        for kind in KINDS:
            twice = outcome(Path(folder), kind, _TIMES)
            ever = outcome(Path(folder), kind, _FOR_EVER)
            again, waited = twice.requests - calm.requests, twice.seconds - calm.seconds
            told = f"{ever.failure}: {ever.message}" if ever.failure else "rows equal the portal's"
            lines.append(
                f"| {_TOLD[kind]} | {_times(again, twice)} | {waited} | {_equal(twice)} "
                f"| {ever.seconds - calm.seconds} | {told} |"
            )
    return "\n".join(lines)


def outcome(folder: Path, kind: str = "", times: int = 0) -> Outcome:
    """Read a table while a fault strikes, then once more without it."""
    app = App(sample_portal(PlayedClock(), deals=_DEALS))
    connector = Connector(app, folder)
    warehouse = Warehouse(connector.streams())
    at = _AT
    if kind in _OF_LATER_SYNCS:
        at = 1
        warehouse.take(connector.read(_TABLE))
        app.portal.clock.sleep(3600)
        app.portal.update("deal", app.portal.tables["deal"].ids[0], TITLE="Changed")
    app.log.clear()
    began = app.portal.clock.monotonic()
    if kind:
        app.fault(kind, at=at, times=times)
    messages = connector.read(_TABLE, state=warehouse.state)
    requests, seconds = len(app.log), round(app.portal.clock.monotonic() - began)
    warehouse.take(messages)
    equal = _is_equal(app, warehouse)
    app.faults.clear()
    warehouse.take(connector.read(_TABLE, state=warehouse.state))
    (error, *_) = errors(messages) or [{"failure_type": "", "message": ""}]
    return Outcome(requests, seconds, equal, _is_equal(app, warehouse), error["failure_type"], error["message"])


def _is_equal(app: App, warehouse: Warehouse) -> bool:
    return not differences(warehouse.rows(_TABLE), expected_rows(app.portal, _TABLE), _KEY)


def _times(again: int, twice: Outcome) -> str:
    return "no" if twice.failure or again <= 0 else f"{again} requests"


def _equal(told: Outcome) -> str:
    assert told.equal_after_the_next
    return "yes" if told.equal else "with the next sync"
