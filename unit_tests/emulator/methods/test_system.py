from typing import Any

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.asking import ask, empty_portal, refusal


@pytest.mark.parametrize("admin", [True, False])
def test_the_profile_tells_who_the_webhook_is(app: App, portal: Portal, admin: bool) -> None:
    portal.user_is_admin = admin
    told = {"ID": "1", "ADMIN": admin, "NAME": "Анна", "LAST_NAME": "Admin", "TIME_ZONE": ""}
    assert ask(app, "profile") == {"result": told}  # P13


def test_the_profile_of_somebody_who_left_is_empty(app: App, portal: Portal) -> None:
    portal.user_is_active = False
    assert ask(app, "profile") == {"result": []}  # P13


def test_the_scopes_are_told(app: App, portal: Portal) -> None:
    portal.scopes |= {"telephony", "catalog"}
    assert ask(app, "scope") == {"result": ["catalog", "crm", "telephony"]}  # P13


@pytest.mark.parametrize(
    ("name", "scopes", "told"),
    [
        ("crm.deal.list", {"crm"}, {"isExisting": True, "isAvailable": True}),
        ("crm.deal.list", {"telephony"}, {"isExisting": True, "isAvailable": False}),
        ("profile", set(), {"isExisting": True, "isAvailable": True}),
        ("crm.nope", {"crm"}, {"isExisting": False, "isAvailable": False}),
        (None, {"crm"}, {"isExisting": False, "isAvailable": False}),
    ],
)
def test_a_method_is_known_and_perhaps_available(
    app: App, portal: Portal, name: str | None, scopes: set[str], told: dict[str, bool]
) -> None:
    portal.scopes = scopes
    assert ask(app, "method.get", name=name) == {"result": told}  # P13


@pytest.mark.parametrize(
    ("zone", "told"),
    [("Europe/Moscow", "2026-11-30T03:53:20+03:00"), ("America/New_York", "2026-11-29T19:53:20-05:00")],
)
def test_the_time_of_the_server_has_the_offset_of_its_zone(zone: str, told: str) -> None:
    assert ask(App(empty_portal(zone)), "server.time") == {"result": told}  # P12


def test_the_portal_works_with_leads(app: App) -> None:
    assert ask(app, "crm.settings.mode.get") == {"result": 1}  # P13


def test_an_application_is_something_else(app: App) -> None:
    told: dict[str, Any] = {
        "error": "ACCESS_DENIED",
        "error_description": "Access denied! Application context required",
    }
    assert refusal(app, "app.info") == (400, told)  # P13
