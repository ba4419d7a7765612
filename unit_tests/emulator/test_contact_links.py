import pytest

from emulator.store import Portal

LINKED = ("deal", "lead", "quote")


def contacts(portal: Portal, name: str, number: int) -> list[tuple[int, bool]]:
    return [(link["CONTACT_ID"], link["IS_PRIMARY"]) for link in portal.contact_links.of(name, number)]


@pytest.mark.parametrize("name", LINKED)
def test_links_are_made_and_cut_and_no_date_moves(portal: Portal, name: str) -> None:
    first, second, third = (portal.create("contact") for _ in range(3))
    number = portal.create(name)
    before = portal.tables[name].row(number)
    portal.clock.sleep(60)
    for contact in (first, second, third):
        portal.link_contact(name, number, contact)
    assert contacts(portal, name, number) == [(first, True), (second, False), (third, False)]
    portal.unlink_contact(name, number, first)
    assert contacts(portal, name, number) == [(second, True), (third, False)]
    assert portal.tables[name].row(number) == before  # P8.2


def test_a_deleted_contact_is_linked_to_nothing(portal: Portal) -> None:
    contact, deal = portal.create("contact"), portal.create("deal")
    portal.link_contact("deal", deal, contact)
    portal.delete("contact", contact)
    assert contacts(portal, "deal", deal) == []


def test_a_record_that_does_not_exist_has_no_links(portal: Portal) -> None:
    assert contacts(portal, "deal", 10**6) == []
