"""Which portals count as the one that the states were saved for, and what that costs."""

from dataclasses import replace

import pytest

from emulator.app import App
from source_bitrix24.sync.known_portal import KnownPortal
from source_bitrix24.sync.list_job import ListJob
from source_bitrix24.sync.parents_job import ParentsJob
from source_bitrix24.sync.same_portal import OtherPortal, require_same_portal
from source_bitrix24.sync.state import StreamState
from source_bitrix24.sync.whole_job import WholeJob
from unit_tests.sync.portal import TABLE, context_of, portal_of, steps_of


@pytest.fixture
def app() -> App:
    return portal_of(deals=60, contacts=30)


def job_of(app: App, name: str) -> ListJob | ParentsJob | WholeJob:
    kinds = {"deals": ListJob, "deal_custom_field_values": ListJob, "activities": ListJob, "products": ListJob}
    context, table = context_of(app), TABLE[name]
    if name in kinds or name == "deal_stage_history":
        return ListJob(context, (table,), StreamState())  # type: ignore[arg-type]
    return ParentsJob(context, table, StreamState()) if name == "deal_products" else WholeJob(context, table)  # type: ignore[arg-type]


def saved_state(app: App, name: str, host: str = "old.test") -> StreamState:
    """The last state of a full read, as if it had been saved under another host."""
    last = [step.states[name] for step in steps_of(job_of(app, name)) if name in step.states][-1]
    return last.at(host)


def check(app: App, names: list[str], states: list[StreamState]) -> None:
    require_same_portal(context_of(app), [(TABLE[name], state) for name, state in zip(names, states, strict=True)])


LISTS = ["deals", "deal_custom_field_values", "deal_products", "activities", "products", "deal_stage_history"]


@pytest.mark.parametrize("name", [*LISTS, "deal_pipelines"])
def test_the_same_host_costs_no_request(name: str, app: App) -> None:
    state = saved_state(app, name, "portal.test")
    app.log.clear()
    check(app, [name], [state])
    assert app.log == []


def test_a_state_that_names_no_portal_costs_no_request_and_is_accepted(app: App) -> None:
    check(app, ["deals"], [replace(saved_state(app, "deals"), portal=None)])
    assert len(app.log) == 1  # of the read before


@pytest.mark.parametrize("name", LISTS)
def test_a_renamed_portal_is_recognised_by_the_newest_record_in_one_request(name: str, app: App) -> None:
    state = saved_state(app, name)
    app.log.clear()
    check(app, [name], [state])
    assert [entry.method for entry in app.log] == ["batch"]


def test_all_streams_of_a_renamed_portal_share_one_request(app: App) -> None:
    states = [saved_state(app, name) for name in LISTS]
    app.log.clear()
    check(app, LISTS, states)
    assert [sum(entry.methods.values()) for entry in app.log] == [4]  # deals are the records of three of them


def test_one_record_that_is_still_there_is_enough(app: App) -> None:
    states = [saved_state(app, name) for name in ("deals", "products")]
    app.portal.delete("deal", app.portal.tables["deal"].ids[-1])
    check(app, ["deals", "products"], states)


def test_a_portal_without_the_record_is_another_one(app: App) -> None:
    other = portal_of(deals=40, contacts=30)
    with pytest.raises(OtherPortal, match=r"old\.test.*portal\.test"):
        check(other, ["deals"], [saved_state(app, "deals")])


def test_a_portal_whose_record_of_that_id_is_of_another_time_is_another_one(app: App) -> None:
    with pytest.raises(OtherPortal):
        check(portal_of(deals=200, contacts=30), ["deals"], [saved_state(app, "deals")])


def test_one_record_of_another_time_outweighs_those_that_agree_by_chance(app: App) -> None:
    states = [saved_state(app, name) for name in ("deals", "products")]
    portal = states[0].portal
    assert portal
    states[0] = replace(states[0], portal=replace(portal, created="2020-01-01T00:00:00+03:00"))
    with pytest.raises(OtherPortal):
        check(app, ["deals", "products"], states)


def test_an_edit_of_the_newest_record_and_another_time_zone_of_the_server_change_nothing(app: App) -> None:
    state = saved_state(app, "deals")
    app.portal.update("deal", app.portal.tables["deal"].ids[-1], TITLE="Renamed")
    portal = state.portal
    assert portal
    assert portal.created
    check(app, ["deals"], [replace(state, portal=replace(portal, created=portal.created[:-6] + "+07:00"))])


def test_a_record_that_the_user_may_not_read_proves_nothing(app: App) -> None:
    state = saved_state(app, "deals")
    app.webhook.may_not_read.add("crm.deal.list")
    with pytest.raises(OtherPortal):
        check(app, ["deals"], [state])


def test_a_redirect_from_the_old_host_proves_a_rename_and_gets_no_webhook(app: App) -> None:
    context = context_of(app)
    app.moved_to = "https://PORTAL.test:443"
    app.portal.delete("deal", 1)
    sent: list[str] = []
    post = context.scans.client._transport.post

    def recorded(url: str, *rest: object) -> object:
        sent.append(url)
        return post(url, *rest)  # type: ignore[arg-type]

    context.scans.client._transport.post = recorded  # type: ignore[method-assign,assignment]
    require_same_portal(context, [(TABLE["deal_pipelines"], StreamState(portal=KnownPortal("old.test")))])
    assert sent == ["https://old.test/rest/"]


@pytest.mark.parametrize("fault", ["dns", "refused", "tls", "hang", "html"])
def test_an_old_host_that_does_not_answer_proves_nothing(fault: str, app: App) -> None:
    app.fault(fault, times=1)
    with pytest.raises(OtherPortal):
        check(app, ["deal_pipelines"], [StreamState(portal=KnownPortal("old.test"))])


def test_the_records_of_each_old_host_are_proved_by_themselves(app: App) -> None:
    states = [saved_state(app, "deals", "old.test"), StreamState(portal=KnownPortal("third.test"))]
    with pytest.raises(OtherPortal, match=r"third\.test"):
        check(app, ["deals", "deal_pipelines"], states)


def test_a_name_with_letters_of_other_alphabets_is_one_portal_in_both_spellings() -> None:
    assert KnownPortal("портал.рф").host == context_of(App(portal_of().portal, "https://xn--80awhdgm.xn--p1ai")).host
