"""The effect of each fault on a read, measured by reading the emulator with each fault of its list."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, errors

_TABLE, _METHOD, _KEY = "deals", "crm.deal.list", ("ID",)
_DEALS = 520  # the first request for deals brings 500 of them, the second one the rest
_FIRST_HIT, _TWICE, _ALWAYS = 2, 2, 1_000_000
_IN_A_LATER_SYNC = ("filter_ignored", "filter_null")  # a first read filters by no date
HEAD = [
    "| fault | two hits: retries | seconds lost | table complete | permanent: seconds until the end | result |",
    "| --- | --- | --- | --- | --- | --- |",
]
_FAULTS = {
    "too_many_requests": "503 `QUERY_LIMIT_EXCEEDED`",
    "operating_time": "429 `OPERATION_TIME_LIMIT`",
    "internal_error": "500 `INTERNAL_SERVER_ERROR`",
    "bad_gateway": "502 with a page of HTML",
    "gateway_timeout": "504 with a page of HTML",
    "html": "200 with a page of HTML",
    "empty": "200 with an empty body",
    "revoked": "401 `INVALID_CREDENTIALS` in the middle of the read",
    "refused_in_russian": "400 with the code 0 and a text in Russian",
    "page_401": "401 with a page of HTML",
    "page_403": "403 with a page of HTML",
    "page_404": "404 with a page of HTML",
    "proxy_login": "407",
    "login_page": "200 with a page of HTML that asks for a password",
    "login_redirect": "302 to a page where people log in",
    "reset": "connection reset",
    "refused": "connection refused",
    "dns": "the host name cannot be resolved",
    "tls": "the certificate is not trusted",
    "tls_name": "the certificate is for another name",
    "tls_expired": "the certificate has expired",
    "proxy_refuses": "the proxy answers 407 to `CONNECT`",
    "hang": "no answer within the read timeout",
    "connect_timeout": "no connection within the timeout",
    "cut_connection": "the connection breaks in the middle of an answer",
    "command_error": "a command of the batch fails with an empty code",
    "command_missing": "a command of the batch has no answer",
    "command_time_limit": "a command of the batch gets `OPERATION_TIME_LIMIT`",
    "cut_body": "200 with half a body",
    "too_long": "the request takes more than 60 s and is cut off",
    "filter_ignored": "the portal ignores the filter by date, in a later sync",
    "filter_null": "the portal cannot parse the date in the filter, in a later sync",
    "short_page": "a page lacks its last row",
    "rows_reversed": "the portal ignores the order",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a read went. `seconds` by the portal's clock; `failure` and `message` are empty if it succeeded."""

    requests: int
    seconds: int
    is_complete: bool
    failure: str
    message: str


def markdown() -> str:
    """A line for each fault: its effect if it hits two requests, and if it never ends."""
    return "\n".join([*HEAD, *map(line, KINDS)])


def line(kind: str) -> str:
    """The line of a fault."""
    calm, twice, always = _calm(), outcome(kind, _TWICE), outcome(kind, _ALWAYS)
    cells = [
        _FAULTS[kind],
        "none" if twice.failure else max(0, twice.requests - calm.requests) or "none",
        twice.seconds - calm.seconds,
        "yes" if twice.is_complete else "after the next sync",
        always.seconds - calm.seconds,
        f"{always.failure}: {always.message}" if always.failure else "table complete",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def outcome(kind: str, times: int) -> Outcome:
    """Read a table while a fault hits `times` requests. If that is incomplete, the next sync must complete the table."""
    app = App(sample_portal(PlayedClock(), deals=_DEALS))
    app.portal.user_fields["deal"].clear()  # fewer columns, a quicker read
    with tempfile.TemporaryDirectory() as folder:
        connector = Connector(app, Path(folder))
        warehouse = Warehouse(connector.streams())
        first_hit = _FIRST_HIT
        if kind in _IN_A_LATER_SYNC:
            first_hit = 1
            warehouse.take(connector.read(_TABLE))
            app.portal.clock.sleep(3600)
            app.portal.update("deal", app.portal.tables["deal"].ids[0], TITLE="Changed")
        app.log.clear()
        started = app.portal.clock.monotonic()
        app.fault(kind, method=_METHOD, at=first_hit, times=times)
        messages = connector.read(_TABLE, state=warehouse.state)
        requests, seconds = len(app.log), round(app.portal.clock.monotonic() - started)
        warehouse.take(messages)
        error = next(iter(errors(messages)), {"failure_type": "", "message": ""})
        is_complete = not error["message"] and _is_complete(app, warehouse)
        if not is_complete:
            app.faults.clear()
            warehouse.take(connector.read(_TABLE, state=warehouse.state))
            assert _is_complete(app, warehouse)
    return Outcome(requests, seconds, is_complete, error["failure_type"], error["message"])


@cache
def _calm() -> Outcome:
    return outcome(KINDS[0], times=0)


def _is_complete(app: App, warehouse: Warehouse) -> bool:
    return not differences(warehouse.rows(_TABLE), expected_rows(app.portal, _TABLE), _KEY)
