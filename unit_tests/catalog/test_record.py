from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.catalog.column import Column
from source_bitrix24.catalog.loader import RecordLoader
from source_bitrix24.catalog.record import Record, json_of
from source_bitrix24.catalog.types import TYPES
from unit_tests.portal_values import JSON_VALUES, WRITTEN_TEXTS

PARTS = (Column("id", "integer"), Column("price", "number"))
COLUMNS = [
    *(Column(name.upper(), name) for name in TYPES),
    *(Column(f"MANY_{name.upper()}", name, multiple=True) for name in TYPES),
    Column("FILE", "object", parts=PARTS),
    Column("FILES", "object", multiple=True, parts=PARTS),
    Column("UF_CRM_Größe № 1"),
]
VALUES = st.one_of(
    JSON_VALUES,
    WRITTEN_TEXTS,
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.lists(st.one_of(WRITTEN_TEXTS, st.floats())),
)
ROWS = st.lists(st.dictionaries(st.sampled_from([column.name for column in COLUMNS]), VALUES), min_size=1, max_size=3)


@given(ROWS)
def test_written_records_are_the_bytes_of_the_same_maps(rows: list[dict[str, Any]]) -> None:
    load = RecordLoader(COLUMNS)
    order = [*(column.name for column in COLUMNS), "UNTYPED_VALUES"]
    maps = [{name: record[name] for name in order if name in record} for record in load(rows)]
    assert list(map(json_of, load.written(rows))) == list(map(json_of, maps))


@pytest.mark.parametrize(
    "number", ["1e15", "9999999999999998", "1e16", "-1e16", "1e17", "1e308", "-1e308", "1e-7", "5e-324"]
)
def test_large_numbers_are_written_as_the_cdk_writes_them(number: str) -> None:
    load = RecordLoader([Column("NUMBER", "number"), Column("MANY", "number", multiple=True)])
    rows: list[dict[str, Any]] = [{"NUMBER": number, "MANY": [number]}, {"NUMBER": "1"}]
    assert list(map(json_of, load.written(rows))) == list(map(orjson.dumps, load(rows)))


def test_a_column_that_was_not_declared_is_written_too() -> None:
    load = RecordLoader([Column("ID", "integer")])
    assert list(map(json_of, load.written([{"ID": "1", "NEW": "x"}]))) == [b'{"ID":1,"NEW":"x"}']


def test_a_name_that_no_field_can_have_is_written_too() -> None:
    load = RecordLoader([Column('A "quoted" name')])
    assert list(map(json_of, load.written([{'A "quoted" name': "x"}]))) == [b'{"A \\"quoted\\" name":"x"}']


def test_a_record_has_the_columns_in_the_order_of_the_table_and_no_nulls() -> None:
    load = RecordLoader([Column("ID", "integer"), Column("TITLE"), Column("EMPTY")])
    (record,) = load.written([{"EMPTY": "", "TITLE": "x", "ID": "1"}])
    assert isinstance(record, Record)
    assert json_of(record) == b'{"ID":1,"TITLE":"x"}'


@pytest.mark.parametrize("row", [{"a": "half \ud83d"}, {"a": 2**70}])
def test_a_map_that_orjson_cannot_write_is_still_json(row: dict[str, Any]) -> None:
    assert json_of(row).isascii()
