"""A state belongs to a portal: another one is refused, the same one under another address goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Message, State, differences, errors, records, states
from integration_tests.test_run import catalog_of, command_line, portal_on_a_socket, run_program
from source_bitrix24.catalog.tables import TABLES

_NAMES = ("deals", "deal_custom_field_values", "deal_products", "deal_stage_history", "deal_pipelines", "products")
_EVERY_KIND = [*_NAMES, "contact_companies", "activities", "catalogs"]
_LISTS = [name for name in _EVERY_KIND if name not in ("deal_pipelines", "catalogs")]


def _saved(messages: list[Message]) -> State:
    """The last state of each stream."""
    found = {m["state"]["stream"]["stream_descriptor"]["name"]: m["state"] for m in messages if m["type"] == "STATE"}
    return list(found.values())


def _other(tmp_path: Path) -> Connector:
    """A connector configured for a portal with other rows, under another address."""
    return Connector(App(sample_portal(PlayedClock(), deals=300, products=50), "https://other.test"), tmp_path)


def _moved(connector: Connector, address: str) -> None:
    connector.settings["webhook_url"] = address


def _read_again(connector: Connector, names: tuple[str, ...], state: State) -> list[Message]:
    """Edit a deal and read what has changed."""
    connector.app.portal.clock.sleep(3600)
    connector.app.portal.update("deal", connector.app.portal.tables["deal"].ids[9], TITLE="Edited")
    connector.app.log.clear()
    return connector.read(*names, state=state)


@pytest.mark.parametrize("name", _EVERY_KIND)
def test_a_state_of_another_portal_stops_the_sync_with_one_sentence_before_a_row_is_read(
    connector: Connector, tmp_path: Path, name: str
) -> None:
    state = _saved(connector.read(name))
    other = _other(tmp_path)
    names = (name, "contacts")
    lines = list(other.lines("read", catalog=other.catalog(names), state=state))
    messages = [json.loads(line) for line in lines]
    (error,) = errors(messages)
    assert error["message"] == (
        "The saved state belongs to the portal portal.test, but the webhook to other.test: to read the new portal, clear "
        "the connection's data in Airbyte or choose another destination; to continue with the old one, restore its webhook."
    )
    assert (other.exit_code, error["failure_type"]) == (1, "config_error")
    assert [message for message in messages if message["type"] in ("RECORD", "STATE")] == []
    assert "Traceback" not in "".join(lines)


@pytest.mark.parametrize("name", _EVERY_KIND)
def test_the_state_names_the_portal_and_nothing_secret(connector: Connector, name: str) -> None:
    saved = states(connector.read(name), name)
    assert {state["portal"]["host"] for state in saved} == {"portal.test"}
    assert connector.app.webhook.token not in json.dumps(saved)
    assert "rest" not in json.dumps(saved)


@pytest.mark.parametrize("name", _LISTS)
def test_a_renamed_portal_goes_on_where_its_newest_record_is_still_there(
    connector: Connector, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    state = _saved(connector.read(name))
    _moved(connector, "https://renamed.test/rest/1/emu1ator0webh00k/")
    messages = _read_again(connector, (name,), state)
    assert (connector.exit_code, errors(messages)) == (0, [])
    if name == "deals":
        assert [row["TITLE"] for row in records(messages, name)] == ["Edited"]
    assert states(messages, name)[-1]["portal"]["host"] == "renamed.test"
    _read_again(connector, (name,), _saved(messages))
    assert [text for text in caplog.messages if "now" in text] == ["The portal portal.test is now at renamed.test."]


@pytest.mark.parametrize("name", _EVERY_KIND)
def test_a_renamed_portal_goes_on_where_the_old_address_redirects_to_the_new_one(
    connector: Connector, name: str
) -> None:
    state = _saved(connector.read(name))
    portal = connector.app.portal
    for record in ("deal", "contact", "product", "activity"):
        portal.delete(record, portal.tables[record].ids[-1])
    connector.app.moved_to = "https://renamed.test"
    _moved(connector, "https://renamed.test/rest/1/emu1ator0webh00k/")
    messages = connector.read(name, state=state)
    assert (connector.exit_code, errors(messages)) == (0, [])
    assert states(messages, name)[-1]["portal"]["host"] == "renamed.test"


def test_with_the_old_address_in_the_settings_a_renamed_portal_goes_on_and_then_with_the_new_one(
    connector: Connector,
) -> None:
    state = _saved(connector.read(*_NAMES))
    connector.app.moved_to = "https://renamed.test"
    messages = _read_again(connector, _NAMES, state)
    assert connector.exit_code == 0
    _moved(connector, "https://renamed.test/rest/1/emu1ator0webh00k/")
    messages = _read_again(connector, _NAMES, _saved(messages))
    assert (connector.exit_code, errors(messages)) == (0, [])


@pytest.mark.parametrize(
    "address",
    [
        "https://PORTAL.test/rest/1/emu1ator0webh00k",
        "https://portal.test:443/rest/1/emu1ator0webh00k/",
        "https://portal.test./REST/1/emu1ator0webh00k/",
        "https://portal.test/rest/1/emu1ator0webh00k/crm.deal.list.json?start=0",
    ],
)
def test_another_spelling_of_the_address_is_the_same_portal_and_costs_no_request(
    connector: Connector, address: str
) -> None:
    state = _saved(connector.read("deals"))
    usual = _read_again(connector, ("deals",), state)
    requests = len(connector.app.log)
    _moved(connector, address)
    messages = _read_again(connector, ("deals",), _saved(usual))
    assert connector.exit_code == 0
    assert len(connector.app.log) == requests
    assert states(messages, "deals")[-1]["portal"]["host"] == "portal.test"


def test_a_webhook_of_another_user_with_another_token_is_of_the_same_portal(connector: Connector) -> None:
    state = _saved(connector.read("deals"))
    usual = _read_again(connector, ("deals",), state)
    requests = len(connector.app.log)
    connector.app.webhook.user, connector.app.webhook.token = 77, "another0webhook0"
    _moved(connector, connector.app.webhook_url)
    messages = _read_again(connector, ("deals",), _saved(usual))
    assert (connector.exit_code, len(connector.app.log)) == (0, requests)
    assert [row["TITLE"] for row in records(messages, "deals")] == ["Edited"]


def test_a_state_of_version_0_1_goes_on_and_gets_its_portal(connector: Connector, tmp_path: Path) -> None:
    state = _saved(connector.read(*_NAMES))
    for one in state:
        del one["stream"]["stream_state"]["portal"]
    _moved(connector, "https://renamed.test/rest/1/emu1ator0webh00k/")
    messages = _read_again(connector, _NAMES, state)
    assert connector.exit_code == 0
    assert [row["TITLE"] for row in records(messages, "deals")] == ["Edited"]
    assert {one["stream"]["stream_state"]["portal"]["host"] for one in _saved(messages)} == {"renamed.test"}
    other = _other(tmp_path)
    assert len(errors(other.read(*_NAMES, state=_saved(messages)))) == 1


def test_a_scan_in_progress_belongs_to_its_portal(tmp_path: Path) -> None:
    first = Connector(App(sample_portal(PlayedClock(), deals=3000)), tmp_path)
    middle = [m["state"] for m in first.read("deals") if m["type"] == "STATE" and _has_a_scan(m)][:1]
    assert middle
    assert errors(_other(tmp_path).read("deals", state=middle))[0]["message"].startswith("The saved state belongs to")
    _moved(first, "https://renamed.test/rest/1/emu1ator0webh00k/")
    rest = first.read("deals", state=middle)
    below = middle[0]["stream"]["stream_state"]["scan"]["below"]
    expected = [row for row in expected_rows(first.app.portal, "deals") if row["ID"] < below]
    # the first state names IDs that may have been printed behind it; those that no deal has are taken back
    rows = [row for row in records(rest, "deals") if "_ab_cdc_deleted_at" not in row]
    assert differences(rows, expected, ("ID",)) == []


def _has_a_scan(message: Message) -> bool:
    return "scan" in message["state"]["stream"]["stream_state"]


def test_a_stream_that_was_cleared_does_not_let_another_portal_in(connector: Connector, tmp_path: Path) -> None:
    state = [one for one in _saved(connector.read("deals", "contacts")) if _name(one) == "contacts"]
    assert len(errors(_other(tmp_path).read("deals", "contacts", state=state))) == 1


def _name(state: Any) -> str:
    return str(state["stream"]["stream_descriptor"]["name"])


def test_a_webhook_that_is_not_accepted_is_reported_as_that(connector: Connector) -> None:
    state = _saved(connector.read("deals"))
    _moved(connector, "https://renamed.test/rest/1/wrong0token0/")
    messages = connector.messages("read", catalog=catalog_of("deals"), state=state)
    assert errors(messages)[0]["message"].startswith("Bitrix24 does not accept this webhook")


def test_the_program_refuses_the_second_of_two_portals_on_this_machine(tmp_path: Path) -> None:
    names = [table.name for table in TABLES]
    with portal_on_a_socket(30) as one, portal_on_a_socket(40) as two:
        files = {"config": {"webhook_url": one.webhook_url}, "catalog": catalog_of(*names)}
        first = run_program(command_line(tmp_path, "read", **files))
        state = _saved([json.loads(line) for line in first.stdout.splitlines()])
        files["config"] = {"webhook_url": two.webhook_url}
        second = run_program(command_line(tmp_path, "read", **files, state=state))
    assert (first.returncode, second.returncode, second.stderr) == (0, 1, "")
    messages = [json.loads(line) for line in second.stdout.splitlines()]
    hosts = [app.origin.partition("://")[2] for app in (one, two)]
    (error,) = errors(messages)
    assert error["message"].startswith(
        f"The saved state belongs to the portal {hosts[0]}, but the webhook to {hosts[1]}: "
    )
    assert {message["type"] for message in messages} <= {"LOG", "TRACE"}
