"""What the pages say of the doctor."""

import re

from pages.doctor import asked, twisted
from source_bitrix24.doctor.fact import FACTS


def test_every_fact_of_the_doctor_has_its_place_in_the_page_of_facts() -> None:
    named = set(re.findall(r"`(\w+)`", asked()))
    assert named == FACTS.keys()


def test_facts_that_nobody_asks_are_named_too() -> None:
    assert "| P1.3 | nothing |" in asked()


def test_each_of_five_turned_portals_differs_in_one_fact() -> None:
    assert len(twisted().splitlines()) == 2 + 5
