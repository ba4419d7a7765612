from typing import Any

import pytest

from source_bitrix24.portal.batch import Answer
from source_bitrix24.portal.errors import (
    BrokenPromise,
    NoAccess,
    NotFound,
    OperatingTimeUsedUp,
    PortalError,
    PortalFailed,
)
from source_bitrix24.portal.keyset import Row, Span
from source_bitrix24.portal.together import Group, Pages, Verdict, compare

GET = "crm.deal.productrows.get"


def row(number: int, owner: int, **values: Any) -> Row:
    """A row as the list writes it: all text."""
    return {"ID": str(number), "OWNER_ID": str(owner), "SORT": "10", "PRICE": "1.00", **values}


def rows(*pairs: tuple[int, int]) -> Answer:
    return Answer([row(number, owner) for number, owner in pairs])


def one_page(owners: list[int]) -> tuple[Group, Pages]:
    group = Group(owners)
    return group, Pages("D", GET, [(group, 1)])


def test_a_request_asks_for_the_pages_then_for_the_newest_rows_and_for_one_owner_alone() -> None:
    pages = Pages("D", GET, [(Group([7, 5]), 2), (Group([4], left=Span(0, 90)), 1)])
    commands = pages.commands()
    assert list(commands) == ["group0_0", "group0_1", "group1_0", "newest0_0", "alone"]
    asked = {key: command.params.get("filter", command.params) for key, command in commands.items()}
    both = {"OWNER_TYPE": "D", "OWNER_ID": [7, 5]}
    assert asked["group0_0"] == {**both, ">ID": 0}
    assert asked["group0_1"] == {**both, ">ID": 0, "<ID": "$result[group0_0][49][ID]"}
    assert asked["group1_0"] == {"OWNER_TYPE": "D", "OWNER_ID": [4], ">ID": 0, "<ID": 90}
    assert asked["newest0_0"] == {"OWNER_TYPE": "D", "OWNER_ID": [7, 5, 4], ">ID": 0}
    assert asked["alone"] == {"id": 5}
    assert {command.method for key, command in commands.items() if key != "alone"} == {"crm.productrow.list"}


def test_no_command_names_more_owners_than_php_reads() -> None:
    groups = [(Group(list(range(start, start + 700))), 1) for start in (1, 1001, 2001)]
    commands = Pages("D", GET, groups).commands()
    assert [len(commands[f"newest{number}_0"].params["filter"]["OWNER_ID"]) for number in range(3)] == [900, 900, 300]
    assert len(commands) == 3 + Pages.proofs(2100)


def test_the_rows_of_a_group_are_told_by_owner_in_their_order() -> None:
    group, pages = one_page([7, 5, 3])
    told = [row(12, 7, SORT="20"), row(11, 5), row(9, 7), row(8, 7, SORT=None)]
    answers = {"group0_0": Answer(told), "newest0_0": Answer(told), "alone": rows()}
    assert pages.take(answers) == set()
    assert not group.left
    numbers = {owner: [one["ID"] for one in owned] for owner, owned in group.sets().items()}
    assert numbers == {7: ["8", "9", "12"], 5: ["11"], 3: []}


def full_page(owner: int) -> list[tuple[int, int]]:
    return [(number, owner) for number in range(150, 100, -1)]


def test_a_group_that_is_not_finished_goes_on_below_what_came() -> None:
    group, pages = one_page([7, 5])
    page = full_page(7)
    assert pages.take({"group0_0": rows(*page), "newest0_0": rows(*page), "alone": rows((40, 5))}) == set()
    assert group.left == Span(0, 101)
    rest = Pages("D", GET, [(group, 2)])
    again = {"group0_0": rows((40, 5)), "group0_1": rows(), "newest0_0": rows(*page), "alone": rows((40, 5))}
    assert rest.take(again) == set()
    assert (len(group.rows), bool(group.left)) == (51, False)


def test_an_owner_with_rows_that_appeared_meanwhile_is_to_be_asked_alone() -> None:
    _, pages = one_page([7, 5, 3])
    answers = {"group0_0": rows((9, 7)), "newest0_0": rows((30, 5), (9, 7)), "alone": rows()}
    assert pages.take(answers) == {5}


def test_rows_of_an_unfinished_group_that_are_still_to_come_are_not_new() -> None:
    _, pages = one_page([7, 5])
    page = full_page(7)
    newest = rows((151, 5), *page[:-1])
    answers = {"group0_0": rows(*page), "newest0_0": newest, "alone": rows()}
    assert pages.take(answers) == {5}
    _, pages = one_page([7, 5])
    assert pages.take({**answers, "newest0_0": rows(*page[:-1], (40, 5))}) == set()


def test_rows_that_are_still_to_come_do_not_look_like_many_new_ones() -> None:
    _, pages = one_page([7, 5])
    page = full_page(7)
    newest = rows(*((number, 5) for number in range(90, 40, -1)))
    assert pages.take({"group0_0": rows(*page), "newest0_0": newest, "alone": rows()}) == set()


def test_where_all_the_newest_rows_appeared_meanwhile_there_may_be_more_of_them() -> None:
    _, pages = one_page([7, 5, 3])
    answers = {"group0_0": rows((9, 7)), "newest0_0": rows(*full_page(7)), "alone": rows()}
    assert pages.take(answers) == {7, 5, 3}


def test_the_one_owner_that_was_deleted_or_has_changed_proves_nothing() -> None:
    _, pages = one_page([7, 5])
    answers = {"group0_0": rows((9, 7)), "newest0_0": rows((9, 7)), "alone": Answer(error=NotFound(GET))}
    assert pages.take(answers) == {5}
    _, pages = one_page([7, 5])
    changed = {"group0_0": rows((9, 7)), "newest0_0": rows((30, 5), (9, 7)), "alone": rows((30, 5))}
    assert pages.take(changed) == {5}


@pytest.mark.parametrize(
    ("part", "answer", "error"),
    [
        ("group0_0", Answer(error=NoAccess("crm.productrow.list")), NoAccess),
        ("group0_0", Answer(error=OperatingTimeUsedUp("crm.productrow.list")), OperatingTimeUsedUp),
        ("newest0_0", Answer(error=PortalFailed("crm.productrow.list")), PortalFailed),
        ("alone", Answer(error=OperatingTimeUsedUp(GET)), OperatingTimeUsedUp),
        ("alone", rows((8, 5)), BrokenPromise),
        ("group0_0", rows((9, 7), (8, 5)), BrokenPromise),
        ("group0_0", rows((9, 6)), BrokenPromise),
        ("group0_0", rows((9, 7), (9, 7)), BrokenPromise),
    ],
    ids=["refused", "used up", "failed", "alone used up", "row left out", "row too many", "other owner", "twice"],
)
def test_what_fails_or_contradicts_itself_adds_nothing(part: str, answer: Answer, error: type[PortalError]) -> None:
    group, pages = one_page([7, 5])
    answers = {"group0_0": rows((9, 7)), "newest0_0": rows((9, 7)), "alone": rows()}
    with pytest.raises(error):
        pages.take(answers | {part: answer})
    assert group == Group([7, 5])


def judged(page: Answer, wanted: tuple[str, ...] = ("PRICE",), **alone: Any) -> Verdict:
    sets = {7: [row(12, 7, **alone), row(11, 7)], 5: [row(10, 5)], 4: [], 3: [row(8, 3)]}
    return compare(sets, page, wanted, lambda one: {**one, "PRICE": float(one["PRICE"])})


ALL = [row(12, 7), row(11, 7), row(10, 5), row(8, 3)]


def test_a_list_that_tells_the_same_can_be_used_instead() -> None:
    assert judged(Answer(ALL)) is Verdict.TELLS_ALL
    assert judged(Answer(ALL), PRICE=1) is Verdict.TELLS_ALL


def test_a_list_without_a_column_that_is_wanted_only_finds_the_owners() -> None:
    assert judged(Answer(ALL), wanted=("PRICE", "RESERVE_ID")) is Verdict.TELLS_OWNERS
    assert judged(Answer(ALL), PRICE="2.00") is Verdict.TELLS_OWNERS


@pytest.mark.parametrize(
    "page",
    [
        Answer(error=NoAccess("crm.productrow.list")),
        Answer({}),
        Answer(ALL[:2]),
        Answer([*ALL, row(7, 4)]),
        Answer(ALL[::-1]),
        Answer([]),
    ],
    ids=["refused", "no list", "first owner", "too many", "order", "nothing"],
)
def test_a_list_that_tells_something_else_is_useless(page: Answer) -> None:
    assert judged(page) is Verdict.USELESS


def test_too_few_owners_with_rows_or_a_passing_failure_decide_nothing() -> None:
    assert compare({7: [row(12, 7)], 5: [row(10, 5)]}, rows((12, 7), (10, 5)), (), dict) is Verdict.UNDECIDED
    assert compare({7: [], 5: []}, rows(), (), dict) is Verdict.UNDECIDED
    assert judged(Answer(error=OperatingTimeUsedUp("crm.productrow.list"))) is Verdict.UNDECIDED


def test_only_the_newest_rows_fit_into_the_page_that_is_compared() -> None:
    numbers = [(number, number % 4 + 1) for number in range(70, 0, -1)]
    sets: dict[int, list[Row]] = {owner: [] for owner in (1, 2, 3, 4)}
    for number, owner in numbers:
        sets[owner].append(row(number, owner))
    assert compare(sets, rows(*numbers[:50]), ("PRICE",), dict) is Verdict.TELLS_ALL
    assert compare(sets, rows(*numbers[:49]), ("PRICE",), dict) is Verdict.USELESS
