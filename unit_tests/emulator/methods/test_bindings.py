from typing import Any

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.client import call, status_and_body

COMPANIES, CONTACTS = "crm.contact.company.items.get", "crm.company.contact.items.get"
NOT_FOUND = {"error": "NOT_FOUND", "error_description": "Not found"}


def link(company: int, sort: int, primary: str) -> dict[str, Any]:
    return {"COMPANY_ID": company, "SORT": sort, "ROLE_ID": 0, "IS_PRIMARY": primary}


def test_the_links_of_a_contact_are_in_order_with_numbers_as_numbers(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    for company in (6, 7):
        portal.link_company(contact, company)
    everything = [link(8, 10, "Y"), link(6, 20, "N"), link(7, 30, "N")]
    assert call(app, COMPANIES, id=contact) == {"result": everything}  # P6.1
    portal.unlink_company(contact, 6)
    assert call(app, COMPANIES, id=str(contact), start=50) == {"result": [link(8, 10, "Y"), link(7, 30, "N")]}


def test_a_contact_without_companies_has_an_empty_list(app: App, portal: Portal) -> None:
    assert call(app, COMPANIES, id=portal.create("contact")) == {"result": []}  # P6.1


def test_a_list_of_contacts_has_only_the_primary_company(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.link_company(contact, 6)
    rows = call(app, "crm.contact.list", select=["COMPANY_ID", "COMPANY_IDS"], start=-1)["result"]
    assert rows == [{"ID": str(contact), "COMPANY_ID": "8"}]  # P6.3, P2.16


def test_the_links_of_a_company(app: App, portal: Portal) -> None:
    company = portal.create("company")
    contacts = [portal.create("contact", COMPANY_ID=other) for other in (company, None, company)]
    expected = [
        {"CONTACT_ID": contact, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "N"} for contact in (contacts[0], contacts[2])
    ]
    assert call(app, CONTACTS, id=company) == {"result": expected}  # P6.1


@pytest.mark.parametrize("method", [COMPANIES, CONTACTS])
def test_a_missing_owner_is_not_found(app: App, method: str) -> None:
    assert status_and_body(app, method, id=999) == (400, NOT_FOUND)  # P6.1


def test_a_deleted_contact_is_not_found(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.delete("contact", contact)
    assert status_and_body(app, COMPANIES, id=contact) == (400, NOT_FOUND)


@pytest.mark.parametrize("identifier", [0, None, "x", []])
def test_without_an_id_the_answer_is_an_error_with_status_200(app: App, identifier: Any) -> None:
    expected = {"error": "", "error_description": "The parameter ownerEntityID is invalid or not defined."}
    assert status_and_body(app, COMPANIES, id=identifier) == (200, expected)


def test_sample_links_point_to_existing_companies(sample: Portal) -> None:
    contacts = sample.tables["contact"].ids
    links = {contact: sample.companies_of(contact) for contact in contacts}
    assert {len(found) for found in links.values()} == {0, 1, 2}
    for found in links.values():
        assert [link["IS_PRIMARY"] for link in found] == [True, False][: len(found)]
        assert all(link["COMPANY_ID"] in sample.tables["company"] for link in found)


@pytest.mark.parametrize("name", ["deal", "lead", "quote"])
def test_the_contacts_of_a_record_are_told_alone_and_in_lists(app: App, portal: Portal, name: str) -> None:
    first, second = portal.create("contact"), portal.create("contact")
    number = portal.create(name, CONTACT_ID=first)
    portal.link_contact(name, number, second)
    rows = call(app, f"crm.{name}.contact.items.get", id=number)["result"]
    assert [(row["CONTACT_ID"], row["SORT"], row["IS_PRIMARY"]) for row in rows][:1] == [(first, 10, "Y")]
    select = ["id", "contactId", "contactIds"]
    entity_type = {"lead": 1, "deal": 2, "quote": 7}[name]
    params = {"entityTypeId": entity_type, "select": select, "filter": {"@id": [number]}, "start": -1}
    (item,) = call(app, "crm.item.list", **params)["result"]["items"]
    assert item == {"id": number, "contactId": first, "contactIds": [row["CONTACT_ID"] for row in rows]}  # P6.2
    assert status_and_body(app, f"crm.{name}.contact.items.get", id=10**6)[0] == 400
