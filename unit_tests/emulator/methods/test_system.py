from typing import Any

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.client import call, empty_portal, status_and_body


@pytest.mark.parametrize("admin", [True, False])
def test_the_profile_is_that_of_the_webhooks_user(app: App, portal: Portal, admin: bool) -> None:
    portal.user_is_admin = admin
    expected = {"ID": "1", "ADMIN": admin, "NAME": "Анна", "LAST_NAME": "Admin", "TIME_ZONE": ""}
    assert call(app, "profile") == {"result": expected}  # P13


def test_the_profile_of_an_inactive_user_is_empty(app: App, portal: Portal) -> None:
    portal.user_is_active = False
    assert call(app, "profile") == {"result": []}  # P13


def test_the_scopes_of_the_webhook(app: App, portal: Portal) -> None:
    portal.scopes |= {"telephony", "catalog"}
    assert call(app, "scope") == {"result": ["catalog", "crm", "telephony"]}  # P13


@pytest.mark.parametrize(
    ("name", "scopes", "expected"),
    [
        ("crm.deal.list", {"crm"}, {"isExisting": True, "isAvailable": True}),
        ("crm.deal.list", {"telephony"}, {"isExisting": True, "isAvailable": False}),
        ("profile", set(), {"isExisting": True, "isAvailable": True}),
        ("crm.nope", {"crm"}, {"isExisting": False, "isAvailable": False}),
        (None, {"crm"}, {"isExisting": False, "isAvailable": False}),
    ],
)
def test_a_method_exists_and_may_be_available(
    app: App, portal: Portal, name: str | None, scopes: set[str], expected: dict[str, bool]
) -> None:
    portal.scopes = scopes
    assert call(app, "method.get", name=name) == {"result": expected}  # P13


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Moscow", "2026-11-30T03:53:20+03:00"), ("America/New_York", "2026-11-29T19:53:20-05:00")],
)
def test_the_server_time_has_the_offset_of_its_zone(zone: str, expected: str) -> None:
    assert call(App(empty_portal(zone)), "server.time") == {"result": expected}  # P12


def test_the_portal_works_with_leads(app: App) -> None:
    assert call(app, "crm.settings.mode.get") == {"result": 1}  # P13


def test_a_webhook_is_not_an_application(app: App) -> None:
    expected: dict[str, Any] = {
        "error": "ACCESS_DENIED",
        "error_description": "Access denied! Application context required",
    }
    assert status_and_body(app, "app.info") == (400, expected)  # P13
