from typing import Any

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from unit_tests.emulator.asking import listed


def test_a_row_that_is_handed_out_is_a_copy(portal: Portal, lead: int) -> None:
    portal.tables["lead"].row(lead)["TITLE"] = "scribbled"
    assert portal.tables["lead"].row(lead)["TITLE"] == "one"


def test_the_id_of_the_last_row_of_the_sample_is_never_given_again_either() -> None:
    portal = sample_portal(PlayedClock(), deals=5)
    last = portal.tables["lead"].ids[-1]
    portal.delete("lead", last)
    assert portal.create("lead") == last + 1


def test_a_list_by_time_follows_every_edit(app: App, portal: Portal, lead: int) -> None:
    asked: dict[str, Any] = {"filter": {">=DATE_MODIFY": "2026-11-30T03:54:00"}}
    assert listed(app, "crm.lead.list", **asked) == []
    portal.update("lead", lead, TITLE="two")
    assert listed(app, "crm.lead.list", **asked) == [lead]
    other = portal.create("lead")
    assert listed(app, "crm.lead.list", **asked) == [lead, other]
    portal.delete("lead", lead)
    assert listed(app, "crm.lead.list", **asked) == [other]
