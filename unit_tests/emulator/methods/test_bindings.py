from typing import Any

import pytest

from emulator.app import App
from emulator.store import Portal
from unit_tests.emulator.asking import ask, refusal

COMPANIES, CONTACTS = "crm.contact.company.items.get", "crm.company.contact.items.get"
NOT_FOUND = {"error": "NOT_FOUND", "error_description": "Not found"}


def link(company: int, sort: int, primary: str) -> dict[str, Any]:
    return {"COMPANY_ID": company, "SORT": sort, "ROLE_ID": 0, "IS_PRIMARY": primary}


def test_all_companies_of_a_contact_come_in_their_order_with_numbers_as_numbers(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    for company in (6, 7):
        portal.link_company(contact, company)
    everything = [link(8, 10, "Y"), link(6, 20, "N"), link(7, 30, "N")]
    assert ask(app, COMPANIES, id=contact) == {"result": everything}  # P6.1
    portal.unlink_company(contact, 6)
    assert ask(app, COMPANIES, id=str(contact), start=50) == {"result": [link(8, 10, "Y"), link(7, 30, "N")]}


def test_a_contact_without_companies_has_an_empty_list(app: App, portal: Portal) -> None:
    assert ask(app, COMPANIES, id=portal.create("contact")) == {"result": []}  # P6.1


def test_the_list_of_contacts_tells_the_first_company_only(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.link_company(contact, 6)
    rows = ask(app, "crm.contact.list", select=["COMPANY_ID", "COMPANY_IDS"], start=-1)["result"]
    assert rows == [{"ID": str(contact), "COMPANY_ID": "8"}]  # P6.3, P2.16


def test_a_company_tells_its_contacts(app: App, portal: Portal) -> None:
    company = portal.create("company")
    contacts = [portal.create("contact", COMPANY_ID=other) for other in (company, None, company)]
    told = [{"CONTACT_ID": one, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "N"} for one in (contacts[0], contacts[2])]
    assert ask(app, CONTACTS, id=company) == {"result": told}  # P6.1


@pytest.mark.parametrize("method", [COMPANIES, CONTACTS])
def test_who_does_not_exist_is_not_found(app: App, method: str) -> None:
    assert refusal(app, method, id=999) == (400, NOT_FOUND)  # P6.1


def test_a_deleted_contact_is_not_found(app: App, portal: Portal) -> None:
    contact = portal.create("contact", COMPANY_ID=8)
    portal.delete("contact", contact)
    assert refusal(app, COMPANIES, id=contact) == (400, NOT_FOUND)


@pytest.mark.parametrize("identifier", [0, None, "x", []])
def test_without_an_id_the_answer_is_an_error_with_status_200(app: App, identifier: Any) -> None:
    told = {"error": "", "error_description": "The parameter ownerEntityID is invalid or not defined."}
    assert refusal(app, COMPANIES, id=identifier) == (200, told)


def test_links_of_the_sample_lead_to_companies_that_exist(sample: Portal) -> None:
    contacts = sample.tables["contact"].ids
    links = {contact: sample.companies_of(contact) for contact in contacts}
    assert {len(found) for found in links.values()} == {0, 1, 2}
    for found in links.values():
        assert [one["IS_PRIMARY"] for one in found] == [True, False][: len(found)]
        assert all(one["COMPANY_ID"] in sample.tables["company"] for one in found)
