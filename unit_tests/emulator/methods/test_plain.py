import json
from pathlib import Path
from typing import Any

import pytest

from emulator.clock import PlayedClock
from emulator.methods.plain import PlainList, read_folder, run_plain
from emulator.store import Portal, sample_portal

ROWS = [
    {"ID": str(n), "NAME": f"Row {n}", "DATE_MODIFY": f"2026-01-{n % 28 + 1:02}T12:00:00+03:00"} for n in range(1, 121)
]
PAGED = PlainList(ROWS, paged=True)


@pytest.fixture
def portal() -> Portal:
    return sample_portal(PlayedClock(), deals=1)


def ids(portal: Portal, **params: Any) -> list[int]:
    return [int(row["ID"]) for row in run_plain(PAGED, portal, params).result]


def test_a_small_table_comes_in_one_answer_whatever_is_asked(portal: Portal) -> None:
    outcome = run_plain(PlainList(ROWS), portal, {"filter": {">ID": 100}, "start": 50})
    assert (outcome.result, outcome.total, outcome.next, outcome.rows) == (ROWS, 120, None, 120)


def test_rows_can_stand_under_a_key(portal: Portal) -> None:
    assert run_plain(PlainList(ROWS[:2], rows_in="items"), portal, {}).result == {"items": ROWS[:2]}


def test_a_paged_list_has_fifty_rows_a_page_and_tells_the_next(portal: Portal) -> None:
    outcome = run_plain(PAGED, portal, {"start": 50, "order": {"ID": "ASC"}})
    assert (outcome.total, outcome.next, outcome.result) == (120, 100, ROWS[50:100])
    assert run_plain(PAGED, portal, {"start": 100}).next is None


def test_a_page_without_a_count_follows_filter_and_order_by_number(portal: Portal) -> None:
    assert ids(portal, start=-1, order={"ID": "DESC"}, filter={"<ID": 100}) == list(range(99, 49, -1))
    assert ids(portal, start=-1, order={"ID": "DESC"}, filter={"<ID": 100, ">ID": "97"}) == [99, 98]


def test_a_date_in_a_filter_is_compared_as_a_moment(portal: Portal) -> None:
    found = ids(portal, start=-1, order={"ID": "ASC"}, filter={">=DATE_MODIFY": "2026-01-28T09:00:00+00:00"})
    assert found == [27, 55, 83, 111]


def test_only_selected_columns_come(portal: Portal) -> None:
    outcome = run_plain(PAGED, portal, {"select": ["NAME"], "filter": {"ID": 7}})
    assert outcome.result == [{"ID": "7", "NAME": "Row 7"}]


def test_a_file_is_a_list_named_after_its_method(tmp_path: Path) -> None:
    (tmp_path / "crm.currency.list.json").write_text(json.dumps({"facts": "P12", "rows": [{"CURRENCY": "EUR"}]}))
    assert read_folder(tmp_path) == {"crm.currency.list": PlainList([{"CURRENCY": "EUR"}], facts="P12")}


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["1", "20", None], "integer"),
        (["007", "1"], "string"),
        (["2026-01-01T00:00:00+03:00"], "datetime"),
        ([None], "string"),
    ],
)
def test_the_type_of_a_column_follows_from_its_values(values: list[str | None], type_: str) -> None:
    assert PlainList([{"X": value} for value in values]).fields["X"].type == type_
