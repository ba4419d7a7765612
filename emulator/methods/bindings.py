"""Links between contacts and companies (P6)."""

from typing import Any

from ..php import int_cast
from ..registry import Outcome, RestError, method
from ..store import Portal


@method("crm.contact.company.items.get", reads="contact", facts="P6.1")
def companies_of_contact(portal: Portal, params: dict[str, Any]) -> Outcome:
    """All links of one contact, with numbers as numbers."""
    contact = int_cast(params.get("id"))
    if contact <= 0:
        raise RestError("", "The parameter ownerEntityID is invalid or not defined.", 200)
    if contact not in portal.tables["contact"]:
        raise RestError("NOT_FOUND", "Not found")
    links = [link | {"IS_PRIMARY": "Y" if link["IS_PRIMARY"] else "N"} for link in portal.companies_of(contact)]
    return Outcome(links, rows=len(links))


@method("crm.company.contact.items.get", reads="company", facts="P6.1")
def contacts_of_company(portal: Portal, params: dict[str, Any]) -> Outcome:
    """All links of one company."""
    company = int_cast(params.get("id"))
    if company not in portal.tables["company"]:
        raise RestError("NOT_FOUND", "Not found")
    links = [
        {"CONTACT_ID": contact, "SORT": 10, "ROLE_ID": 0, "IS_PRIMARY": "N"}
        for contact in portal.tables["contact"].ids
        if any(link["COMPANY_ID"] == company for link in portal.companies_of(contact))
    ]
    return Outcome(links, rows=len(links))
