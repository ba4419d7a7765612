from dataclasses import replace

import pytest

from integration_tests.odd_cases import CASES, OddCase
from pages import odd_answers
from pages.er_diagrams import DOCS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_the_documentation_says_what_an_odd_answer_costs(case: OddCase) -> None:
    assert odd_answers.line(case) in (DOCS / "messages.md").read_text(encoding="utf-8").splitlines()


def test_an_answer_that_costs_more_than_the_list_says_is_an_error() -> None:
    row = next(case for case in CASES if case.costs == "1 row")
    with pytest.raises(AssertionError, match="null in the place of a row costs 1 row"):
        odd_answers.line(replace(row, costs="nothing"))


def test_an_answer_that_costs_another_table_is_an_error() -> None:
    refused = next(case for case in CASES if case.kind == "a list is refused")
    with pytest.raises(AssertionError, match="costs deal_pipelines"):
        odd_answers.line(replace(refused, refuses={"crm.category.list": refused.refuses["crm.product.list"]}))
