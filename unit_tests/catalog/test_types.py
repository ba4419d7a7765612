"""One value, its column, and many rows: whichever way a value takes, it is loaded alike, and nothing is lost."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from source_bitrix24.catalog.column import UNTYPED_VALUES, Column, table_schema
from source_bitrix24.catalog.loader import RecordLoader
from source_bitrix24.catalog.types import TYPES, Misfit, as_sent, is_empty, load_date, load_text
from unit_tests.portal_values import PORTAL_VALUES, WRITTEN_TEXTS

COLUMNS = [Column(name, name) for name in TYPES]
COLUMNS.append(Column("file", "object", parts=(Column("id", "integer"), Column("url"))))
COLUMNS += [Column(f"{column.name}_list", column.type, multiple=True, parts=column.parts) for column in COLUMNS]
MANY_DIFFERENT_VALUES = 4200  # more than the loader remembers

# texts that fill the memo of a column, by its type
FILLERS: dict[str, list[str]] = {
    "integer": [str(number) for number in range(MANY_DIFFERENT_VALUES)],
    "reference": [str(number) for number in range(MANY_DIFFERENT_VALUES)],
    "number": [f"{number}.50" for number in range(MANY_DIFFERENT_VALUES)],
    "date": [str(date(2000, 1, 1) + timedelta(days=number)) for number in range(MANY_DIFFERENT_VALUES)],
    "deadline": [(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)).isoformat() for number in range(9)],
    "datetime": [
        (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number)).isoformat()
        for number in range(MANY_DIFFERENT_VALUES)
    ],
}


def record_of(column: Column, value: Any) -> dict[str, Any]:
    """Return the record that a value must become."""
    try:
        loaded = column.load()(value)
    except Misfit:
        return {UNTYPED_VALUES.name: {column.name: as_sent(value)}}
    return {} if loaded is None else {column.name: loaded}


def exactly(value: Any) -> Any:
    """Return a value together with the types in it, since 1, 1.0 and True are equal."""
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exactly(item) for item in value]
    return (type(value), value)


def worn(column: Column) -> RecordLoader:
    """Return a loader that has seen more different values of a column than it remembers."""
    load = RecordLoader([column])
    fillers = FILLERS.get(column.type, [])
    list(load([{column.name: [text] if column.multiple else text} for text in fillers]))
    return load


WORN = {column.name: worn(column) for column in COLUMNS if not column.parts}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@given(value=PORTAL_VALUES)
def test_a_value_in_a_row_becomes_what_its_type_makes_of_it(column: Column, value: Any) -> None:
    (record,) = RecordLoader([column])([{column.name: value}])
    assert exactly(record) == exactly(record_of(column, value))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@given(values=st.lists(PORTAL_VALUES, min_size=1, max_size=5) | st.lists(WRITTEN_TEXTS | st.none(), min_size=1))
@example(values=["inf", "-inf"])
@example(values=["1e308", "1e308"])
@example(values=["2024-05-10T13:04:05+03:0", "02024-05-10T13:04:05+03:00"])
def test_values_of_many_rows_become_the_same(column: Column, values: list[Any]) -> None:
    rows = [{column.name: value} for value in values]
    records = list(RecordLoader([column])(rows))
    assert exactly(records) == exactly([record_of(column, value) for value in values])


@pytest.mark.parametrize("column", [column for column in COLUMNS if not column.parts], ids=lambda column: column.name)
@given(values=st.lists(PORTAL_VALUES, min_size=1, max_size=5) | st.lists(WRITTEN_TEXTS | st.none(), min_size=1))
@example(values=["inf", "-inf"])
@example(values=["nan", "1.5"])
@example(values=["1e308", "1e308"])
@example(values=["-nan"])
@example(values=["1e999", "2"])
@example(values=["2024-W19-5T13:04:05+03:00"])
@example(values=["2024-05-10 13:04:05+03:00"])
@example(values=["2024-05-10T13:04:05+03:0", "02024-05-10T13:04:05+03:00"])
@example(values=["9999-12-31T00:00:00+03:00", "2024-05-10T13:04:05+03:00"])
@example(values=["１２", "٣"])
@example(values=["", None, "7"])
def test_values_behind_more_different_ones_than_are_remembered_become_the_same(
    column: Column, values: list[Any]
) -> None:
    rows = [{column.name: value} for value in values]
    lists = [{column.name: [value] if isinstance(value, str) else value} for value in values]
    for sent in (rows, lists):
        records = list(WORN[column.name](sent))
        assert exactly(records) == exactly([record_of(column, row[column.name]) for row in sent])


@pytest.mark.parametrize("type_", [name for name, one in TYPES.items() if one.load_texts])
@given(texts=st.lists(WRITTEN_TEXTS.filter(bool), min_size=1, max_size=6))
def test_the_shortcut_for_many_texts_gives_what_each_gives_alone_or_nothing(type_: str, texts: list[str]) -> None:
    column_type = TYPES[type_]
    assert column_type.load_texts
    loaded = column_type.load_texts(texts)
    if loaded is not None:
        assert exactly(loaded) == exactly([column_type.load(text) for text in texts])


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@given(value=PORTAL_VALUES)
def test_a_value_that_is_not_empty_is_in_the_record_which_is_valid_json_for_the_schema(
    column: Column, value: Any
) -> None:
    (record,) = RecordLoader([column])([{column.name: value}])
    if not record:
        means_nothing = is_empty(value) or value == {}
        means_none = column.type == "reference" and column.load()(value) is None
        means_never = column.type == "deadline" and str(value).startswith("9999-")
        assert means_nothing or means_none or means_never
    assert record.get(UNTYPED_VALUES.name, {column.name: as_sent(value)}) == {column.name: as_sent(value)}
    assert None not in record.values()
    jsonschema.validate(orjson.loads(orjson.dumps(record)), table_schema([column], key=()))


EXACT = ["0.1", "12345678901234.56", "123456789012345.67", "1000.00000000000000", "900719925474099.0e-3", "1e22", "007"]
ROUNDED = [
    "12345678901234567.89",
    "9007199254740993",
    "0.1000000000000000055",
    "1e-400",
    "4e-324",
    "1" * 20,
    "-0.30000000000000004441",
]


@pytest.mark.parametrize("column", [Column("number", "number"), Column("number", "number", multiple=True)])
@pytest.mark.parametrize("load", [RecordLoader, worn], ids=["new", "worn"])
@pytest.mark.parametrize("text", EXACT + ROUNDED)
def test_a_number_is_printed_as_it_is_written_or_kept_as_text(column: Column, load: Any, text: str) -> None:
    loader = load([column]) if load is RecordLoader else load(column)
    sent: Any = [text] if column.multiple else text
    (record,) = loader([{"number": sent}])
    if text in ROUNDED:
        assert record == {UNTYPED_VALUES.name: {"number": sent}}
    else:
        printed = json.loads(orjson.dumps(record), parse_float=Decimal, parse_int=Decimal)["number"]
        assert printed == ([Decimal(text)] if column.multiple else Decimal(text))


@given(text=st.from_regex(r"-?[0-9]{1,22}(\.[0-9]{1,9})?(e-?[0-9]{1,3})?", fullmatch=True))
def test_no_number_is_rounded_in_silence(text: str) -> None:
    (record,) = RecordLoader([Column("number", "number")])([{"number": text}])
    printed = json.loads(orjson.dumps(record), parse_float=Decimal, parse_int=Decimal)
    assert printed == {UNTYPED_VALUES.name: {"number": text}} or printed == {"number": Decimal(text)}


@pytest.mark.parametrize("value", ["1_000", "1_000.5", "-1_0"])
@pytest.mark.parametrize("type_", ["integer", "number", "reference"])
def test_a_number_in_pythons_own_spelling_is_none(type_: str, value: str) -> None:
    with pytest.raises(Misfit):
        TYPES[type_].load(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [("", None), (False, None), ([], None), ({}, None), (True, "1"), (5, "5"), ({"a": 1}, '{"a":1}'), ([1], "[1]")],
)
def test_every_value_can_be_loaded_as_text(value: Any, text: str | None) -> None:
    assert load_text(value) == text


@settings(max_examples=300)
@given(
    day=st.dates(date(1900, 1, 2), date(2100, 1, 1)),
    offset=st.integers(-11 * 60, 11 * 60),
    drift=st.sampled_from([-60, 0, 60]),
)
def test_a_day_is_the_same_in_every_zone_and_season(day: date, offset: int, drift: int) -> None:
    """P2.15: the day's midnight plus the server's offset of today, written with the server's offset of that day."""
    zone = timezone(timedelta(minutes=offset))
    written = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=offset + drift)
    assert load_date(written.isoformat()) == day.isoformat()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert load_date(midnight.astimezone(zone).isoformat()) == day.isoformat()
