from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.rows import RowLoader
from source_bitrix24.schema import UNTYPED_VALUES, Schema
from source_bitrix24.values import calendar_day

TYPES: dict[str, Schema] = {
    "text": {"type": ["null", "string"]},
    "integer": {"type": ["null", "integer"]},
    "link": {"type": ["null", "integer"], "minimum": 1},
    "number": {"type": ["null", "number"]},
    "boolean": {"type": ["null", "boolean"]},
    "date": {"type": ["null", "string"], "format": "date"},
    "moment": {"type": ["null", "string"], "format": "date-time"},
    "object": {"type": ["null", "object"], "additionalProperties": True},
    "file": {
        "type": ["null", "object"],
        "properties": {"id": {"type": ["null", "integer"]}, "url": {"type": ["null", "string"]}},
    },
}
TYPES |= {f"{name}s": {"type": ["null", "array"], "items": column} for name, column in list(TYPES.items())}


def schema_of(*names: str) -> Schema:
    untyped = {UNTYPED_VALUES: {"type": ["null", "object"]}}
    return {"type": "object", "properties": {**{name: TYPES[name] for name in names}, **untyped}}


def load(column: str, value: Any) -> Any:
    return next(RowLoader(schema_of(column))([{column: value}]))


@pytest.mark.parametrize(
    ("column", "sent", "meant"),
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
        ("link", "12", 12),
        ("link", "0", None),
        ("link", 0, None),
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
        ("moment", "2024-05-10T13:04:05+03:00", "2024-05-10T13:04:05+03:00"),
        ("moment", "2024-05-10T13:04:05Z", "2024-05-10T13:04:05+00:00"),
        ("moment", "9999-12-31T00:00:00+03:00", None),
        ("object", {"a": 1}, {"a": 1}),
        ("object", ["x", "y"], {"0": "x", "1": "y"}),
        ("file", {"id": "7", "url": "", "more": "kept"}, {"id": 7, "url": None, "more": "kept"}),
        ("integers", ["1", 2], [1, 2]),
        ("integers", {"1": "5", "3": "6"}, [5, 6]),
        ("integers", "5", [5]),
        ("dates", ["2024-05-10T03:00:00+03:00"], ["2024-05-10"]),
        ("files", [{"id": 1, "url": "/a"}], [{"id": 1, "url": "/a"}]),
    ],
)
def test_values_get_the_type_of_their_column(column: str, sent: Any, meant: Any) -> None:
    record = load(column, sent)
    assert record == {column: meant}
    assert type(record[column]) is type(meant)


@pytest.mark.parametrize("column", TYPES)
@pytest.mark.parametrize("empty", [None, "", False, []])
def test_what_is_empty_is_null_in_every_type(column: str, empty: Any) -> None:
    if column == "boolean" and empty is False:
        assert load(column, empty) == {column: False}
    else:
        assert load(column, empty) == {column: None}


@pytest.mark.parametrize(
    ("column", "sent"),
    [
        ("integer", "twelve"),
        ("integer", 12.5),
        ("integer", "9223372036854775808"),
        ("link", "-1"),
        ("integer", ["1", "2"]),
        ("number", "1,5"),
        ("number", "nan"),
        ("number", "inf"),
        ("boolean", "maybe"),
        ("date", "soon"),
        ("date", "0000-00-00"),
        ("moment", "2024-05-10T13:04:05"),
        ("moment", 5),
        ("object", "text"),
        ("integers", ["1", "x"]),
        ("file", {"id": "x"}),
    ],
)
def test_a_value_that_does_not_fit_is_kept_beside_its_column(column: str, sent: Any) -> None:
    assert load(column, sent) == {column: None, UNTYPED_VALUES: {column: sent}}


def test_a_missing_key_is_null() -> None:
    assert next(RowLoader(schema_of("text", "integers"))([{}])) == {"text": None, "integers": None}


def test_a_field_that_was_added_a_moment_ago_comes_as_text() -> None:
    row = {"text": "a", "UF_CRM_NEW": ["1", "2"], "UF_CRM_EMPTY": False}
    assert next(RowLoader(schema_of("text"))([row])) == {"text": "a", "UF_CRM_NEW": '["1","2"]', "UF_CRM_EMPTY": None}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=8,
)


@given(row=st.fixed_dictionaries(dict.fromkeys(TYPES, JSON)))
def test_whatever_the_portal_sends_the_record_fits_the_schema_and_nothing_is_lost(row: dict[str, Any]) -> None:
    schema = schema_of(*TYPES)
    sent = dict(row)
    record = next(RowLoader(schema)([row]))
    jsonschema.validate(record, schema)
    orjson.dumps(record, option=orjson.OPT_NON_STR_KEYS)
    for name, misfit in (record.get(UNTYPED_VALUES) or {}).items():
        assert record[name] is None
        assert misfit == sent[name]


@given(
    day=st.dates(date(1900, 1, 2), date(2100, 1, 1)),
    offset=st.integers(-11 * 60, 11 * 60),
    drift=st.sampled_from([-60, 0, 60]),
)
def test_a_day_is_the_same_in_every_zone_and_season(day: date, offset: int, drift: int) -> None:
    """P2.15: the day's midnight plus the server's offset of today, written with the server's offset of that day."""
    zone = timezone(timedelta(minutes=offset))
    written = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=offset + drift)
    assert calendar_day(written.isoformat()) == day.isoformat()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert calendar_day(midnight.astimezone(zone).isoformat()) == day.isoformat()
