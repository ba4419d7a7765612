from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from source_bitrix24.portal.keyset import Row
from source_bitrix24.sync.row_dates import MOST_BEHIND, DateObserver, KnownRow, RowDates, date_of, digest_of
from source_bitrix24.sync.state import StreamState

NOW = datetime.fromisoformat("2026-11-23T12:00:00+03:00")


def row(number: int, date: object) -> Row:
    return {"ID": str(number), "DATE_MODIFY": date}


def seen(*rows: Row, before: RowDates | None = None, known: KnownRow | None = None) -> RowDates:
    observer = DateObserver("DATE_MODIFY", "ID", before or RowDates())
    observer.observe(rows, NOW)
    return replace(observer.so_far(RowDates(), known), printed=observer.printed(NOW - timedelta(minutes=5)))


@pytest.mark.parametrize(
    ("dates", "behind"),
    [
        (["2026-11-23T11:00:00+03:00", "2026-11-23T09:00:00+03:00"], timedelta(hours=1)),
        (["2026-11-23T09:00:00+03:00", "", None, False, 7, "soon"], None),
        (["2026-11-23T09:00:00+03:00", "", None, False, 7], timedelta(hours=3)),
        (["2024-11-23T09:00:00+03:00"], MOST_BEHIND),
        (["2026-11-23T15:00:00+03:00"], timedelta()),
        (["9999-12-31T00:00:00+03:00"], None),
        (["0001-01-01T00:00:00+03:00"], None),
        (["2026-11-23T11:00:00"], None),
        ([None], None),
        ([], None),
    ],
)
def test_the_clock_is_behind_by_at_most_the_least_difference(dates: list[object], behind: timedelta | None) -> None:
    assert seen(*(row(number, date) for number, date in enumerate(dates, 1))).behind == behind


def test_what_earlier_syncs_have_shown_of_the_clock_stays() -> None:
    before = RowDates(timedelta(minutes=7))
    assert seen(row(1, "2026-11-23T11:00:00+03:00"), before=before).behind == timedelta(minutes=7)
    assert seen(row(1, "2026-11-23T11:59:00+03:00"), before=before).behind == timedelta(minutes=1)


def test_in_the_hour_that_occurs_twice_the_greater_difference_counts() -> None:
    """P2.15: a local time is shown with its first offset."""
    observer = DateObserver("DATE_MODIFY", "ID", RowDates())
    observer.observe([row(1, "2026-11-01T01:10:00-04:00")], datetime.fromisoformat("2026-11-01T01:20:00-05:00"))
    assert observer.so_far(RowDates(), None).behind == timedelta(minutes=70)


def test_where_clocks_are_set_forward_the_greater_difference_counts() -> None:
    observer = DateObserver("DATE_MODIFY", "ID", RowDates())
    observer.observe([row(1, "2026-03-08T02:20:00-05:00")], datetime.fromisoformat("2026-03-08T03:25:00-04:00"))
    assert observer.so_far(RowDates(), None).behind == timedelta(minutes=65)


@pytest.mark.parametrize(("seconds", "disagree"), [(0, False), (120, False), (121, True), (50 * 3600, True)])
def test_clocks_disagree_if_a_date_is_ahead_by_more_than_two_minutes(seconds: int, disagree: bool) -> None:
    observer = DateObserver("DATE_MODIFY", "ID", RowDates())
    date = NOW + min(timedelta(seconds=seconds), MOST_BEHIND)
    observer.observe([row(1, date.isoformat())], NOW)
    assert observer.clocks_disagree is disagree


def test_the_newest_row_is_the_known_one_or_a_later_one() -> None:
    known = KnownRow(9, NOW - timedelta(hours=2))
    assert seen(row(1, "2026-11-23T09:00:00+03:00"), known=known).newest == known
    assert seen(row(1, "2026-11-23T11:00:00+03:00"), known=known).newest == KnownRow(1, NOW - timedelta(hours=1))
    assert seen().newest is None


def test_rows_that_the_next_sync_meets_again_are_remembered_by_their_content() -> None:
    rows = [
        row(3, "2026-11-23T11:30:00+03:00"),
        row(2, "2026-11-23T11:20:00+03:00"),
        row(1, "2026-11-23T11:58:00+03:00"),
    ]
    before = RowDates(timedelta(minutes=30))
    assert seen(*rows[:2], before=before).printed == {digest_of(one) for one in rows[:2]}
    assert seen(*rows, before=before).printed == frozenset()  # the clock is behind by two minutes at most


def test_of_many_rows_only_the_latest_are_remembered() -> None:
    rows = [row(number, f"2026-11-23T11:{number:02}:00+03:00") for number in range(55, 0, -1)]
    found = seen(*rows, before=RowDates(timedelta(hours=1)))
    assert found.newest == KnownRow(55, NOW - timedelta(minutes=5))
    assert len(found.printed) <= 8


def test_two_readers_know_what_both_know() -> None:
    known = KnownRow(1, NOW)
    one, other = RowDates(timedelta(1), known, frozenset("ab")), RowDates(None, None, frozenset("bc"))
    assert one.common(other) == other.common(one) == RowDates(timedelta(1), known, frozenset("b"))


def test_a_digest_differs_for_different_contents() -> None:
    assert digest_of({"ID": "1", "TITLE": "a"}) == digest_of({"TITLE": "a", "ID": "1"})
    texts: list[Row] = [
        {"ID": "1"},
        {"ID": "2"},
        {"ID": "1", "TITLE": "a"},
        {"ID": "1", "TITLE": False},
        {"ID": "1", "SUM": 10**40},
    ]
    assert len({digest_of(one) for one in texts}) == len(texts)


@pytest.mark.parametrize("value", [None, "", []])
def test_a_new_column_without_a_value_does_not_change_a_digest(value: object) -> None:
    assert digest_of({"ID": "1", "UF_CRM_NEW": value}) == digest_of({"ID": "1"})


@pytest.mark.parametrize("text", [None, "", "soon", "2026-11-23", "2500-01-01T00:00:00+03:00", 7, []])
def test_what_no_clock_shows_is_no_date(text: object) -> None:
    assert date_of({"D": text}, "D") is None


# zone, and a moment at which its clocks are set back, forward, or not at all
MOMENTS = [
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Europe/Moscow", datetime(2026, 10, 25, 1, tzinfo=UTC)),
]
MINUTES = st.integers(-150, 150) | st.integers(-3 * 1440, 3 * 1440)


@example(place=MOMENTS[2], ahead=-13, syncs=[7, 66], edits=[(4, False), (27, False)])
@settings(max_examples=500, deadline=None)
@given(
    place=st.sampled_from(MOMENTS),
    ahead=st.integers(-120, 0) | st.integers(-24 * 60, 24 * 60),
    syncs=st.lists(MINUTES, min_size=2, max_size=6),
    edits=st.lists(st.tuples(MINUTES, st.booleans()), min_size=1, max_size=6),
)
def test_no_change_is_missed_however_far_the_databases_clock_is_off(
    place: tuple[str, datetime], ahead: int, syncs: list[int], edits: list[tuple[int, bool]]
) -> None:
    """Whatever was changed passes the filter of the next sync, as the portal compares: by local times (P2.15)."""
    zone, moment = ZoneInfo(place[0]), place[1]
    state, before = StreamState(), moment - timedelta(days=40)
    changes = [(moment + timedelta(minutes=at), is_late) for at, is_late in edits] + [(before, False)]
    for at in sorted({moment + timedelta(minutes=minutes) for minutes in syncs}):
        now = datetime.fromisoformat(at.astimezone(zone).isoformat())  # with an offset, but no zone
        state = state.begin(now, None)
        observer = DateObserver("DATE_MODIFY", "ID", state.dates)
        for number, (edited, is_late) in enumerate(changes):
            visible = edited + timedelta(minutes=5 if is_late else 0)
            stored = (edited + timedelta(minutes=ahead)).astimezone(zone).replace(tzinfo=None)
            if before <= visible < at:
                assert state.scan
                since = state.scan.since
                assert since is None or stored >= since.astimezone(zone).replace(tzinfo=None)
                observer.observe([row(number + 1, stored.replace(tzinfo=zone).isoformat())], now)
        state = replace(state, dates=observer.so_far(state.dates, None)).read_down_to(1, 1).finish()
        before = at
