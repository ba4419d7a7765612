from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from source_bitrix24.sync.look_back import LOOK_BACK, changes_since, next_look_back
from source_bitrix24.sync.state import StreamState

NOW = datetime(2026, 11, 23, 13, 10, tzinfo=ZoneInfo("Europe/Moscow"))
BERLIN = ZoneInfo("Europe/Berlin")


def test_a_mark_ahead_of_the_portals_clock_is_taken_as_now() -> None:
    assert changes_since(NOW + timedelta(days=4000), LOOK_BACK, NOW) == NOW - LOOK_BACK


# zone, and a moment at which its clocks are set back or forward
CLOCK_CHANGES = [
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Europe/Moscow", datetime(2026, 10, 25, 1, tzinfo=UTC)),
]
MINUTES = st.integers(-130, 130)


@example(change=CLOCK_CHANGES[0], syncs=[1, 3, 60], edit=4, late=False)
@settings(max_examples=500)
@given(
    change=st.sampled_from(CLOCK_CHANGES),
    syncs=st.lists(MINUTES, min_size=2, max_size=4),
    edit=MINUTES,
    late=st.booleans(),
)
def test_no_change_is_missed_when_clocks_are_set_forward_or_back(
    change: tuple[str, datetime], syncs: list[int], edit: int, late: bool
) -> None:
    """Whatever was changed since a sync passes the filter of the next, as the portal compares: by its local time."""
    zone, moment = change
    local = ZoneInfo(zone)
    edited = moment + timedelta(minutes=edit)
    visible = edited + (LOOK_BACK if late else timedelta(0))
    state = StreamState()
    before = None
    for at in sorted(moment + timedelta(minutes=minute) for minute in syncs):
        portal_time = datetime.fromisoformat(at.astimezone(local).isoformat())  # with an offset, but no zone
        begun = state.begin(portal_time, None)
        assert begun.scan
        if before and before <= visible < at:
            assert begun.scan.since
            stored = edited.astimezone(local).replace(tzinfo=None)
            assert stored >= begun.scan.since.astimezone(local).replace(tzinfo=None)
        state, before = begun.read_down_to(1, 1).finish(), at


def test_without_a_change_of_clocks_the_lookback_is_the_usual_one() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=BERLIN)
    later = summer + timedelta(hours=1)
    assert changes_since(summer, LOOK_BACK, later) == summer - LOOK_BACK
    assert next_look_back(summer, LOOK_BACK, later) == LOOK_BACK
