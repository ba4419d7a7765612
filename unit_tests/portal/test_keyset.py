from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest

from source_bitrix24.portal.batch import Answer
from source_bitrix24.portal.dialect import CALLS, ITEMS, SMART_ITEMS, TASKS
from source_bitrix24.portal.errors import BrokenPromise, PortalFailed
from source_bitrix24.portal.keyset import PAGE, Listing, Page, Row, Span, chain_pages, read_all_pages, read_pages

DEALS = Listing("crm.deal.list", ("ID",), {">=DATE_MODIFY": "2026-01-01T00:00:00Z"})
HISTORY = Listing("crm.stagehistory.list", params={"entityTypeId": 2}, dialect=ITEMS)


def rows(*ids: int) -> list[Row]:
    return [{"ID": str(record)} for record in ids]


def answer(result: object) -> Answer:
    return Answer(orjson.dumps(result))


def page(*ids: int) -> Answer:
    return answer(rows(*ids))


def test_each_page_starts_below_the_last_id_of_the_page_before_and_the_foot_below_the_first_row() -> None:
    commands = chain_pages(DEALS, Span(above=10, below=500), pages=4)
    assert [command.params["filter"] for command in commands.values()] == [
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": 500},
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": "$result[p0][49][ID]"},
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": "$result[p1][49][ID]"},
        {">=DATE_MODIFY": "2026-01-01T00:00:00Z", ">ID": 10, "<ID": "$result[p0][0][ID]"},
    ]
    assert {command.params["start"] for command in commands.values()} == {-1}
    assert [command.params["order"]["ID"] for command in commands.values()] == ["DESC", "DESC", "DESC", "ASC"]


def test_a_span_up_to_the_newest_row_has_no_upper_bound() -> None:
    assert chain_pages(HISTORY, Span(), pages=1)["p0"].params == {
        "entityTypeId": 2,
        "order": {"ID": "DESC"},
        "filter": {">ID": 0},
        "start": -1,
    }


def test_references_follow_the_dialect_of_the_method() -> None:
    commands = chain_pages(HISTORY, Span(), pages=3)
    assert commands["p1"].params["filter"]["<ID"] == "$result[p0][items][49][ID]"
    assert commands["pfoot"].params["filter"]["<ID"] == "$result[p0][items][0][ID]"


def test_pages_behind_the_first_short_page_are_discarded() -> None:
    foot = page(*range(49, 99))
    answers = {"p0": page(*range(100, 50, -1)), "p1": page(50, 49), "p2": page(100, 99), "pfoot": foot}
    result = read_all_pages(DEALS, Span(below=101), answers)
    assert result.rows == rows(*range(100, 48, -1))
    assert not result.left


def test_a_span_whose_first_page_is_empty_is_empty() -> None:
    """P2.21"""
    assert not read_all_pages(DEALS, Span(3, 101), {"p0": page()}).left


@pytest.mark.parametrize(("foot", "left"), [(range(51, 100), None), ((5, *range(51, 100)), None), ((5, 6), 51)])
def test_an_empty_page_behind_a_full_one_is_compared_with_the_foot_too(foot: Sequence[int], left: int | None) -> None:
    answers = {"p0": page(*range(100, 50, -1)), "p1": page(), "pfoot": page(*foot)}
    result = read_all_pages(DEALS, Span(3, 101), answers)
    assert result.rows[50:] == (rows(5) if 5 in foot and not left else [])
    assert result.left == (Span(3, left) if left else Span(3, 101).exhausted)


@pytest.mark.parametrize(
    ("first", "foot", "expected", "left"),
    [
        pytest.param([90, 80], [70, 80], [90, 80, 70], None, id="the foot has what the page lacks"),
        pytest.param([90], [], [90], None, id="one row, and none below it"),
        pytest.param([90], [40, 80], [90], 90, id="one row, though others are below it"),
        pytest.param([90, 80], [], [90, 80], 80, id="a foot that lacks rows proves nothing"),
        pytest.param([90, 80], [40, 70], [90, 80], 80, id="rows between page and foot are not known"),
        pytest.param([90, 80], [78, 79], [90, 80, 79, 78], None, id="no ID between page and foot"),
        pytest.param([90, 80], None, [90, 80], 80, id="no foot"),
    ],
)
def test_a_short_page_ends_the_list_only_if_the_foot_proves_it(
    first: list[int], foot: list[int] | None, expected: list[int], left: int | None
) -> None:
    """P2.21"""
    answers = {"p0": page(*first)} | ({} if foot is None else {"pfoot": page(*foot)})
    result = read_all_pages(DEALS, Span(3, 101), answers)
    assert result.rows == rows(*expected)
    assert result.left == (Span(3, left) if left else Span(3, 101).exhausted)


def test_a_refused_foot_proves_nothing() -> None:
    answers = {"p0": page(9), "pfoot": Answer(error=PortalFailed("crm.deal.list"))}
    assert read_all_pages(DEALS, Span(), answers).left == Span(0, 9)


@pytest.mark.parametrize(
    "foot", [page(8, 7), page(7, 7), page(2, 7), page(200)], ids=["falling", "twice", "low", "high"]
)
def test_a_foot_out_of_order_or_range_is_rejected(foot: Answer) -> None:
    with pytest.raises(BrokenPromise):
        read_all_pages(DEALS, Span(3, 99), {"p0": page(9, 8), "pfoot": foot})


def test_a_full_chain_leaves_what_is_below_its_last_row() -> None:
    result = read_all_pages(DEALS, Span(3, 101), {"p0": page(*range(100, 50, -1))})
    assert result.left == Span(3, 51)


def test_a_full_chain_that_reaches_the_bound_leaves_nothing() -> None:
    assert not read_all_pages(DEALS, Span(50, 101), {"p0": page(*range(100, 50, -1))}).left


def test_an_error_keeps_the_pages_before_it_and_leaves_the_rest_of_the_span() -> None:
    error = PortalFailed("crm.deal.list")
    result = read_all_pages(DEALS, Span(), {"p0": page(*range(100, 50, -1)), "p1": Answer(error=error), "p2": page(5)})
    assert (len(result.rows), result.left, result.error) == (50, Span(0, 51), error)


def test_rows_are_found_under_the_key_of_the_dialect() -> None:
    assert read_all_pages(HISTORY, Span(), {"p0": answer({"items": rows(9, 8)})}).rows == rows(9, 8)


@pytest.mark.parametrize(
    "first_page",
    [
        page(5, 6),
        page(5, 5),
        page(99),
        page(3),
        page(*range(98, 40, -1)),
        answer([{"TITLE": "no id"}]),
        answer([{"ID": None}]),
        answer(["7"]),
        answer({"items": []}),
        answer(None),
    ],
    ids=["rising", "repeated", "above", "below", "over 50", "no id", "null id", "no row", "no list", "nothing"],
)
def test_rows_out_of_order_or_range_are_rejected(first_page: Answer) -> None:
    with pytest.raises(BrokenPromise):
        read_all_pages(DEALS, Span(3, 99), {"p0": first_page})


def test_an_error_on_the_first_page_leaves_the_whole_span() -> None:
    error = PortalFailed("crm.deal.list")
    assert list(read_pages(DEALS, Span(3, 99), {"p0": Answer(error=error)})) == [Page([], Span(3, 99), error)]


def test_a_page_is_decoded_when_it_is_taken() -> None:
    broken = Answer(b"[{")
    pages = read_pages(DEALS, Span(), {"p0": page(*range(100, 50, -1)), "p1": broken})
    assert next(pages).rows == rows(*range(100, 50, -1))
    with pytest.raises(PortalFailed):
        next(pages)


@pytest.mark.parametrize(
    ("span", "has_ids"), [(Span(), True), (Span(5, 7), True), (Span(5, 6), False), (Span(5, 5), False)]
)
def test_a_span_is_true_if_an_id_lies_between_its_bounds(span: Span, has_ids: bool) -> None:
    assert bool(span) is has_ids
    assert not span.exhausted


FULL = rows(*range(100, 50, -1))
NO_ROWS: list[object] = [
    None,
    False,
    [],
    {},
    "",
    "text",
    7,
    {"ID": None},
    {"ID": "x"},
    {"ID": True},
    {"ID": "１２"},
    {"TITLE": "no ID"},
]


def listing() -> Listing:
    return Listing("crm.deal.list")


@pytest.mark.parametrize("place", [0, 20, 48])
@pytest.mark.parametrize("entry", NO_ROWS, ids=str)
def test_an_entry_that_is_no_row_costs_only_itself(place: int, entry: object) -> None:
    deals, sent = listing(), [*FULL[:place], entry, *FULL[place + 1 :]]
    found = read_all_pages(deals, Span(), {"p0": answer(sent), "p1": page(50, 49), "pfoot": page(49, 50)})
    assert found.rows == [*FULL[:place], *FULL[place + 1 :], *rows(50, 49)]
    assert (found.left, deals.odd.rows) == (Span().exhausted, 1)


@pytest.mark.parametrize("entry", NO_ROWS, ids=str)
def test_a_chain_ends_behind_a_page_whose_last_entry_is_no_row_and_leaves_the_rest(entry: object) -> None:
    """The reference to that entry's ID leads to the whole list, so the next page is empty (P1.8)."""
    found = read_all_pages(listing(), Span(), {"p0": answer([*FULL[:49], entry]), "p1": answer([])})
    assert (found.rows, found.left) == (FULL[:49], Span(0, 52))


@pytest.mark.parametrize("holes", [{3}, {0}, {3, 30}, {0, 49}, {48}])
def test_a_page_with_holes_is_read_and_does_not_show_that_the_list_ends(holes: set[int]) -> None:
    sent = {str(place): row for place, row in enumerate(FULL) if place not in holes}
    found = read_all_pages(listing(), Span(), {"p0": answer(sent), "p1": answer([])})
    kept = list(sent.values())
    assert found.rows == kept
    assert found.left == Span(0, int(kept[-1]["ID"]))


def test_a_single_row_in_a_map_does_not_show_that_none_is_below_it() -> None:
    """No reference leads to the first place of a map that has none (P1.8), so the foot is empty whatever the list holds."""
    found = read_all_pages(listing(), Span(), {"p0": answer({"3": {"ID": "9"}}), "pfoot": answer([])})
    assert (found.rows, found.left) == (rows(9), Span(0, 9))


def test_what_page_and_foot_both_hold_is_counted_once() -> None:
    deals, sent = listing(), [{"ID": "9"}, None, {"ID": "8"}]
    found = read_all_pages(deals, Span(), {"p0": answer(sent), "pfoot": answer(sent[:0:-1])})
    assert (found.rows, found.left, deals.odd.rows) == (rows(9, 8), Span().exhausted, 1)


def test_an_entry_of_the_foot_that_is_no_row_costs_only_itself() -> None:
    deals = listing()
    found = read_all_pages(deals, Span(), {"p0": answer(FULL), "pfoot": answer([{"ID": "7"}, None, *FULL[:48:-1]])})
    assert (found.rows, found.left, deals.odd.rows) == ([*FULL, *rows(7)], Span().exhausted, 1)


def test_a_short_page_with_an_empty_entry_is_the_last_one_if_the_foot_proves_it() -> None:
    deals = listing()
    sent = {"p0": answer([None, *rows(9, 8), False]), "p1": page(100), "pfoot": page(8)}
    found = read_all_pages(deals, Span(), sent)
    assert (found.rows, found.left, deals.odd.rows) == (rows(9, 8), Span().exhausted, 2)


@pytest.mark.parametrize("sent", [[None] * PAGE, {"1": None}, [{"TITLE": "no id"}], ["7"], [{"id": "7"}] * 3, {}])
def test_a_page_without_any_row_that_does_not_show_what_is_left_is_rejected(sent: object) -> None:
    with pytest.raises(BrokenPromise):
        read_all_pages(listing(), Span(), {"p0": answer(sent)})


def test_rows_out_of_order_behind_an_empty_entry_are_rejected() -> None:
    with pytest.raises(BrokenPromise):
        read_all_pages(listing(), Span(), {"p0": answer([*rows(9), None, *rows(10)])})


def test_texts_that_are_repaired_are_counted() -> None:
    deals = listing()
    found = read_all_pages(
        deals, Span(), {"p0": Answer(b'[{"ID":"9","TITLE":"caf\xe9","NAME":"\xe9\xe9"},{"ID":"8"}]')}
    )
    assert found.rows == [{"ID": "9", "TITLE": "caf?", "NAME": "??"}, {"ID": "8"}]
    assert deals.odd.texts == 2


def test_a_method_that_spells_filter_and_order_in_its_own_way_is_asked_so() -> None:
    command = chain_pages(Listing("voximplant.statistic.get", dialect=CALLS), Span(3, 90), 1)["p0"]
    assert command.params == {"SORT": "ID", "ORDER": "DESC", "FILTER": {">ID": 3, "<ID": 90}, "start": -1}


def test_names_of_a_method_stand_in_requests_and_columns_in_rows() -> None:
    names = {"ID": "id", "UPDATED_TIME": "updatedTime", "UF_CRM_7_A1": "ufCrm_7_A1"}
    items = Listing("crm.item.list", ("ID", "UF_CRM_7_A1"), {">=UPDATED_TIME": "x"}, dialect=SMART_ITEMS, names=names)
    first, second = list(chain_pages(items, Span(), 3).values())[:2]
    assert first.params["select"] == ["id", "ufCrm_7_A1"]
    assert first.params["filter"] == {">=updatedTime": "x", ">id": 0}
    assert second.params["filter"]["<id"] == "$result[p0][items][49][id]"
    sent = [{"id": 5, "ufCrm_7_A1": "a", "stageId": "b"}]
    page = read_all_pages(items, Span(), {"p0": Answer(orjson.dumps({"items": sent}))})
    assert page.rows == [{"ID": 5, "UF_CRM_7_A1": "a", "STAGE_ID": "b"}]


def test_where_references_are_not_trusted_pages_are_windows_of_50_ids() -> None:
    tasks = Listing("tasks.task.list", dialect=TASKS)
    assert [one.params["filter"] for one in chain_pages(tasks, Span(0, 130), 50).values()] == [
        {">ID": 79, "<ID": 130},
        {">ID": 29, "<ID": 80},
        {">ID": 0, "<ID": 30},
    ]
    assert len(chain_pages(tasks, Span(), 50)) == 1
    assert len(chain_pages(replace(tasks, filter={">=CHANGED_DATE": "x"}), Span(0, 130), 50)) == 1
    answers = {
        "p0": Answer(orjson.dumps({"tasks": [{"id": "128"}, {"id": "80"}]})),
        "p1": Answer(orjson.dumps({"tasks": []})),
        "p2": Answer(orjson.dumps({"tasks": [{"id": "1"}]})),
    }
    page = read_all_pages(tasks, Span(0, 130), answers)
    assert [row["ID"] for row in page.rows] == ["128", "80", "1"]
    assert not page.left
    assert read_all_pages(tasks, Span(0, 130), {"p0": answers["p0"]}).left == Span(0, 80)
