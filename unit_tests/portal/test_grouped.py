from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.grouped import GroupedList, read_groups
from source_bitrix24.portal.keyset import Row
from source_bitrix24.portal.oddities import Oddities
from source_bitrix24.portal.scan_context import ScanContext
from unit_tests.mounted import client_of

KEY = ("TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID")
ADDRESSES = GroupedList("crm.address.list", "ENTITY_ID", KEY)


def key(row: Row) -> tuple[Any, ...]:
    return tuple(int(row[name]) for name in KEY)


def app_of(deals: int, requisites: int) -> App:
    app = App(sample_portal(PlayedClock(), deals=deals, requisites=requisites))
    app.limits.bucket.enabled = False
    return app


def read(app: App) -> list[list[Row]]:
    return list(read_groups(ScanContext(client_of(app)), ADDRESSES, Oddities()))


@pytest.mark.parametrize(("deals", "requisites"), [(0, 0), (30, 1), (120, 40), (150, 41), (600, 700), (2400, 900)])
def test_every_row_comes_once(deals: int, requisites: int) -> None:
    app = app_of(deals, requisites)
    keys = [key(row) for rows in read(app) for row in rows]
    everything = 700 + 700 // 4 + 200 if (deals, requisites) == (600, 700) else None
    assert len(keys) == len(set(keys))
    assert everything is None or abs(len(keys) - everything) < 40
    leads = {row["ID"] for row in app.portal.tables["lead"] if row["ID"] % 3 == 0}
    assert {entity for kind, type_, entity in keys if (kind, type_) == (1, 8)} == set(
        app.portal.tables["requisite"].ids
    )
    assert {entity for _, type_, entity in keys if type_ == 1} == leads


def test_a_list_of_many_pages_takes_few_requests() -> None:
    app = app_of(3000, 3000)
    rows = sum(map(len, read(app)))
    assert rows > 4000
    assert len(app.log) <= 4


def test_a_portal_that_ignores_the_order_is_noticed() -> None:
    app = app_of(600, 300)
    app.portal.odd["crm.address.list"] = lambda rows: rows[::-1]
    with pytest.raises(errors.BrokenPromise):
        read(app)


def test_more_rows_of_a_group_than_a_page_holds_are_an_error() -> None:
    app = app_of(600, 300)
    app.portal.odd["crm.address.list"] = lambda rows: [row | {"ENTITY_ID": "5"} for row in rows]
    with pytest.raises(errors.BrokenPromise, match="more than 50 rows"):
        read(app)


def test_a_refusal_ends_the_reading() -> None:
    app = app_of(6, 3)
    app.webhook.may_not_read = {"crm.address.list"}
    with pytest.raises(errors.NoAccess):
        read(app)
