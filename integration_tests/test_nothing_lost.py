"""After any history of edits, kills, faults and races, the next finished sync makes the copy equal to the portal."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from emulator.faults import KINDS
from integration_tests.history import GET_ONLY_COLUMNS, METHODS, FaultPlan, History, Race
from integration_tests.seeded_defects import (
    SEEDS,
    Defect,
    a_slice_is_skipped_after_a_wait,
    ids_are_read_before_the_rows,
)
from integration_tests.soak import play

# HYPOTHESIS_PROFILE=random runs other histories each time and prints a failing one as code, to be added as a test
_PROFILES = {"fixed": settings(derandomize=True), "random": settings(print_blob=True)}
_SETTINGS = settings(
    _PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "fixed")],
    max_examples=40,
    stateful_step_count=10,
    deadline=None,
    database=None,
)
_SYNCS, _DEALS, _OTHER_SEEDS = 8, 130, 60  # of the histories that find seeded defects
_NO_CLOCK_CHANGE = (1_796_000_000.0, "Europe/Moscow")
_BEFORE_SUMMER_TIME_ENDS = (1_793_512_200.0, "America/New_York")
_BEFORE_SUMMER_TIME_BEGINS = (1_772_952_600.0, "America/New_York")

_pick = st.integers(0, 10_000)
_edit = st.sampled_from(sorted(History.EDITS))
_race = st.builds(Race, st.sampled_from(METHODS), st.integers(1, 30), _edit, _pick)
# a row is edited after its page was read; then the portal is slow; then a row is edited before its page is read
_slow_read = st.builds(
    lambda early, late: [
        Race("crm.deal.list", 2, "edit", early),
        Race("crm.deal.list", 2, "wait", 400),
        Race("crm.deal.list", 3, "edit", late),
    ],
    st.integers(85, 125),
    st.integers(0, 25),
)
_fault = st.builds(
    FaultPlan, st.sampled_from(sorted(KINDS)), st.integers(1, 25), st.sampled_from([1, 1, 1, 2, 3, 1000])
)
_kill = st.none() | st.integers(0, 700)


class Histories(RuleBasedStateMachine):
    """Random edits, waits and syncs of a portal."""

    in_flight = 1

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.history: History | None = None

    @initialize(
        when=st.sampled_from([_NO_CLOCK_CHANGE, _BEFORE_SUMMER_TIME_ENDS, _BEFORE_SUMMER_TIME_BEGINS]),
        left_out=st.sampled_from([(), GET_ONLY_COLUMNS]),
        hours=st.sampled_from([0, -3, 5]),
    )
    def begin(self, when: tuple[float, str], left_out: tuple[str, ...], hours: int) -> None:
        self.history = History(
            Path(self.folder.name),
            *when,
            in_flight=self.in_flight,
            columns_left_out=left_out,
            database_skew=3600.0 * hours,
        )

    @rule(edits=st.lists(st.tuples(_edit, _pick), min_size=1, max_size=5))
    def users_edit(self, edits: list[tuple[str, int]]) -> None:
        assert self.history
        for name, pick in edits:
            self.history.edit(name, pick)

    @rule(seconds=st.sampled_from([0.4, 1, 30, 299, 301, 1200, 3600, 86_400, 40 * 86_400]))
    def time_passes(self, seconds: float) -> None:
        assert self.history
        self.history.pass_time(seconds)

    @rule(faults=st.lists(_fault, max_size=3), races=st.lists(_race, max_size=4), kill_after=_kill)
    def sync(self, faults: list[FaultPlan], races: list[Race], kill_after: int | None) -> None:
        assert self.history
        self.history.sync(faults, races, kill_after)

    @rule(races=st.lists(_race, max_size=2), pick=_pick)
    def sync_while_another_client_uses_operating_time(self, races: list[Race], pick: int) -> None:
        assert self.history
        self.history.edit("spend", pick)
        self.history.sync(races=races)

    @rule(pick=_pick)
    def the_user_may_see_less(self, pick: int) -> None:
        assert self.history
        self.history.take_rights(pick)

    @rule()
    def the_user_may_see_everything(self) -> None:
        assert self.history
        self.history.give_rights()

    @rule(races=_slow_read)
    def sync_from_a_slow_portal(self, races: list[Race]) -> None:
        assert self.history
        self.history.sync(races=races)

    @rule()
    def a_sync_without_faults_makes_the_copy_equal_to_the_portal(self) -> None:
        assert self.history
        assert self.history.problems() == []

    def teardown(self) -> None:
        try:
            assert not self.history or self.history.problems() == []
        finally:
            self.folder.cleanup()


def test_no_row_is_lost_after_any_history_of_edits_faults_races_and_kills() -> None:
    run_state_machine_as_test(Histories, settings=_SETTINGS)


class HistoriesInFlight(Histories):
    """The same with four requests in flight."""

    in_flight = 4


def test_no_row_is_lost_with_four_requests_in_flight() -> None:
    run_state_machine_as_test(HistoriesInFlight, settings=settings(_SETTINGS, max_examples=15))


@pytest.mark.parametrize(("defect", "seed"), SEEDS.items(), ids=[defect.__name__ for defect in SEEDS])
def test_a_seeded_defect_is_found(defect: Defect, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    defect(monkeypatch)
    # a changed connector sends other requests, so that another seed may have to find it
    assert any(play(one, _SYNCS, _DEALS)[1] for one in (seed, *range(_OTHER_SEEDS)))


def _edits_before_a_wait(history: History) -> None:
    history.sync()
    for offset in range(2):
        history.pass_time(3600 * offset)
        for pick in range(60):
            history.edit("set_rows", pick + offset)
    history.edit("spend", 1)
    history.sync()


def _a_row_while_rows_are_read(history: History) -> None:
    history.sync(races=[Race("crm.deal.list", 43, "create", 5), Race("crm.deal.list", 44, "wait", 400)])


@pytest.mark.parametrize(
    ("play_history", "defect"),
    [
        (_edits_before_a_wait, a_slice_is_skipped_after_a_wait),
        (_a_row_while_rows_are_read, ids_are_read_before_the_rows),
    ],
)
def test_a_defect_that_seeds_seldom_meet_is_found(
    play_history: Callable[[History], None], defect: Defect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path)
    play_history(history)
    assert history.problems() == []
    defect(monkeypatch)
    history = History(tmp_path)
    play_history(history)
    assert history.problems() != []


@pytest.mark.parametrize("seed", range(4))
def test_no_difference_is_found_without_a_defect(seed: int) -> None:
    assert play(seed, _SYNCS, _DEALS)[1] == []
