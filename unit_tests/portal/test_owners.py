"""Sets of owners, each whole, in the order of the owners."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from itertools import chain

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.registry import RestError
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.batch import Answer
from source_bitrix24.portal.keyset import Row
from source_bitrix24.portal.oddities import Oddities
from source_bitrix24.portal.owners import KnownSet, OwnerSet, OwnerSets, owner_command, rows_of
from source_bitrix24.portal.scan_context import News, ScanContext
from unit_tests.mounted import client_of, commands_sent

GET = "crm.lead.productrows.get"


def portal_of(owners: int) -> App:
    app = App(sample_portal(PlayedClock(), deals=0, leads=owners, holes=0))
    app.limits.bucket.enabled = False
    return app


def context_of(app: App, lanes: int = 1, retry_seconds: float = 3000) -> ScanContext:
    return ScanContext(client_of(app, lanes=lanes, retry_seconds=retry_seconds))


def owners_of(app: App) -> Iterator[Row]:
    return ({"ID": str(owner)} for owner in app.portal.tables["lead"].ids[::-1])


def unknown(app: App) -> Iterator[KnownSet]:
    return ((owner, None) for owner in owners_of(app))


def chunks_of(context: ScanContext, owners: Iterator[KnownSet]) -> Iterator[list[OwnerSet] | News]:
    with closing(OwnerSets(context, GET, owners)) as sets:
        yield from sets.chunks()


def read(app: App, lanes: int = 1, owners: Iterator[KnownSet] | None = None) -> list[tuple[int, list[int]]]:
    """Return the owners as they come, each with the IDs of its rows."""
    return sets_of(chunks_of(context_of(app, lanes), owners or unknown(app)))


def sets_of(chunks: Iterable[list[OwnerSet] | News]) -> list[tuple[int, list[int]]]:
    sets = chain.from_iterable(chunk for chunk in chunks if isinstance(chunk, list))
    return [(int(owner["ID"]), [int(row["ID"]) for row in rows or ()]) for owner, rows in sets]


def held(app: App) -> list[tuple[int, list[int]]]:
    """Return the owners from the newest down, each with the IDs of its rows in the portal."""
    leads = app.portal.tables["lead"].ids[::-1]
    return [(lead, [row["ID"] for row in app.portal.product_rows("lead", lead)]) for lead in leads]


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("owners", [0, 1, 49, 50, 51, 420])
def test_each_owner_comes_once_with_its_whole_set_in_the_given_order(owners: int, lanes: int) -> None:
    app = portal_of(owners)
    assert read(app, lanes) == held(app)


def test_fifty_owners_share_a_request() -> None:
    app = portal_of(120)
    read(app)
    assert commands_sent(app) == [50, 50, 20]


def test_known_sets_pass_through_in_their_place_and_cost_no_command() -> None:
    app = portal_of(120)
    sets = dict(held(app))
    known: Iterator[KnownSet] = (
        (owner, [{"ID": str(row)} for row in sets[int(owner["ID"])]] if int(owner["ID"]) % 3 else None)
        for owner in owners_of(app)
    )
    assert read(app, owners=known) == held(app)
    assert commands_sent(app) == [40]


@pytest.mark.parametrize("lanes", [1, 4])
def test_owners_that_are_all_known_cost_no_request(lanes: int) -> None:
    app = portal_of(30)
    known: Iterator[KnownSet] = ((owner, []) for owner in owners_of(app))
    assert read(app, lanes, known) == [(lead, []) for lead, _ in held(app)]
    assert app.log == []


def test_an_owner_that_is_deleted_while_sets_are_read_has_no_rows() -> None:
    """P4.5"""
    app = portal_of(300)
    app.before(GET, 10, lambda: app.portal.delete("lead", 200))
    before = dict(held(app))
    assert dict(read(app)) == {**before, 200: []}


@pytest.mark.parametrize("kind", ["reset", "html", "gateway_timeout", "internal_error", "too_many_requests", "hang"])
def test_requests_that_fail_are_retried_and_no_set_is_lost(kind: str) -> None:
    app = portal_of(300)
    for at in (1, 2, 4):
        app.fault(kind, at=at)
    assert read(app, lanes=2) == held(app)


@pytest.mark.parametrize(("kind", "times"), [("command_missing", 3), ("command_error", 2), ("command_time_limit", 3)])
@pytest.mark.parametrize("command", [0, 20, 49])
def test_commands_that_fail_are_retried_and_no_set_is_lost(kind: str, times: int, command: int) -> None:
    app = portal_of(300)
    app.fault(kind, command=command, times=times)
    assert read(app) == held(app)


REFUSALS = {
    "access denied": RestError("", "Access denied."),
    "in the portal's language": RestError("", "Доступ запрещён."),
    "by a module": RestError("0", "The module behind products is not there."),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("places", [[1], [25], [50, 51], [120], range(1, 119)])
def test_owners_that_are_refused_cost_their_own_sets(places: Sequence[int], refusal: RestError) -> None:
    app = portal_of(120)
    whole = held(app)
    refused = [whole[place - 1][0] for place in places]
    app.webhook.refuses = {f"{GET}?id={owner}": refusal for owner in refused}
    with closing(OwnerSets(context_of(app), GET, unknown(app))) as sets:
        chunks = list(sets.chunks())
    assert sets_of(chunks) == [(owner, [] if owner in refused else rows) for owner, rows in whole]
    found = chain.from_iterable(chunk for chunk in chunks if isinstance(chunk, list))
    assert {int(owner["ID"]) for owner, rows in found if rows is None} == set(refused)
    assert len(sets.unreadable) == len(refused)


def test_owners_that_were_deleted_meanwhile_are_counted() -> None:
    app = portal_of(60)
    owners = list(unknown(app))
    for owner in (3, 4):
        app.portal.delete("lead", owner)
    with closing(OwnerSets(context_of(app), GET, iter(owners))) as sets:
        found = dict(sets_of(sets.chunks()))
    assert (found[3], found[4], sets.gone, sets.unreadable) == ([], [], 2, [])


@pytest.mark.parametrize("owners", [1, 50, 120])
def test_where_all_owners_are_refused_that_is_raised_and_no_set_is_given(owners: int) -> None:
    app = portal_of(owners)
    app.webhook.refuses = {GET: RestError("", "Access denied.")}
    found: list[object] = []
    with closing(OwnerSets(context_of(app), GET, unknown(app))) as sets, pytest.raises(errors.NoAccess):
        found.extend(chunk for chunk in sets.chunks() if isinstance(chunk, list))
    assert found == []


def test_no_more_than_a_thousand_owners_are_asked_in_vain() -> None:
    app = portal_of(1300)
    app.webhook.refuses = {GET: RestError("", "Access denied.")}
    with closing(OwnerSets(context_of(app), GET, unknown(app))) as sets, pytest.raises(errors.NoAccess):
        list(sets.chunks())
    assert sum(commands_sent(app)) == 1000


@pytest.mark.parametrize("is_readable", [True, False])
def test_where_all_owners_of_a_sync_are_refused_others_show_whether_the_method_is(is_readable: bool) -> None:
    app = portal_of(60)
    changed, others = list(owners_of(app))[:2], list(owners_of(app))[:10]
    app.webhook.refuses = {f"{GET}?id={owner['ID']}": RestError("", "Access denied.") for owner in changed}
    if not is_readable:
        app.webhook.refuses = {GET: RestError("", "Access denied.")}
    known: Iterator[KnownSet] = ((owner, None) for owner in changed)
    with (
        closing(OwnerSets(context_of(app), GET, known, others=lambda: others)) as sets,
        nullcontext() if is_readable else pytest.raises(errors.NoAccess),
    ):
        assert sets_of(sets.chunks()) == [(int(owner["ID"]), []) for owner in changed]
    assert commands_sent(app) == [2, 8]


def test_sets_before_a_failure_are_given() -> None:
    app = portal_of(200)
    app.before(GET, 101, lambda: app.fault("revoked", times=9))
    found: list[list[OwnerSet] | News] = []
    with pytest.raises(errors.BadWebhook):
        found.extend(chunks_of(context_of(app), unknown(app)))
    assert [len(chunk) for chunk in found if isinstance(chunk, list)] == [50, 50, 50]


def test_the_consumer_learns_of_free_lanes_and_of_waits_for_operating_time() -> None:
    app = portal_of(400)
    app.limits.latency.command = 0.5
    app.before(GET, 120, lambda: app.limits.operating.add(f"batch {GET}", 405.0))
    found = list(chunks_of(context_of(app), unknown(app)))
    news = [chunk for chunk in found if isinstance(chunk, News)]
    assert any(one.not_before > 0 for one in news)
    assert news[-1].in_flight == 0
    assert sum(len(chunk) for chunk in found if isinstance(chunk, list)) == 400


def test_owners_are_consumed_no_further_ahead_than_requests_are_sent() -> None:
    app = portal_of(400)
    consumed: list[Row] = []

    def owners() -> Iterator[KnownSet]:
        for owner in owners_of(app):
            consumed.append(owner)
            yield owner, None

    with closing(OwnerSets(context_of(app), GET, owners())) as sets:
        next(sets.chunks())
        assert len(consumed) == 50


def test_an_owner_is_asked_by_its_id() -> None:
    key, command = owner_command(GET, {"ID": "7"})
    assert (key, command.method, command.params) == ("owner7", GET, {"id": "7"})


@pytest.mark.parametrize("result", [b"null", b'{"a":1}', b"5"])
def test_an_answer_that_is_no_list_is_an_error(result: bytes) -> None:
    with pytest.raises(errors.BrokenPromise):
        rows_of(GET, Answer(result), Oddities())
