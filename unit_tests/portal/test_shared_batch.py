from collections.abc import Callable

import pytest

from emulator.app import App
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.client import Answers
from source_bitrix24.portal.errors import PortalFailed
from source_bitrix24.portal.keyset import Listing, Span, chain_pages, read_all_pages
from source_bitrix24.portal.shared_batch import SharedBatch
from unit_tests.mounted import client_of, commands_sent
from unit_tests.sync.portal import portal_of, visible

DEALS = Listing("crm.deal.list", ("ID",))


def added(shared: SharedBatch, commands: dict[str, Command]) -> Callable[[], Answers]:
    wait = shared.add(commands)
    assert wait
    return wait


@pytest.fixture
def app() -> App:
    return portal_of(120)


@pytest.mark.parametrize("lanes", [1, 4])
def test_readers_share_a_request_and_each_gets_its_own_answers(app: App, lanes: int) -> None:
    shared = SharedBatch(client_of(app, lanes=lanes))
    chains = [added(shared, chain_pages(DEALS, Span(), 4)) for _ in range(3)]
    profile = added(shared, {"profile": Command("profile")})
    assert app.log == []
    for wait in chains:
        answers = wait()
        assert [int(row["ID"]) for row in read_all_pages(DEALS, Span(), answers.by_key).rows] == visible(app)
        assert answers.portal_time
    assert profile().by_key["profile"].result["ADMIN"] is True
    assert commands_sent(app) == [13]


def test_commands_of_one_reader_are_in_one_request_and_small_ones_fill_what_is_left(app: App) -> None:
    shared = SharedBatch(client_of(app, lanes=4))
    waits = [added(shared, {f"c{place}": Command("scope") for place in range(count)}) for count in (30, 30, 20, 20, 1)]
    assert [len(wait().by_key) for wait in waits] == [30, 30, 20, 20, 1]
    assert sorted(commands_sent(app)) == [1, 50, 50]


def test_too_many_commands_none_and_those_that_come_too_late_are_not_taken(app: App) -> None:
    shared = SharedBatch(client_of(app))
    assert shared.add({f"c{place}": Command("scope") for place in range(51)}) is None
    assert shared.add({}) is None
    added(shared, {"scope": Command("scope")})()
    assert shared.add({"scope": Command("scope")}) is None


def test_a_request_that_fails_fails_for_each_of_its_readers(app: App) -> None:
    shared = SharedBatch(client_of(app))
    waits = [added(shared, {"scope": Command("scope")}) for _ in range(2)]
    app.fault("internal_error")
    for wait in waits:
        with pytest.raises(PortalFailed):
            wait()


@pytest.mark.parametrize(("readers", "pages"), [(1, 20), (10, 2), (20, 1), (21, 2), (60, 2)])
def test_readers_share_two_requests_if_these_are_enough_for_a_page_of_each(readers: int, pages: int) -> None:
    assert SharedBatch(client_of(portal_of(0)), readers).pages == pages
