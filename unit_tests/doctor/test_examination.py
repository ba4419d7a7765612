"""A whole examination."""

from collections.abc import Callable

import pytest

from demo.patient import patient
from emulator.app import App
from emulator.registry import RestError
from source_bitrix24.doctor.examination import examination, unasked
from source_bitrix24.doctor.fact import FACTS, Verdict
from source_bitrix24.doctor.guard import MOST_REQUESTS, MOST_SECONDS
from source_bitrix24.portal.errors import BadWebhook
from source_bitrix24.portal.webhook import Webhook
from unit_tests.doctor.examined import examined, healthy, verdicts
from unit_tests.mounted import session_of


def test_on_the_bundled_portal_every_fact_is_as_known() -> None:
    found = healthy()
    assert set(verdicts(found).values()) == {Verdict.AS_KNOWN}
    assert (found.stopped, unasked(found)) == ("", [])


def test_it_takes_few_requests_and_little_time() -> None:
    found = healthy()
    assert found.guard.sent < MOST_REQUESTS / 2
    assert found.guard.seconds < MOST_SECONDS / 2


def test_a_portal_without_any_rows_is_examined() -> None:
    sizes = dict.fromkeys(("leads", "contacts", "companies", "quotes", "activities", "products"), 0)
    found = examined(App(patient(deals=0, **sizes).portal))
    assert found.stopped == ""
    assert Verdict.DIFFERENT not in verdicts(found).values()


def test_a_user_who_may_read_nothing_of_the_crm_is_examined() -> None:
    app = patient()
    app.portal.user_is_admin = False
    app.webhook.may_not_read |= {
        "deal",
        "lead",
        "contact",
        "company",
        "quote",
        "activity",
        "product",
        "item",
        "catalog",
    }
    found = examined(app)
    assert Verdict.DIFFERENT not in verdicts(found).values()
    assert found.verdict("start_beyond_the_end") is Verdict.UNTOLD


def test_a_list_of_owners_is_asked_for_administrators_only() -> None:
    app = patient()
    app.portal.user_is_admin = False
    assert examined(app).verdict("lists_of_owners") is Verdict.UNTOLD
    assert not any(
        isinstance(owners, list) for entry in app.log for owners in (entry.methods.get("crm.productrow.list"),)
    )


def test_a_slow_portal_is_examined_as_far_as_two_minutes_go() -> None:
    app = patient()
    app.limits.latency.command = 1.5
    found = examined(app)
    assert "seconds have passed" in found.stopped
    assert found.guard.seconds < MOST_SECONDS + 60
    assert unasked(found)


def test_who_interrupts_it_gets_what_was_found_until_then() -> None:
    app = patient()

    def interrupt() -> None:
        raise KeyboardInterrupt

    app.before("app.info", 1, interrupt)
    found = examined(app)
    assert found.stopped == "it was interrupted"
    assert 0 < len(found.findings) < len(FACTS)


def test_a_webhook_that_is_not_accepted_is_an_error() -> None:
    app = patient()
    app.webhook.refusal = RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
    with pytest.raises(BadWebhook):
        examined(app)


def test_a_portal_that_fails_now_and_then_is_examined_all_the_same() -> None:
    app = patient()
    app.fault("bad_gateway", chance=0.2, times=5)
    assert examined(app).stopped == ""


@pytest.mark.parametrize(
    ("change", "in_bulk"), [(lambda app: None, True), (lambda app: setattr(app.portal, "user_is_admin", False), False)]
)
def test_estimates_follow_what_was_found(change: Callable[[App], None], in_bulk: bool) -> None:
    app = patient(deals=3000)
    change(app)
    estimate = examined(app).estimates.tables["deal_products"].first
    assert estimate
    assert (estimate.requests < 3000 / 50) is in_bulk


def test_a_language_can_be_chosen() -> None:
    app = patient()
    found = examination(Webhook.parse(app.webhook_url), app.portal.clock, session_of(app), "ru")
    assert "have a label in ru" in found.findings["labels_need_a_language"].measured
