from pathlib import Path

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, records


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    return Connector(App(sample_portal(PlayedClock(), deals=1300, contacts=60)), tmp_path)


def test_rows_come_newest_first(connector: Connector) -> None:
    ids = [row["ID"] for row in records(connector.read("deals"), "deals")]
    assert ids == sorted((row["ID"] for row in connector.app.portal.visible("deal")), reverse=True)


def test_a_state_follows_each_requests_rows_and_claims_no_row_that_is_not_out(connector: Connector) -> None:
    held = {row["ID"] for row in connector.app.portal.visible("deal")}
    out: set[int] = set()
    claims = []
    for message in connector.read_lines("deals"):
        if message["type"] == "RECORD":
            out.add(message["record"]["data"]["ID"])
        elif message["type"] == "STATE":
            state = message["state"]["stream"]["stream_state"]
            claims.append(state.get("scan", {"below": 1})["below"])
            assert out == {number for number in held if number >= claims[-1]}
    requests_with_rows = [one for one in connector.app.log if one.rows and "crm.deal.list" in one.methods]
    assert claims == sorted(claims, reverse=True)
    assert len(claims) >= len(requests_with_rows) >= 2


def test_contact_details_are_arrays_of_objects(connector: Connector) -> None:
    held = {row["ID"]: row for row in connector.app.portal.visible("contact")}
    rows = records(connector.read("contacts"), "contacts")
    assert len(rows) == len(held)
    for row in rows:
        phones = [(entry["VALUE"], entry["VALUE_TYPE"]) for entry in row.get("PHONE") or []]
        assert phones == [(entry["VALUE"], entry["VALUE_TYPE"]) for entry in held[row["ID"]]["PHONE"] or []]
    assert any(row.get("PHONE") for row in rows)


def test_a_custom_field_that_is_added_between_two_syncs_comes_as_text_until_the_next_discovery(
    connector: Connector,
) -> None:
    before = connector.catalog(["deals"])
    first = connector.messages("read", catalog=before)
    state = [message["state"] for message in first if message["type"] == "STATE"][-1]
    connector.app.portal.add_user_field("deal", "UF_CRM_ADDED", "integer")
    deal = connector.app.portal.create("deal", TITLE="Of today", UF_CRM_ADDED=7)
    second = connector.messages("read", catalog=before, state=[state])
    assert connector.exit_code == 0
    assert [(row["ID"], row["UF_CRM_ADDED"]) for row in records(second, "deals")] == [(deal, "7")]


def test_a_custom_field_that_is_removed_between_two_syncs_is_empty(connector: Connector) -> None:
    before = connector.catalog(["contacts"])
    gone = connector.app.portal.user_fields["contact"].pop()
    rows = records(connector.messages("read", catalog=before), "contacts")
    assert connector.exit_code == 0
    assert len(rows) == len(list(connector.app.portal.visible("contact")))
    assert not any(row.get(gone.name) for row in rows)
