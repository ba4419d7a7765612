from datetime import datetime

import pytest

from source_bitrix24.catalog.column import standard_columns
from source_bitrix24.portal.keyset import Row
from source_bitrix24.portal.oddities import Oddities
from source_bitrix24.sync.set_lengths import SetLengths
from source_bitrix24.sync.set_records import SetRecords
from unit_tests.sync.test_parents_job import ROWS

FOUND_AT = datetime.fromisoformat("2026-11-30T03:53:20+03:00")
FOUND = "2026-11-30T03:53:20+03:00"
DATE = "2026-11-20T10:00:00+03:00"
PARENT: Row = {"ID": "5", "DATE_MODIFY": DATE}
KNOWN = SetLengths().with_lengths({5: 3, 7: 2})


@pytest.fixture
def records() -> SetRecords:
    return SetRecords(ROWS, standard_columns("deal_products"), Oddities())


def test_rows_have_their_parents_id_and_date_and_their_position(records: SetRecords) -> None:
    rows = list(records.records([(PARENT, [{"ID": "70"}, {"ID": "71"}]), ({"ID": "6"}, None)]))
    assert rows == [
        {"ID": 70, "OWNER_ID": 5, "POSITION": 1, "DATE_MODIFY": DATE},
        {"ID": 71, "OWNER_ID": 5, "POSITION": 2, "DATE_MODIFY": DATE},
    ]


def test_positions_behind_the_end_of_a_set_are_taken_back_with_the_parents_date(records: SetRecords) -> None:
    found = list(records.tombstones([(PARENT, [{"ID": "70"}])], KNOWN, FOUND_AT))
    assert found == [
        {"OWNER_ID": 5, "POSITION": place, "DATE_MODIFY": DATE, "_ab_cdc_deleted_at": FOUND} for place in (2, 3)
    ]
    assert records.lengths([(PARENT, [{"ID": "70"}])], KNOWN) == {5: 1}


def test_a_set_that_grew_or_is_unreadable_is_not_taken_back(records: SetRecords) -> None:
    sets = [(PARENT, [{"ID": "70"}] * 4), ({"ID": "7", "DATE_MODIFY": DATE}, None)]
    assert list(records.tombstones(sets, KNOWN, FOUND_AT)) == []
    assert records.lengths(sets, KNOWN) == {5: 4}


@pytest.mark.parametrize("date", [None, "", "soon"])
def test_a_tombstone_has_no_cursor_where_the_parent_has_no_date_and_comes_again(
    records: SetRecords, date: str | None
) -> None:
    sets = [({"ID": "5", "DATE_MODIFY": date}, [{"ID": "70"}, {"ID": "71"}])]
    assert list(records.tombstones(sets, KNOWN, FOUND_AT)) == [
        {"OWNER_ID": 5, "POSITION": 3, "_ab_cdc_deleted_at": FOUND}
    ]
    assert records.lengths(sets, KNOWN) == {5: 3}


def test_all_rows_of_a_parent_that_is_gone_are_taken_back_with_the_time_of_finding_it(records: SetRecords) -> None:
    assert list(records.tombstones_of_gone([7], KNOWN, FOUND_AT, FOUND_AT)) == [
        {"OWNER_ID": 7, "POSITION": place, "DATE_MODIFY": FOUND, "_ab_cdc_deleted_at": FOUND} for place in (1, 2)
    ]
