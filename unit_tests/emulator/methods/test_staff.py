from typing import Any

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.client import call, full_portal


@pytest.fixture
def app() -> App:
    portal = full_portal(40)
    portal.scopes = {"crm", "department", "user"}
    return App(portal)


def ids(app: App, **params: Any) -> list[int]:
    return [int(row["ID"]) for row in call(app, "user.get", **params)["result"]]


def test_users_are_sorted_by_texts_and_a_filter_replaces_all_other_conditions(app: App) -> None:
    assert ids(app, ADMIN_MODE=1, sort="ID", order="DESC", FILTER={"<ID": 5}, start=-1) == [4, 3, 2, 1]
    assert ids(app, ADMIN_MODE=1, ID=3) == [3]
    assert ids(app, ADMIN_MODE=1, ID=3, FILTER={"ID": 4}) == [4]  # P15.1


def test_guests_are_hidden_without_the_mode_of_administrators(app: App) -> None:
    assert set(ids(app, ADMIN_MODE=1)) - set(ids(app)) == {29, 30}
    app.portal.user_is_admin = False
    assert len(ids(app, ADMIN_MODE=1)) == 28  # P15.1


def test_beyond_the_end_there_are_no_users_but_the_first_departments_again(app: App) -> None:
    assert ids(app, ADMIN_MODE=1, start=50) == []
    first = call(app, "department.get")
    assert first["total"] == 6
    assert call(app, "department.get", start=50)["result"] == first["result"]  # P15.2
    assert call(app, "department.get", start=-1)["result"] == first["result"]
    assert "PARENT" not in first["result"][0]


@pytest.mark.parametrize(("scope", "has_mail"), [("user", True), ("user_basic", True), ("user_brief", False)])
def test_a_narrower_scope_leaves_out_columns(app: App, scope: str, has_mail: bool) -> None:
    app.portal.scopes = {scope}
    row = call(app, "user.get", ADMIN_MODE=1)["result"][0]
    assert ("EMAIL" in row, "LAST_LOGIN" in row) == (has_mail, scope == "user")  # P15.1
    assert (row["ACTIVE"], row["TIMESTAMP_X"]) == (True, {})


def test_without_any_of_its_scopes_users_are_refused(app: App, portal: Portal) -> None:
    app.portal.scopes = {"crm"}
    assert call(app, "user.get")["error"] == "insufficient_scope"
