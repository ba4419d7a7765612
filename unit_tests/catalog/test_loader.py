from typing import Any

import pytest

from source_bitrix24.catalog.column import UNTYPED_VALUES, Column
from source_bitrix24.catalog.loader import RecordLoader, with_key
from source_bitrix24.catalog.types import TYPES
from source_bitrix24.portal.oddities import Oddities

FILE = (Column("id", "integer"), Column("url"))
COLUMNS = {
    **{name: Column(name, name) for name in TYPES},
    "integers": Column("integers", "integer", multiple=True),
    "dates": Column("dates", "date", multiple=True),
    "texts": Column("texts", multiple=True),
    "file": Column("file", "object", parts=FILE),
    "files": Column("files", "object", multiple=True, parts=FILE),
}


def load(name: str, value: Any) -> Any:
    return next(RecordLoader([COLUMNS[name]])([{name: value}]))


@pytest.mark.parametrize(
    ("column", "sent", "loaded"),
    [
        ("text", "Größe", "Größe"),
        ("text", "0", "0"),
        ("text", 0, "0"),
        ("text", 12.5, "12.5"),
        ("text", True, "1"),
        ("text", {"a": [1]}, '{"a":[1]}'),
        ("integer", "12", 12),
        ("integer", "-3", -3),
        ("integer", "0", 0),
        ("integer", 0, 0),
        ("integer", 12.0, 12),
        ("reference", "12", 12),
        ("number", "1000.00", 1000.0),
        ("number", "0", 0.0),
        ("number", 0, 0),
        ("number", 5, 5),
        ("number", "22175.32800000", 22175.328),
        ("boolean", "Y", True),
        ("boolean", "N", False),
        ("boolean", "1", True),
        ("boolean", "0", False),
        ("boolean", 0, False),
        ("boolean", True, True),
        ("boolean", False, False),
        ("date", "2024-05-10T03:00:00+03:00", "2024-05-10"),
        ("date", "2024-05-10", "2024-05-10"),
        ("datetime", "2024-05-10T13:04:05+03:00", "2024-05-10T13:04:05+03:00"),
        ("datetime", "2024-05-10T13:04:05Z", "2024-05-10T13:04:05+00:00"),
        ("datetime", "2024-W19-5T13:04:05+03:00", "2024-05-10T13:04:05+03:00"),
        ("datetime", "2024-05-10 13:04:05+03:00", "2024-05-10T13:04:05+03:00"),
        ("object", {"a": 1}, {"a": 1}),
        ("object", ["x", "y"], {"0": "x", "1": "y"}),
        ("file", {"id": "7", "url": "", "more": "kept"}, {"id": 7, "url": None, "more": "kept"}),
        ("datetime", "9999-12-31T00:00:00+03:00", "9999-12-31T00:00:00+03:00"),
        ("integers", ["1", 2], [1, 2]),
        ("integers", ["1", "2"], [1, 2]),
        ("integers", {"1": "5", "3": "6"}, [5, 6]),
        ("integers", "5", [5]),
        ("integers", 5, [5]),
        ("texts", True, ["1"]),
        ("texts", ["a", ""], ["a", None]),
        ("dates", ["2024-05-10T03:00:00+03:00"], ["2024-05-10"]),
        ("files", [{"id": 1, "url": "/a"}], [{"id": 1, "url": "/a"}]),
    ],
)
def test_values_get_the_type_of_their_column(column: str, sent: Any, loaded: Any) -> None:
    record = load(column, sent)
    assert record == {column: loaded}
    assert type(record[column]) is type(loaded)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("empty", [None, "", False, []])
def test_an_empty_value_is_absent_in_every_type(column: str, empty: Any) -> None:
    is_no = column == "boolean" and empty is False
    default = {"pipeline": {"pipeline": 0}}.get(column, {})
    assert load(column, empty) == ({column: False} if is_no else default)


@pytest.mark.parametrize(
    ("column", "sent"), [("reference", "0"), ("reference", 0), ("deadline", "9999-12-31T00:00:00+03:00")]
)
def test_a_value_that_stands_for_none_is_absent(column: str, sent: Any) -> None:
    assert load(column, sent) == {}


@pytest.mark.parametrize(
    ("column", "sent"),
    [
        ("integer", "twelve"),
        ("integer", 12.5),
        ("integer", "9223372036854775808"),
        ("reference", "-1"),
        ("integer", ["1", "2"]),
        ("number", "1,5"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e999"),
        ("boolean", "maybe"),
        ("date", "soon"),
        ("date", "0000-00-00"),
        ("datetime", "2024-05-10T13:04:05"),
        ("datetime", 5),
        ("datetime", "9999-12-31T23:59:59-12:00"),
        ("datetime", "0001-01-01T00:00:00+03:00"),
        ("number", "-INF"),
        ("number", "-nan"),
        ("number", "-1e999"),
        ("boolean", "false"),
        ("object", "text"),
        ("integers", ["1", "x"]),
        ("file", {"id": "x"}),
    ],
)
def test_a_value_that_does_not_fit_is_kept_beside_its_column(column: str, sent: Any) -> None:
    assert load(column, sent) == {UNTYPED_VALUES.name: {column: sent}}


def test_several_values_that_do_not_fit_are_kept_by_row_and_column() -> None:
    rows = [{"integer": "x", "number": "y"}, {"integer": "1", "number": "2"}, {"integer": "3", "number": "z"}]
    assert list(RecordLoader([COLUMNS["integer"], COLUMNS["number"]])(rows)) == [
        {UNTYPED_VALUES.name: {"integer": "x", "number": "y"}},
        {"integer": 1, "number": 2.0},
        {"integer": 3, UNTYPED_VALUES.name: {"number": "z"}},
    ]


def test_a_missing_value_is_absent() -> None:
    assert list(RecordLoader([COLUMNS["text"], COLUMNS["integers"]])([{}])) == [{}]


def test_no_rows_give_no_records() -> None:
    assert list(RecordLoader([COLUMNS["text"]])([])) == []


def test_a_field_that_is_not_declared_comes_as_text() -> None:
    row = {"text": "a", "UF_CRM_NEW": ["1", "2"], "UF_CRM_EMPTY": False}
    assert list(RecordLoader([COLUMNS["text"]])([row])) == [{"text": "a", "UF_CRM_NEW": '["1","2"]'}]


def test_many_rows_with_different_columns_are_loaded_alike() -> None:
    rows: list[dict[str, Any]] = [{"integer": "1"}, {"text": "a", "integer": "2"}, {}, {"text": ""}] * 70
    records = [{"integer": 1}, {"text": "a", "integer": 2}, {}, {}]
    assert list(RecordLoader([COLUMNS["text"], COLUMNS["integer"]])(rows)) == records * 70


def test_rows_are_not_changed() -> None:
    row = {"integer": "1", "integers": ["1", "2"], "file": {"id": "7"}, "object": ["x"]}
    before = {"integer": "1", "integers": ["1", "2"], "file": {"id": "7"}, "object": ["x"]}
    list(RecordLoader(list(COLUMNS.values()))([row]))
    assert row == before


def test_records_without_a_key_are_left_out_and_counted() -> None:
    odd = Oddities()
    records = [{"ID": 1, "SORT": 0}, {"ID": 2}, {"SORT": 3}, {}, {"ID": 0, "SORT": 4}]
    assert list(with_key(records, ["ID", "SORT"], odd)) == [records[0], records[4]]
    assert odd.rows == 3


@pytest.mark.parametrize(
    "row", [{"CATEGORY_ID": None}, {"CATEGORY_ID": ""}, {"CATEGORY_ID": "0"}, {"CATEGORY_ID": 0}, {}]
)
def test_a_stage_without_a_pipeline_belongs_to_the_default_one(row: dict[str, Any]) -> None:
    load = RecordLoader([Column("CATEGORY_ID", "pipeline"), Column("STATUS_ID")])
    rows = [row | {"STATUS_ID": "NEW"}, {"STATUS_ID": "C4:NEW", "CATEGORY_ID": "4"}]
    assert [one["CATEGORY_ID"] for one in load(rows)] == [0, 4]
    assert [one["CATEGORY_ID"] for one in load(rows[:1])] == [0]
