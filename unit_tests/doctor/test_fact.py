"""What a fact is made of."""

import re

import pytest

from emulator.twists import TWISTS
from source_bitrix24.doctor.fact import FACTS, Fact, Verdict, code_of, ids_of, judged, rows_of
from source_bitrix24.portal.batch import Answer
from source_bitrix24.portal.errors import NoAccess, NotFound


def test_every_fact_has_a_switch_in_the_emulator_and_every_switch_a_fact() -> None:
    assert TWISTS.keys() == FACTS.keys()


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_a_fact_names_numbers_and_says_what_holds_and_what_the_connector_does_otherwise(fact: Fact) -> None:
    assert re.fullmatch(r"P\d+(\.\d+)?(, P\d+\.\d+)*", fact.numbers)
    assert re.fullmatch(r"[`A-Z].*\.", fact.says)
    assert re.fullmatch(r"[A-Z].*\.", fact.otherwise)


def test_rows_are_those_of_a_list_or_of_its_part() -> None:
    assert rows_of(Answer(b'[{"ID": "7"}, null]')) == [{"ID": "7"}]
    assert rows_of(Answer(b'{"items": [{"id": 7}]}'), "items") == [{"id": 7}]
    assert rows_of(Answer(b'{"items": "none"}'), "items") == []
    assert ids_of(Answer(b'[{"ID": "7"}, {"ID": "x"}, {}]')) == [7]


def test_an_error_in_place_of_rows_is_raised() -> None:
    with pytest.raises(NotFound):
        rows_of(Answer(error=NotFound("crm.deal.list")))


def test_an_error_is_named_by_its_code_and_never_by_its_text() -> None:
    assert code_of(NoAccess("crm.deal.list", "Anna may not", "ACCESS_DENIED")) == "the error ACCESS_DENIED"
    assert code_of(NoAccess("crm.deal.list", "Anna may not")) == "an error without a code (NoAccess)"
    assert code_of(None) == "no error"


def test_a_judgement_is_one_of_two() -> None:
    assert judged(True, "yes").verdict is Verdict.AS_KNOWN
    assert judged(False, "no").verdict is Verdict.DIFFERENT
