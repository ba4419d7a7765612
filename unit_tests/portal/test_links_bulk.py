from collections.abc import Callable
from contextlib import closing
from itertools import chain
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.registry import RestError
from emulator.store import sample_portal
from source_bitrix24.catalog.table import PerParent
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.portal.links_bulk import METHOD, BulkLinks, LinkList
from source_bitrix24.portal.owners import OwnerSets
from source_bitrix24.portal.scan_context import ScanContext
from unit_tests.mounted import client_of, methods_sent

GET = "crm.deal.contact.items.get"
LINKS = LinkList(2, "CONTACT_ID", "contactIds", "contactId")
Links = dict[int, list[tuple[int, bool]]]


@pytest.fixture
def app() -> App:
    return portal_of(700)


def portal_of(deals: int) -> App:
    app = App(sample_portal(PlayedClock(), deals=deals, contacts=90))
    app.limits.bucket.enabled = False
    return app


def deals_of(app: App) -> list[int]:
    return sorted((row["ID"] for row in app.portal.visible("deal")), reverse=True)


def held(app: App) -> Links:
    return {
        deal: [(link["CONTACT_ID"], link["IS_PRIMARY"]) for link in app.portal.contact_links.of("deal", deal)]
        for deal in deals_of(app)
    }


def read(app: App, *, is_allowed: bool = True, needs_more: bool = False, lanes: int = 1) -> Links:
    """Read the links of all deals, as a job does: in bulk, and alone what the bulk leaves."""
    context = ScanContext(client_of(app, lanes=lanes))
    bulk = BulkLinks(context, GET, LINKS, lambda: is_allowed, needs_more=needs_more)
    known = bulk.sets({"ID": str(deal)} for deal in deals_of(app))
    with closing(bulk), closing(OwnerSets(context, GET, known, METHOD)) as sets:
        found = list(chain.from_iterable(chunk for chunk in sets.chunks() if isinstance(chunk, list)))
    assert [int(owner["ID"]) for owner, _ in found] == deals_of(app)
    return {
        int(owner["ID"]): [(int(row["CONTACT_ID"]), row["IS_PRIMARY"] == "Y") for row in rows or ()]
        for owner, rows in found
    }


@pytest.mark.parametrize("lanes", [1, 4])
def test_the_links_of_many_records_come_fifty_records_a_command(app: App, lanes: int) -> None:
    deals = deals_of(app)
    app.portal.contact_links.link("deal", deals[300], app.portal.tables["contact"].ids[0])
    assert read(app, lanes=lanes) == held(app)
    assert methods_sent(app)[METHOD] <= len(deals) / 50 + 2
    assert methods_sent(app)[GET] <= 60


def test_the_links_say_which_one_is_primary(app: App) -> None:
    primary = [is_primary for links in read(app).values() for _, is_primary in links]
    assert 0 < sum(primary) < len(primary)


def test_where_more_columns_are_needed_only_records_with_links_are_asked_alone(app: App) -> None:
    assert read(app, needs_more=True) == held(app)
    linked = sum(map(bool, held(app).values()))
    assert linked <= methods_sent(app)[GET] <= linked + 70


@pytest.mark.parametrize("deals", [20, 45])
def test_few_records_and_users_who_are_no_administrators_are_asked_alone(deals: int) -> None:
    for app, is_allowed in ((portal_of(deals), True), (portal_of(200), False)):
        assert read(app, is_allowed=is_allowed) == held(app)
        assert methods_sent(app)[METHOD] == 0


def _items(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    return lambda result: {"items": [change(item) for item in result["items"]]}


ODD: dict[str, Callable[[Any], Any]] = {
    "reversed": _items(lambda item: item | {"contactIds": item["contactIds"][::-1]}),
    "only the first": _items(lambda item: item | {"contactIds": item["contactIds"][:1]}),
    "no links": _items(lambda item: item | {"contactIds": []}),
    "another primary": _items(lambda item: item | {"contactId": 1}),
    "records left out": lambda result: {"items": result["items"][::2]},
    "no numbers": _items(lambda item: item | {"contactIds": ["x"]}),
    "a map": _items(lambda item: item | {"contactIds": {"0": 5}}),
    "no list": lambda result: False,
    "no records": lambda result: {"items": [None]},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_answer_that_contradicts_what_a_record_has_alone_ends_the_bulk_read(
    app: App, odd: Callable[[Any], Any], caplog: pytest.LogCaptureFixture
) -> None:
    app.portal.odd[METHOD] = odd
    assert read(app) == held(app)
    assert methods_sent(app)[METHOD] <= 2
    assert "record by record from here on" in caplog.text


def test_a_contradiction_in_the_middle_ends_the_bulk_read(app: App) -> None:
    def answer_otherwise() -> None:
        app.portal.odd[METHOD] = ODD["only the first"]

    app.before(METHOD, 3, answer_otherwise)
    deals = deals_of(app)
    contacts = app.portal.tables["contact"].ids
    for deal in deals:
        for contact in contacts[:3]:
            app.portal.contact_links.link("deal", deal, contact)
    found = read(app)
    wrong = [deal for deal in deals if found[deal] != held(app)[deal]]
    assert wrong == []


def test_a_refusal_means_that_all_records_are_asked_alone(app: App) -> None:
    app.webhook.refuses = {METHOD: RestError("ACCESS_DENIED", "Access denied")}
    assert read(app) == held(app)


def test_every_table_of_links_names_the_columns_of_its_rows() -> None:
    found = {table.name: table.links.column for table in TABLES if isinstance(table, PerParent) and table.links}
    assert found == {
        "contact_companies": "COMPANY_ID",
        "deal_contacts": "CONTACT_ID",
        "lead_contacts": "CONTACT_ID",
        "quote_contacts": "CONTACT_ID",
    }
