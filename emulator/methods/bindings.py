"""Links between contacts and companies, and of deals, leads and quotes to contacts (P6)."""

from functools import partial
from typing import Any

from ..contact_links import LINKED
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


def contacts_of_record(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """All links of one record to contacts."""
    number = int_cast(params.get("id"))
    if number <= 0:
        raise RestError("", "The parameter ownerEntityID is invalid or not defined.", 200)
    if number not in portal.tables[name]:
        raise RestError("", "Not found")
    links = portal.contact_links.of(name, number)
    return Outcome([link | {"IS_PRIMARY": "YN"[not link["IS_PRIMARY"]]} for link in links], rows=len(links))


for _name in LINKED:
    method(f"crm.{_name}.contact.items.get", reads=_name, facts="P6.1")(partial(contacts_of_record, _name))


def bindings_of(portal: Portal, activity: int) -> list[tuple[int, int]]:
    """The records that an activity is bound to, as type and ID: its owner, and for every third a contact too."""
    row = portal.tables["activity"].row(activity)
    bindings = [(row["OWNER_TYPE_ID"], row["OWNER_ID"])] if row["OWNER_ID"] else []
    contacts = portal.tables["contact"].sample.ids
    if activity % 3 == 0 and len(contacts) and (3, contacts[0]) not in bindings:
        bindings.append((3, contacts[0]))
    return bindings


@method("crm.activity.binding.list", reads="activity", facts="P15.8")
def bindings_of_activity(portal: Portal, params: dict[str, Any]) -> Outcome:
    """The records that one activity is bound to."""
    activity = int_cast(params.get("activityId"))
    if activity not in portal.tables["activity"]:
        raise RestError("NOT_FOUND", "Activity not found")
    rows = [{"entityTypeId": kind, "entityId": record} for kind, record in bindings_of(portal, activity)]
    return Outcome(rows, rows=len(rows))
