from typing import Any

import pytest

from source_bitrix24.portal.batch import Answer
from source_bitrix24.portal.dialect import ITEMS
from source_bitrix24.portal.errors import BrokenPromise, PortalFailed
from source_bitrix24.portal.keyset import Listing, Row, Span, chain, gather

DEALS = Listing("crm.deal.list", ("ID",), {">=DATE_MODIFY": "2026-01-01T00:00:00Z"})
HISTORY = Listing("crm.stagehistory.list", params={"entityTypeId": 2}, dialect=ITEMS)


def rows(*ids: int) -> list[Row]:
    return [{"ID": str(record)} for record in ids]


def page(*ids: int) -> Answer:
    return Answer(rows(*ids))


def test_pages_hang_on_the_last_id_of_the_page_before() -> None:
    commands = chain(DEALS, Span(above=10, below=500), pages=3)
    assert [command.params["filter"] for command in commands.values()] == [
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": 500},
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": "$result[p0][49][ID]"},
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": "$result[p1][49][ID]"},
    ]
    assert {command.params["start"] for command in commands.values()} == {-1}
    assert commands["p0"].params["order"] == {"ID": "DESC"}


def test_a_span_open_towards_the_newest_has_no_upper_bound() -> None:
    assert chain(HISTORY, Span(), pages=1)["p0"].params == {
        "entityTypeId": 2,
        "order": {"ID": "DESC"},
        "filter": {">ID": 0},
        "start": -1,
    }


def test_references_know_where_a_family_of_methods_puts_its_rows() -> None:
    assert chain(HISTORY, Span(), pages=2)["p1"].params["filter"]["<ID"] == "$result[p0][items][49][ID]"


def test_everything_behind_the_first_short_page_is_thrown_away() -> None:
    answers = {"p0": page(*range(100, 50, -1)), "p1": page(50, 49), "p2": page(100, 99)}
    run = gather(DEALS, Span(below=101), answers)
    assert run.rows == rows(*range(100, 48, -1))
    assert not run.left


def test_a_full_chain_leaves_what_is_below_its_last_row() -> None:
    run = gather(DEALS, Span(3, 101), {"p0": page(*range(100, 50, -1))})
    assert run.left == Span(3, 51)


def test_a_full_chain_that_reaches_the_bound_leaves_nothing() -> None:
    assert not gather(DEALS, Span(50, 101), {"p0": page(*range(100, 50, -1))}).left


def test_an_error_keeps_the_pages_before_it_and_says_what_is_left() -> None:
    error = PortalFailed("crm.deal.list")
    run = gather(DEALS, Span(), {"p0": page(*range(100, 50, -1)), "p1": Answer(error=error), "p2": page(5)})
    assert (len(run.rows), run.left, run.error) == (50, Span(0, 51), error)


def test_rows_may_sit_in_items() -> None:
    assert gather(HISTORY, Span(), {"p0": Answer({"items": rows(9, 8)})}).rows == rows(9, 8)


@pytest.mark.parametrize(
    "answer",
    [
        page(5, 6),
        page(5, 5),
        page(99),
        page(3),
        page(*range(98, 40, -1)),
        Answer([{"TITLE": "no id"}]),
        Answer([{"ID": None}]),
        Answer({"items": []}),
        Answer(None),
    ],
    ids=["rising", "repeated", "above", "below", "over 50", "no id", "null id", "no list", "nothing"],
)
def test_rows_out_of_order_or_range_are_not_believed(answer: Any) -> None:
    with pytest.raises(BrokenPromise):
        gather(DEALS, Span(3, 99), {"p0": answer})
