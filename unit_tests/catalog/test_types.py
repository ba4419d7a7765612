from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.rows import RowLoader
from source_bitrix24.schema import UNTYPED_VALUES
from source_bitrix24.values import Misfit, kind_of, load_of, text
from unit_tests.test_rows import JSON, TYPES, schema_of

# texts as portals send them, and nearly so
_WRITTEN = st.one_of(
    st.from_regex(r"-?[0-9_]{1,20}(\.[0-9]{1,9})?", fullmatch=True),
    st.from_regex(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]([+-][01][0-9]:[03]0|Z)?", fullmatch=True
    ),
    st.sampled_from(["Y", "N", "0", "1", "", "9999-12-31T00:00:00+03:00", "²", "１２", "1_000", "inf", "-"]),
)


@pytest.mark.parametrize("column", TYPES)
@given(value=JSON | _WRITTEN | st.lists(_WRITTEN, max_size=3))
def test_the_quick_way_through_a_column_leads_where_the_function_for_one_value_leads(column: str, value: Any) -> None:
    (row,) = RowLoader(schema_of(column))([{column: value}])
    try:
        expected = {column: None if value is None else load_of(TYPES[column])(value)}
    except Misfit:
        expected = {column: None, UNTYPED_VALUES: {column: value}}
    assert row == expected
    assert type(row[column]) is type(expected[column])


@pytest.mark.parametrize("value", ["1_000", "1_000.5", "-1_0"])
@pytest.mark.parametrize("column", ["integer", "number", "link"])
def test_numbers_are_not_read_the_way_python_writes_them(column: str, value: str) -> None:
    with pytest.raises(Misfit):
        load_of(TYPES[column])(value)


def test_many_rows_with_different_keys_are_loaded_alike() -> None:
    rows: list[dict[str, Any]] = [{"integer": "1"}, {"text": "a", "integer": "2"}, {}, {"text": ""}] * 70
    wanted = [
        {"text": None, "integer": 1},
        {"text": "a", "integer": 2},
        {"text": None, "integer": None},
        {"text": None, "integer": None},
    ]
    assert list(RowLoader(schema_of("text", "integer"))(rows)) == wanted * 70


def test_a_column_has_one_kind() -> None:
    assert [kind_of(TYPES[name]) for name in ("text", "link", "moment", "dates")] == [
        "string",
        "link",
        "date-time",
        "array",
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [("", None), (False, None), ([], None), (True, "1"), (5, "5"), ({"a": 1}, '{"a":1}'), ([1], "[1]")],
)
def test_anything_can_be_told_as_text(value: Any, told: str | None) -> None:
    assert text(value) == told
