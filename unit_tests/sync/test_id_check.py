from dataclasses import replace
from typing import Any

import pytest

from emulator.app import App
from emulator.registry import METHODS, Outcome
from emulator.store import Portal
from source_bitrix24.catalog.table import Scanned
from source_bitrix24.portal.keyset import Listing, Span
from source_bitrix24.portal.scan_context import ScanContext
from source_bitrix24.sync.id_check import CountsDiffer, FoundIds, find_ids, read_ids, rows_of
from source_bitrix24.sync.id_set import EMPTY, IdSet
from unit_tests.mounted import client_of, methods_sent
from unit_tests.sync.portal import TABLE, portal_of, visible


def listing_of(name: str) -> Listing:
    table = TABLE[name]
    assert isinstance(table, Scanned)
    return table.listing


DEALS, HISTORY = listing_of("deals"), listing_of("deal_stage_history")


def check(app: App, expected: IdSet, listing: Listing = DEALS, unclear: IdSet = EMPTY) -> FoundIds:
    top = app.portal.tables["stage_history" if listing is HISTORY else "deal"].ids[-1]
    return find_ids(client_of(app), listing, expected, top, unclear)


@pytest.fixture
def app() -> App:
    return portal_of(6_000)


def test_where_every_number_is_as_expected_no_id_is_read(app: App) -> None:
    assert check(app, IdSet.of(visible(app))) == FoundIds([], EMPTY)
    assert methods_sent(app) == {"crm.deal.list": 2}


def test_where_a_number_differs_the_ids_around_it_are_read(app: App) -> None:
    expected = IdSet.of(visible(app))
    gone = visible(app)[1_000], visible(app)[5_000]
    for number in gone:
        app.portal.delete("deal", number)
    found = check(app, expected)
    assert list(found.read_of(expected) - found.ids) == sorted(gone)
    assert len(found.ids) < 100
    assert len(app.log) == 3


def test_a_number_that_comes_with_a_second_request_is_that_of_its_own_span() -> None:
    app = portal_of(9_000)
    expected = IdSet.of(visible(app))
    app.portal.delete("deal", visible(app)[100])
    app.fault("command_missing", command=0)
    found = check(app, expected)
    assert len(found.read_of(expected) - found.ids) == 1


def test_many_numbers_are_asked_with_several_requests_in_flight() -> None:
    app = portal_of(9_000)
    ids = visible(app)
    expected = IdSet.of(ids)
    gone = ids[1::150]
    for number in gone:
        app.portal.delete("deal", number)
    app.limits.latency.request = 1.0
    seconds = []
    for lanes in (1, 4):
        app.log.clear()
        began = app.portal.clock.now()
        found = find_ids(client_of(app, lanes=lanes), DEALS, expected, ids[0])
        seconds.append(app.portal.clock.now() - began)
        assert list(found.read_of(expected) - found.ids) == sorted(gone)
        assert len(app.log) > 5
    assert seconds[1] < 0.7 * seconds[0]


def test_rows_that_are_there_again_are_found(app: App) -> None:
    there = IdSet.of(visible(app))
    back = IdSet.of(visible(app)[100:103])
    found = check(app, there - back)
    assert list(found.ids - (there - back)) == list(back)


def test_nothing_is_known_of_an_empty_set_so_every_id_is_read(app: App) -> None:
    assert (
        list(check(app, EMPTY).ids)
        == visible(app)[::-1]
        == list(read_ids(ScanContext(client_of(app)), DEALS, 10**6).ids)
    )


def test_unclear_ids_are_read_though_the_number_is_as_expected(app: App) -> None:
    unclear = IdSet.of(visible(app)[10:11])
    found = check(app, IdSet.of(visible(app)), unclear=unclear)
    assert found.read_of(unclear) & found.ids == unclear


def test_a_number_that_is_capped_hides_nothing(app: App) -> None:
    app.portal.greatest_total = 5_000
    expected = IdSet.of(visible(app))
    app.portal.delete("deal", visible(app)[10])
    found = check(app, expected)
    assert len(found.read_of(expected) - found.ids) == 1
    assert list(check(app, EMPTY).ids) == visible(app)[::-1]


def test_the_history_is_counted_from_beyond_its_end_so_that_no_rows_are_built(app: App) -> None:
    table = app.portal.tables["stage_history"]
    expected = IdSet.of(table.ids)
    assert check(app, expected, HISTORY) == FoundIds([], EMPTY)
    assert sum(entry.rows for entry in app.log) == 0
    entry = table.ids[700]
    app.portal.delete("deal", table.row(entry)["OWNER_ID"])
    found = check(app, expected, HISTORY)
    assert entry in found.read_of(expected) - found.ids
    assert list(found.read_of(expected) - found.ids) == sorted(set(expected) - set(table.ids))


@pytest.mark.parametrize("total", [0, 7, None])
def test_numbers_that_contradict_the_ids_are_not_believed(
    app: App, total: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = METHODS["crm.deal.list"]

    def counted_wrongly(portal: Portal, params: dict[str, Any]) -> Outcome:
        return replace(real.run(portal, params), total=total)

    monkeypatch.setitem(METHODS, "crm.deal.list", replace(real, run=counted_wrongly))
    with pytest.raises(CountsDiffer):
        check(app, IdSet.of(visible(app)))


def test_rows_are_read_by_their_ids_from_the_newest_down(app: App) -> None:
    wanted = [*visible(app)[:3], visible(app)[400], *visible(app)[2_000:2_120]]
    chunks = list(rows_of(client_of(app), DEALS, IdSet.of([*wanted, 10**6])))
    assert [int(row["ID"]) for chunk in chunks for row in chunk.rows] == wanted
    assert all("TITLE" in row for chunk in chunks for row in chunk.rows)


def test_what_was_read_later_corrects_what_was_read_before() -> None:
    before = FoundIds([Span(0, 100)], IdSet.of([5, 6, 70]))
    assert before.corrected(FoundIds([Span(4, 8)], IdSet.of([6]))).ids == IdSet.of([6, 70])
