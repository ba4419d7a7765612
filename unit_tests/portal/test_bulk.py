"""What all bulk reads have in common."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal.batch import MOST_COMMANDS
from source_bitrix24.portal.bulk import BulkSets
from source_bitrix24.portal.links_bulk import BulkLinks, LinkList
from source_bitrix24.portal.owners import KnownSet, OwnerSets
from source_bitrix24.portal.owners_bulk import METHOD, BulkRows
from source_bitrix24.portal.scan_context import ScanContext
from unit_tests.mounted import client_of, methods_sent

ROWS, LINKS = "crm.deal.productrows.get", "crm.deal.contact.items.get"
Make = Callable[[ScanContext, Callable[[], bool]], BulkSets[Any]]
KINDS: dict[str, Make] = {
    ROWS: lambda context, allowed: BulkRows(context, ROWS, "D", ("ID", "OWNER_ID", "PRICE"), dict, allowed),
    LINKS: lambda context, allowed: BulkLinks(
        context, LINKS, LinkList(2, "CONTACT_ID", "contactIds", "contactId"), allowed
    ),
}


def portal_of(deals: int) -> App:
    app = App(sample_portal(PlayedClock(), deals=deals, contacts=90, holes=0))
    app.limits.bucket.enabled = False
    return app


def read(app: App, method: str, *, is_allowed: bool = True) -> tuple[list[KnownSet], int]:
    """Return the sets of all deals, and how often it was asked whether a bulk read is allowed."""
    asked = []

    def allowed() -> bool:
        asked.append(1)
        return is_allowed

    bulk = KINDS[method](ScanContext(client_of(app)), allowed)
    with closing(bulk):
        found = list(bulk.sets({"ID": str(deal)} for deal in app.portal.tables["deal"].ids))
    return found, len(asked)


@pytest.mark.parametrize("method", KINDS)
@pytest.mark.parametrize("deals", [0, 1, 49, 50, 51, 98, 99, 100, 101, 148, 260])
def test_owners_keep_their_order_and_are_all_there(method: str, deals: int) -> None:
    app = portal_of(deals)
    found, asked = read(app, method)
    ids = list(app.portal.tables["deal"].ids)
    assert [int(owner["ID"]) for owner, _ in found] == ids
    assert asked == (len(ids) > MOST_COMMANDS)
    if len(ids) <= MOST_COMMANDS:  # one request brings them anyway
        assert all(rows is None for _, rows in found)
        assert not app.log


@pytest.mark.parametrize("method", KINDS)
def test_where_it_is_not_allowed_nothing_is_asked_in_bulk(method: str) -> None:
    app = portal_of(260)
    found, asked = read(app, method, is_allowed=False)
    assert (len(found), asked) == (len(app.portal.tables["deal"].ids), 1)
    assert all(rows is None for _, rows in found)
    assert not app.log


@pytest.mark.parametrize("method", KINDS)
def test_an_owner_that_cannot_be_asked_is_left_to_be_asked_alone(method: str) -> None:
    app = portal_of(60)
    app.portal.odd[method] = lambda result: "no list"
    found, _ = read(app, method)
    assert all(rows is None for _, rows in found[: MOST_COMMANDS - 1])


@pytest.mark.parametrize("method", KINDS)
def test_the_rest_is_abandoned_with_the_read(method: str) -> None:
    app = portal_of(2000)
    bulk = KINDS[method](ScanContext(client_of(app, lanes=4)), lambda: True)
    sets = bulk.sets({"ID": str(deal)} for deal in app.portal.tables["deal"].ids)
    next(sets)
    bulk.close()
    sent = methods_sent(app)
    assert sent[method] <= MOST_COMMANDS
    assert sent[METHOD] <= 2


def test_what_is_left_can_be_asked_alone() -> None:
    app = portal_of(120)
    bulk = KINDS[ROWS](ScanContext(client_of(app)), lambda: True)
    known = bulk.sets({"ID": str(deal)} for deal in app.portal.tables["deal"].ids)
    with closing(bulk), closing(OwnerSets(ScanContext(client_of(app)), ROWS, known, METHOD)) as sets:
        found = [pair for chunk in sets.chunks() if isinstance(chunk, list) for pair in chunk]
    assert {int(owner["ID"]): len(rows or ()) for owner, rows in found} == {
        deal: len(app.portal.product_rows("deal", deal)) for deal in app.portal.tables["deal"].ids
    }
