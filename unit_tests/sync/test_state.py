from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from source_bitrix24.sync.look_back import LOOK_BACK
from source_bitrix24.sync.state import BadState, ScanProgress, StreamState, earliest_common

CURSOR = "DATE_MODIFY"
MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 10, tzinfo=MOSCOW)
TWO_HOURS_AGO = NOW - timedelta(hours=2)


def test_a_first_sync_reads_everything_and_saves_when_it_started() -> None:
    begun = StreamState().begin(NOW, None)
    assert begun.scan == ScanProgress(mark=NOW, since=None, max_id=0)
    finished = begun.read_down_to(800, newest=900).read_down_to(1, newest=799).finish()
    assert finished.dump(CURSOR) == {CURSOR: "2026-11-23T13:10:00+03:00", "max_id": 900}


def test_the_state_in_the_middle_of_a_sync_says_what_is_left_to_read() -> None:
    state = StreamState(TWO_HOURS_AGO, 500).begin(NOW, None).read_down_to(450, newest=520)
    assert state.dump(CURSOR) == {
        CURSOR: "2026-11-23T11:10:00+03:00",
        "max_id": 500,
        "scan": {
            "mark": "2026-11-23T13:10:00+03:00",
            "since": "2026-11-23T11:05:00+03:00",
            "max_id": 520,
            "below": 450,
        },
    }
    assert StreamState.load(state.dump(CURSOR), CURSOR) == state


def test_a_start_date_limits_the_first_sync_only() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = StreamState().begin(NOW, start)
    assert first.scan
    assert first.scan.since == start
    second = first.read_down_to(1, 7).finish().begin(NOW + timedelta(hours=1), start)
    assert second.scan
    assert second.scan.since == NOW - LOOK_BACK


def test_the_greatest_known_id_never_falls() -> None:
    state = StreamState(TWO_HOURS_AGO, 500).begin(NOW, None).read_down_to(1, newest=120).finish()
    assert state.max_id == 500


def test_a_table_without_cursor_is_read_from_the_start_once_it_has_been_read() -> None:
    state = StreamState().begin(NOW, None).read_down_to(1, 7).finish()
    assert state.dump(None) == {"__ab_full_refresh_sync_complete": True}
    assert StreamState.load(state.dump(None), None) == StreamState()


@pytest.mark.parametrize("state", [{}, {"__ab_full_refresh_sync_complete": True}])
def test_an_empty_state_is_a_fresh_start(state: dict[str, Any]) -> None:
    assert StreamState.load(state, CURSOR) == StreamState()


def test_a_state_with_a_mark_alone_can_be_continued_from() -> None:
    loaded = StreamState.load({CURSOR: "2026-11-23T11:10:00Z"}, CURSOR)
    assert (loaded.mark, loaded.max_id) == (datetime(2026, 11, 23, 11, 10, tzinfo=UTC), None)


@pytest.mark.parametrize(
    "state",
    [
        {"LAST_UPDATED": "2026-11-23T11:10:00Z"},
        {CURSOR: "yesterday"},
        {CURSOR: 5},
        {CURSOR: "2026-11-23T11:10:00Z", "max_id": "many"},
        {CURSOR: "2026-11-23T11:10:00Z", "max_id": -1},
        {CURSOR: "2026-11-23T11:10:00Z", "max_id": True},
        {"scan": []},
        {"scan": {"below": 5}},
        {"scan": {"mark": "2026-11-23T11:10:00Z", "below": "5"}},
        {"scan": {"mark": "2026-11-23T11:10:00Z", "since": {}}},
        {"states": [{"partition": {}}]},
    ],
)
def test_a_state_that_cannot_be_read_is_an_error(state: dict[str, Any]) -> None:
    with pytest.raises(BadState):
        StreamState.load(state, CURSOR)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_value_in_a_state_causes_another_error_than_a_bad_state(value: Any) -> None:
    parts: list[dict[str, Any]] = [{CURSOR: value}, {"max_id": value}, {"scan": value}, {"scan": {"mark": value}}]
    dates = [value, *({name: value} for name in ("behind", "steady", "newest", "printed")), {"newest": [value, value]}]
    for state in (*parts, {"other": value}, *({CURSOR: "2026-11-23T11:10:00Z", "dates": part} for part in dates)):
        with suppress(BadState):
            StreamState.load(state, CURSOR)


@pytest.mark.parametrize(
    "state",
    [
        {"max_id": 100},
        {CURSOR: None},
        {CURSOR: "0001-01-01T00:00:00+00:00"},
        {CURSOR: "9999-12-31T23:59:59-12:00"},
        {CURSOR: "2026-11-23T10:00:00+03:00", "max_id": 10**30},
        {"scan": {"mark": "2026-11-23T10:00:00+03:00", "max_id": 5, "below": 0}},
        {"scan": {"mark": "2026-11-23T10:00:00+03:00", "what": 5}},
    ],
)
def test_a_state_that_would_read_everything_again_is_an_error(state: dict[str, Any]) -> None:
    with pytest.raises(BadState):
        StreamState.load(state, CURSOR)


def _finished(hour: int, max_id: int, **more: Any) -> StreamState:
    return StreamState(datetime(2026, 11, 23, hour, tzinfo=UTC), max_id, **more)


def test_the_earliest_common_state_leaves_out_nothing_of_any_stream() -> None:
    assert earliest_common([_finished(10, 50), _finished(11, 40)]) == _finished(10, 40)
    assert earliest_common([_finished(10, 50, look_back=timedelta(minutes=65)), _finished(11, 50)]) == _finished(
        10, 50, look_back=timedelta(minutes=65)
    )


def test_equal_states_are_their_own_earliest_common_state() -> None:
    for state in (StreamState(), StreamState().begin(datetime(2026, 11, 23, tzinfo=UTC), None), _finished(3, 4)):
        assert earliest_common([state, state]) == state


def test_states_that_lie_far_apart_have_no_common_state() -> None:
    in_progress = _finished(10, 50).begin(datetime(2026, 11, 23, 12, tzinfo=UTC), None)
    for other in (StreamState(), _finished(12, 50), in_progress, StreamState(_finished(10, 50).mark)):
        assert earliest_common([_finished(10, 50), other]) is None


def test_a_lookback_other_than_the_usual_one_is_saved_with_the_state() -> None:
    state = StreamState(NOW, 5, look_back=timedelta(minutes=65))
    assert state.dump(CURSOR) == {CURSOR: "2026-11-23T13:10:00+03:00", "max_id": 5, "look_back": 3900}
    assert StreamState.load(state.dump(CURSOR), CURSOR) == state


@given(
    max_id=st.none() | st.integers(0, 10**9),
    below=st.none() | st.integers(1, 10**9),
    minutes=st.integers(5, 65),
    has_mark=st.booleans(),
    has_scan=st.booleans(),
)
def test_a_state_comes_back_from_json_as_it_was(
    max_id: int | None, below: int | None, minutes: int, has_mark: bool, has_scan: bool
) -> None:
    look_back = timedelta(minutes=minutes)
    scan = ScanProgress(NOW, TWO_HOURS_AGO, max_id or 0, below, look_back) if has_scan or not has_mark else None
    state = StreamState(TWO_HOURS_AGO if has_mark else None, max_id, scan, look_back)
    assert StreamState.load(state.dump(CURSOR), CURSOR) == state
