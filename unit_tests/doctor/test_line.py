"""Requests of the doctor, and what it learns from their times."""

import pytest

from demo.patient import patient
from emulator.app import App
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.doctor.fact import Alone, Direct
from source_bitrix24.doctor.guard import READ_ONLY, Guard, methods_of
from source_bitrix24.doctor.line import Line, seconds_of
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.errors import NoAccess, PortalFailed
from unit_tests.mounted import client_of, transport_of

CLOCK = Command("server.time")
DEALS = Command("crm.deal.list", {"select": ["ID"], "filter": {"<ID": 0}, "start": -1})


def line_to(app: App) -> Line:
    guard = Guard(transport_of(app), app.portal.clock, READ_ONLY | methods_of(TABLES))
    return Line(client_of(app, transport=guard, retry_seconds=5), guard)


def test_a_batch_comes_with_the_times_of_its_commands_and_its_raw_maps() -> None:
    reply = line_to(patient()).send({"clock": CLOCK, "deals": DEALS})
    assert reply["deals"].result == []
    assert reply.times.keys() == {"clock", "deals"}
    assert reply.time["duration"] == pytest.approx(0.03, abs=1e-4)
    assert reply.maps["result_error"] == []


def test_a_direct_call_comes_with_its_answer_or_its_error() -> None:
    app = patient()
    line = line_to(app)
    assert line.send(Direct(CLOCK))["direct"].result
    app.webhook.may_not_read.add("deal")
    assert isinstance(line.send(Direct(DEALS))["direct"].error, NoAccess)
    assert [entry.method for entry in app.log] == ["server.time", "crm.deal.list"]


def test_a_request_that_fails_as_a_whole_is_tried_again_and_then_raised() -> None:
    app = patient()
    app.fault("bad_gateway", times=9)
    with pytest.raises(PortalFailed):
        line_to(app).send(Alone({"clock": CLOCK}))
    assert len(app.log) > 1


def test_it_learns_what_requests_cost_beside_their_commands() -> None:
    line = line_to(patient())
    line.send({"deals": DEALS})
    assert line.overhead == pytest.approx(0.05, abs=1e-4)
    assert line.request_seconds == pytest.approx(0.02, abs=1e-4)
    assert line.least_seconds == pytest.approx(0.005, abs=1e-4)
    assert line.keeps_accounts


def test_operating_time_that_others_have_spent_is_seen() -> None:
    app = patient()
    app.limits.operating.add("batch crm.deal.list", 300)
    line = line_to(app)
    line.send({"deals": DEALS})
    assert line.others == pytest.approx(300, abs=1)


def test_a_time_block_without_a_duration_counts_nothing() -> None:
    assert (seconds_of({}), seconds_of({"duration": "soon"}), seconds_of({"duration": 2})) == (0, 0, 2)
