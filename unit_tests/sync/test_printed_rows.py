from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.sync.id_set import EMPTY, IdSet
from source_bitrix24.sync.printed_rows import PrintedRows, common_rows

IDS = st.builds(IdSet.of, st.sets(st.integers(1, 9_000), max_size=20))
ROWS = st.builds(
    PrintedRows,
    IDS,
    IDS,
    IDS,
    IDS,
    st.booleans(),
    st.none() | st.booleans(),
    st.booleans(),
    st.frozensets(st.sampled_from(["UF_CRM_A", "UF_CRM_B"])),
)


@given(ROWS)
def test_what_is_known_comes_back_from_the_state(rows: PrintedRows) -> None:
    assert PrintedRows.load(rows.dump()) == rows


def test_what_says_nothing_is_not_saved() -> None:
    assert PrintedRows(IdSet.of([5])).dump() == {"ids": IdSet.of([5]).text}


@given(ROWS, IDS)
def test_a_row_that_is_printed_is_nothing_else_any_more(rows: PrintedRows, ids: IdSet) -> None:
    after = rows.printed(ids)
    assert ids & (after.others | after.unseen | after.suspects) == EMPTY
    assert (after.ids, after.others | ids) == (rows.ids | ids, rows.others | ids)


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_readers_of_one_list_know_every_row_that_any_of_them_may_have_printed(every: list[PrintedRows]) -> None:
    common = common_rows(every)
    for rows in every:
        assert rows.ids | rows.suspects == (rows.ids | rows.suspects) & (common.ids | common.suspects)
        assert rows.fields <= common.fields
    assert len(every) == 1 or common.others & common.ids == EMPTY


@pytest.mark.parametrize(
    "saved", [5, [], {"ids": 5}, {"ids": "?"}, {"more": 1}, {"ids": EMPTY.text, "fields": "UF_CRM_A"}]
)
def test_what_is_no_such_part_of_a_state_cannot_be_read(saved: Any) -> None:
    with pytest.raises(ValueError, match=r"its|a set"):
        PrintedRows.load(saved)
