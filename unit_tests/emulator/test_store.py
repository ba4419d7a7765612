from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from unit_tests.emulator.client import batch, call, empty_portal, listed, page

NOW = datetime(2026, 11, 30, 3, 53, 20)
LATER = datetime(2026, 11, 30, 3, 54, 20)
LONG_AGO = datetime(2020, 1, 1)
ROW: dict[str, Any] = {"PRICE": Decimal("2.50"), "QUANTITY": Decimal(4), "PRODUCT_NAME": "A"}


def modified(portal: Portal, name: str, number: int) -> datetime:
    moment: datetime = portal.tables[name].row(number)["DATE_MODIFY"]
    return moment


@pytest.mark.parametrize("zone", ["Europe/Moscow", "America/New_York"])
def test_the_portal_keeps_its_local_time_in_whole_seconds(zone: str) -> None:
    portal = empty_portal(zone)
    portal.clock.sleep(0.9)
    assert portal.now() == {"Europe/Moscow": NOW, "America/New_York": datetime(2026, 11, 29, 19, 53, 20)}[zone]


@pytest.mark.parametrize("name", ["deal", "lead", "contact", "company", "quote", "activity", "product", "catalog"])
def test_a_created_row_has_every_column_the_next_id_and_the_current_time(portal: Portal, name: str) -> None:
    number = portal.create(name)
    row = portal.tables[name].row(number)
    assert (row["ID"], list(row)) == (portal.tables[name].ids[-1], list(portal.tables[name].fields))
    times = {
        column: row[column]
        for column in ("DATE_CREATE", "DATE_MODIFY", "CREATED", "LAST_UPDATED", "TIMESTAMP_X")
        if column in row
    }
    assert set(times.values()) == (set() if name == "catalog" else {NOW})


def test_an_edit_moves_the_modification_time_only_if_a_value_changes(portal: Portal, lead: int) -> None:
    assert not portal.update("lead", lead, TITLE="one", OPPORTUNITY=Decimal("5.00"))
    assert modified(portal, "lead", lead) == NOW  # P8.2
    assert portal.update("lead", lead, TITLE="two", OPPORTUNITY=Decimal(5))
    assert modified(portal, "lead", lead) == LATER
    assert portal.tables["lead"].row(lead)["DATE_CREATE"] == NOW
    assert portal.update("lead", lead, UF_CRM_INTEGER=7)


def test_an_edit_of_a_sample_row_keeps_the_other_columns() -> None:
    portal = sample_portal(PlayedClock(), deals=5, holes=0)
    before = portal.tables["deal"].row(3)
    portal.update("deal", 3, TITLE="new")
    assert portal.tables["deal"].row(3) == before | {"TITLE": "new", "DATE_MODIFY": NOW}


def test_a_deleted_row_is_in_no_list_and_its_id_is_not_reused(app: App, portal: Portal, lead: int) -> None:
    portal.delete("lead", lead)
    assert call(app, "crm.lead.list", select=["ID"]) == page([], 0)  # P8.1
    assert portal.create("lead") == lead + 1
    portal.delete("lead", lead + 1)
    assert portal.create("lead") == lead + 2
    for gone in (lead, 999):
        with pytest.raises(KeyError):
            portal.tables["lead"].row(gone)


def test_a_restored_row_has_a_new_id_and_its_old_times(app: App, portal: Portal, lead: int) -> None:
    row = portal.tables["lead"].row(lead)
    portal.delete("lead", lead)
    portal.create("lead")
    restored = portal.restore("lead", lead)
    assert restored == lead + 2
    assert portal.tables["lead"].row(restored) == row | {"ID": restored}  # P8.3
    late = {">=DATE_MODIFY": "2026-11-30T03:54:00"}
    assert listed(app, "crm.lead.list", filter=late) == [lead + 1]
    with pytest.raises(KeyError):
        portal.restore("lead", lead)


def test_an_imported_row_has_the_given_times(app: App, portal: Portal, lead: int) -> None:
    number = portal.import_row("lead", DATE_CREATE=LONG_AGO, DATE_MODIFY=LONG_AGO)
    assert (number, modified(portal, "lead", number)) == (lead + 1, LONG_AGO)  # P8.3
    assert listed(app, "crm.lead.list", filter={">=DATE_MODIFY": "2026-01-01"}) == [lead]
    assert listed(app, "crm.lead.list", filter={"<DATE_MODIFY": "2026-01-01"}) == [number]


def test_product_rows_are_replaced_as_a_whole_and_known_ids_are_kept(portal: Portal, lead: int) -> None:
    first, second = portal.set_product_rows("lead", lead, [ROW, ROW])
    kept = portal.set_product_rows("lead", lead, [{"ID": second, **ROW}, ROW, {"ID": 5, **ROW}])
    assert kept[0] == second
    assert len({first, second, 5, *kept}) == 5  # P4.6
    assert [row["ID"] for row in portal.product_rows("lead", lead)] == kept
    portal.set_product_rows("lead", lead, [])
    assert portal.product_rows("lead", lead) == []


def test_product_rows_move_the_modification_time_only_if_the_total_changes(portal: Portal, lead: int) -> None:
    portal.set_product_rows("lead", lead, [ROW])
    assert modified(portal, "lead", lead) == LATER
    assert portal.tables["lead"].row(lead)["OPPORTUNITY"] == Decimal("10.00")
    portal.clock.sleep(60)
    swapped = {"PRICE": Decimal(4), "QUANTITY": Decimal("2.5"), "PRODUCT_NAME": "Renamed"}
    portal.set_product_rows("lead", lead, [swapped])
    assert portal.product_rows("lead", lead)[0]["PRODUCT_NAME"] == "Renamed"
    assert modified(portal, "lead", lead) == LATER  # P8.2


def test_links_do_not_move_the_modification_time(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.clock.sleep(60)
    portal.link_company(contact, 6)
    portal.link_company(contact, 6)
    assert [link["COMPANY_ID"] for link in portal.companies_of(contact)] == [8, 6]
    portal.unlink_company(contact, 8)
    assert [link["COMPANY_ID"] for link in portal.companies_of(contact)] == [6]
    assert modified(portal, "contact", contact) == NOW  # P8.2
    assert listed(app, "crm.contact.list", filter={">=DATE_MODIFY": "2026-11-30T03:54:00"}) == []


def test_a_deletion_removes_product_rows_and_links(portal: Portal, lead: int) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.set_product_rows("lead", lead, [ROW])
    portal.delete("lead", lead)
    portal.delete("contact", contact)
    assert (portal.product_rows("lead", lead), portal.companies_of(contact)) == ([], [])


def test_a_deleted_company_is_linked_to_no_contact_and_no_date_of_a_contact_moves(portal: Portal) -> None:
    company = portal.create("company")
    contact = portal.create("contact", COMPANY_ID=company)
    other = portal.create("contact", COMPANY_ID=8)
    portal.link_company(other, company)
    portal.clock.sleep(60)
    portal.delete("company", company)
    assert (portal.companies_of(contact), [link["COMPANY_ID"] for link in portal.companies_of(other)]) == ([], [8])
    assert {modified(portal, "contact", number) for number in (contact, other)} == {NOW}  # P8.2


def test_a_restored_deal_has_its_product_rows_and_a_history_that_begins_anew(portal: Portal) -> None:
    deal = portal.create("deal")
    rows = portal.set_product_rows("deal", deal, [ROW])
    portal.update("deal", deal, STAGE_ID="WON")
    portal.delete("deal", deal)
    portal.clock.sleep(60)
    restored = portal.restore("deal", deal)
    assert [(row["ID"], row["OWNER_ID"]) for row in portal.product_rows("deal", restored)] == [(rows[0], restored)]
    history = [row for row in portal.tables["stage_history"] if row["OWNER_ID"] in (deal, restored)]
    later = modified(portal, "deal", restored)
    assert [(row["OWNER_ID"], row["TYPE_ID"]) for row in history] == [(restored, 1)]
    assert history[0]["CREATED_TIME"] > later


def test_a_restored_contact_has_its_links(portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.link_company(contact, 6)
    portal.delete("contact", contact)
    assert [link["COMPANY_ID"] for link in portal.companies_of(portal.restore("contact", contact))] == [8, 6]


def test_a_list_without_a_filter_returns_the_visible_rows(portal: Portal) -> None:
    portal.create("company", CATEGORY_ID=3)
    for name in ("deal", "contact", "company", "lead"):
        portal.create(name)
    shown = {name: [row["ID"] for row in portal.visible(name)] for name in ("deal", "contact", "company", "lead")}
    assert shown == {"deal": [2], "contact": [2], "company": [2], "lead": [1]}  # P2.18


def test_a_custom_field_gets_a_new_id(portal: Portal) -> None:
    before = {field.id for fields in portal.user_fields.values() for field in fields}
    added = portal.add_user_field("lead", "UF_CRM_NEW", "string", multiple=True, en="New")
    assert (added.id in before, added.labels, added.multiple) == (False, {"en": "New"}, True)
    assert portal.tables["lead"].fields["UF_CRM_NEW"] == added.column
    assert "UF_CRM_NEW" not in portal.tables["deal"].fields


def test_sizes_are_in_proportion_to_deals_or_given() -> None:
    portal = sample_portal(PlayedClock(), deals=24, leads=3, activities=0)
    sizes = {name: len(table) - len(table.edited) for name, table in portal.tables.items()}
    assert 24 < sizes.pop("stage_history") < 4 * 24
    assert 3 <= sizes.pop("lead_history") <= 2 * 3
    assert sizes == {
        "deal": 24,
        "lead": 3,
        "contact": 12,
        "company": 6,
        "quote": 4,
        "activity": 0,
        "product": 120,
        "catalog": 2,
        "user": 30,
        "call": 12,
        "task": 8,
        "requisite": 6,
        "item_31": 8,
        "item_130": 40,
        "item_1030": 6,
        "item_1036": 2,
    }


def test_a_portal_of_a_million_deals_generates_only_the_rows_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(sample_portal(PlayedClock(), deals=1_000_000))
    deals = app.portal.tables["deal"]
    generated: list[int] = []
    values_by_id = deals.sample.values_by_id

    def counted(number: int) -> dict[str, Any]:
        generated.append(number)
        return values_by_id(number)

    monkeypatch.setattr(deals.sample, "values_by_id", counted)
    numbers = list(deals.ids[-51:-1])[::-1]
    command = f"crm.deal.list?select[]=ID&order[ID]=DESC&start=-1&filter[<ID]={numbers[0] + 1}"
    assert batch(app, {"a": command})["result"]["a"] == [{"ID": str(number)} for number in numbers]
    assert (len(deals), set(generated) - {*numbers, deals.ids[0]}) == (1_000_001, set())
    held = {name: len(table.edited) for name, table in app.portal.tables.items() if table.edited}
    assert held == {"deal": 1, "contact": 1, "stage_history": 1}  # those that the portal always begins with
