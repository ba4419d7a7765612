"""What the doctor tells a user."""

import pytest

from demo.patient import patient
from emulator.app import App
from emulator.twists import turn_round
from source_bitrix24.doctor.advice import findings_in_short, settings, warnings
from source_bitrix24.doctor.estimates import Estimate, Estimates
from unit_tests.doctor.examined import examined, healthy


def said(app: App) -> str:
    return "\n".join(warnings(examined(app)))


def test_a_healthy_portal_has_no_warning() -> None:
    assert list(warnings(healthy())) == []


def test_a_page_of_plain_sentences_says_what_the_webhook_sees() -> None:
    assert list(findings_in_short(healthy())) == [
        "The webhook's user is an administrator of the portal, who sees every record.",
        "The webhook has these permissions (scopes): crm, task, telephony, user.",
        "With the permission `department` it would also read: departments.",
        "Every table that is a list can be read.",
    ]


def test_a_user_who_is_no_administrator_is_told_what_that_hides() -> None:
    app = patient()
    app.portal.user_is_admin = False
    app.webhook.may_not_read.add("quote")
    found = examined(app)
    text = "\n".join(findings_in_short(found))
    assert "not an administrator" in text
    assert "cannot be read: quote_custom_field_values, quotes" in text
    assert any(
        line.startswith("quotes, quote_custom_field_values: The user of the webhook may not read this")
        for line in warnings(found)
    )


def test_a_profile_that_is_refused_is_said() -> None:
    app = patient()
    app.webhook.may_not_read.add("profile")
    assert "does not say who" in next(iter(findings_in_short(examined(app))))


def test_a_portal_that_moved_is_said() -> None:
    app = patient()
    app.adds_slash = True
    assert "redirects to another address" in said(app)


def test_another_program_on_the_same_limit_is_said() -> None:
    app = patient()
    app.fault("too_many_requests", at=5)
    assert "another program on the same IP address" in said(app)


def test_operating_time_that_others_have_spent_is_said() -> None:
    app = patient()
    app.limits.operating.add("batch crm.deal.list", 240)
    assert "have spent 4 min of the 480 s" in said(app)


def test_clocks_that_are_apart_are_said() -> None:
    app = patient()
    turn_round(app, "clocks_agree")
    assert "set both to the same time" in said(app)


def test_an_examination_that_ended_early_is_said() -> None:
    app = patient()
    app.limits.latency.command = 1.5
    assert "The examination is not complete: 120 seconds have passed." in said(app)


@pytest.mark.parametrize(
    ("first", "hourly", "name", "words"),
    [
        (Estimate(60, 20, "requests in flight"), Estimate(5, 5), "portal_plan", "no difference"),
        (Estimate(6000, 9000, "request rate"), Estimate(5, 5), "portal_plan", "`enterprise`"),
        (Estimate(60, 20), Estimate(5, 5), "start_date", "empty"),
        (Estimate(90_000, 20), Estimate(5, 5), "start_date", "oldest day"),
        (Estimate(60, 20), Estimate(5, 5), "frequency", "every hour"),
        (Estimate(60, 20), Estimate(7200, 5), "frequency", "every 8 hours"),
    ],
)
def test_settings_follow_from_the_estimates(first: Estimate, hourly: Estimate, name: str, words: str) -> None:
    assert words in dict(settings(healthy(), Estimates({}, first, hourly)))[name]


def test_the_language_of_labels_is_that_which_was_found() -> None:
    chosen = dict(settings(healthy(), healthy().estimates))["label_language"]
    assert chosen == "`en`: custom fields have labels in it"
