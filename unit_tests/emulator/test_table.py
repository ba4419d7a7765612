from typing import Any

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from unit_tests.emulator.client import listed


def test_a_row_is_returned_as_a_copy(portal: Portal, lead: int) -> None:
    portal.tables["lead"].row(lead)["TITLE"] = "scribbled"
    assert portal.tables["lead"].row(lead)["TITLE"] == "one"


def test_the_id_of_the_last_sample_row_is_not_reused_either() -> None:
    portal = sample_portal(PlayedClock(), deals=5)
    last = portal.tables["lead"].ids[-1]
    portal.delete("lead", last)
    assert portal.create("lead") == last + 1


def test_a_list_by_modification_time_is_right_after_every_edit(app: App, portal: Portal, lead: int) -> None:
    params: dict[str, Any] = {"filter": {">=DATE_MODIFY": "2026-11-30T03:54:00"}}
    assert listed(app, "crm.lead.list", **params) == []
    portal.update("lead", lead, TITLE="two")
    assert listed(app, "crm.lead.list", **params) == [lead]
    other = portal.create("lead")
    assert listed(app, "crm.lead.list", **params) == [lead, other]
    portal.delete("lead", lead)
    assert listed(app, "crm.lead.list", **params) == [other]
