from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from emulator.app import App
from source_bitrix24.portal.batch import Answer
from source_bitrix24.portal.errors import FilterNotUnderstood
from source_bitrix24.portal.keyset import Listing
from source_bitrix24.sync.date_filter import DateFilter
from source_bitrix24.sync.row_dates import KnownRow
from unit_tests.mounted import client_of
from unit_tests.sync.portal import portal_of, visible

DEALS = DateFilter(Listing("crm.deal.list", ("ID", "DATE_MODIFY")), "DATE_MODIFY")


@pytest.fixture
def app() -> App:
    return portal_of(60)


def known_row(app: App, number: int) -> KnownRow:
    date = app.portal.tables["deal"].row(number)["DATE_MODIFY"]
    return KnownRow(number, datetime.fromisoformat(app.portal.wire.moment(date)))


def answers_of(app: App, known: KnownRow | None) -> Mapping[str, Answer]:
    return client_of(app).batch(DEALS.probes(known)).by_key


def check(app: App, known: KnownRow | None) -> KnownRow | None:
    return DEALS.check(client_of(app), known, answers_of(app, known))


def test_the_date_is_sent_in_utc_with_a_z() -> None:
    """P2.13"""
    moment = datetime.fromisoformat("2026-11-23T10:00:00+03:00")
    assert DEALS.since(moment).filter == {">=DATE_MODIFY": "2026-11-23T07:00:00Z"}


def test_a_filter_that_is_understood_keeps_the_known_row(app: App) -> None:
    known = known_row(app, visible(app)[3])
    assert check(app, known) == known
    assert len(app.log) == 1


def test_a_known_row_that_was_changed_much_later_still_proves_the_filter(app: App) -> None:
    known = known_row(app, visible(app)[3])
    app.portal.clock.sleep(90 * 86_400)
    app.portal.update("deal", known.id, TITLE="Edited")
    assert check(app, known) == known


@pytest.mark.parametrize("kind", ["filter_null", "filter_ignored"])
def test_a_filter_that_is_not_understood_is_refused(app: App, kind: str) -> None:
    app.fault(kind, times=10)
    with pytest.raises(FilterNotUnderstood):
        check(app, known_row(app, visible(app)[3]))


def test_if_the_known_row_is_gone_the_latest_of_the_newest_rows_takes_its_place(app: App) -> None:
    known = known_row(app, visible(app)[3])
    app.portal.delete("deal", known.id)
    latest = max((known_row(app, number) for number in visible(app)[:50]), key=lambda row: row.date)
    assert check(app, known) == latest
    assert check(app, None) == latest


def test_if_all_rows_are_gone_none_is_known(app: App) -> None:
    known = known_row(app, visible(app)[3])
    for number in visible(app):
        app.portal.delete("deal", number)
    assert check(app, known) is None
    assert check(app, None) is None


def test_a_date_that_was_set_back_by_hand_is_no_contradiction(app: App) -> None:
    known = known_row(app, visible(app)[3])
    table = app.portal.tables["deal"]
    table.put(table.row(known.id) | {"DATE_MODIFY": datetime(2020, 1, 1)})
    found = check(app, known)
    assert found
    assert found.id != known.id


def test_rows_older_than_the_filter_by_more_than_a_time_zone_are_refused() -> None:
    since = datetime.fromisoformat("2026-11-23T10:00:00+03:00")
    rows = [{"ID": "1", "DATE_MODIFY": (since - timedelta(hours=hours)).isoformat()} for hours in (27, 26, 0)]
    DEALS.refuse_older([*rows[1:], {"ID": "2", "DATE_MODIFY": ""}], since)
    with pytest.raises(FilterNotUnderstood):
        DEALS.refuse_older(rows, since)
