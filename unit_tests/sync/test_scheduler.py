from collections.abc import Iterator

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal.errors import BadWebhook
from source_bitrix24.portal.scan_context import ScanContext
from source_bitrix24.sync.job import Job, Steps
from source_bitrix24.sync.scheduler import Ended, Event, Scheduler, Started, Stepped
from source_bitrix24.sync.step import Step
from unit_tests.mounted import client_of


class ScriptedJob(Job):
    """Takes a second for each letter of a script.

    r: rows; w: it cannot go on for 100 s; l: it goes on when all others are at their end; f: it fails; 0 to 9: the requests
    in flight after the last one was sent.
    """

    def __init__(self, name: str, script: str, clock: PlayedClock, *, can_prefetch: bool = True) -> None:
        super().__init__((name,))
        self.name = name
        self.closed = 0
        self.prefetched_at: list[float] = []
        self.answered_after = 0.0
        self.rest_asked_at: list[float] = []
        self.rest_error: Exception | None = None
        self.was_alone: list[bool] = []
        self.scans: ScanContext | None = None
        self._script = script
        self._clock = clock
        self._can_prefetch = can_prefetch

    def prefetch(self) -> bool:
        self.prefetched_at.append(self._clock.monotonic())
        return self._can_prefetch

    def prefetch_rest(self) -> bool:
        self.rest_asked_at.append(self._clock.monotonic())
        if self.rest_error:
            raise self.rest_error
        return self._clock.monotonic() >= self.prefetched_at[0] + self.answered_after

    def close(self) -> None:
        super().close()
        self.closed += 1

    def _steps(self) -> Steps:
        not_before = 0.0
        for letter in self._script:
            self._clock.sleep(max(1.0, not_before - self._clock.monotonic()))
            if self.scans:
                self.was_alone.append(self.scans.alone)
            if letter == "f":
                raise BadWebhook("crm.deal.list", "revoked")
            if letter == "d":
                raise ZeroDivisionError
            not_before = self._clock.monotonic() + 100 if letter == "w" else 0.0
            in_flight = int(letter) if letter.isdecimal() else None
            yield Step(not_before=not_before, goes_last=letter == "l", in_flight=in_flight)


class Sync:
    """Scripted jobs and their scheduler."""

    def __init__(self, lanes: int = 4, **scripts: str) -> None:
        self.clock = PlayedClock()
        app = App(sample_portal(PlayedClock(), deals=0))
        self.scans = ScanContext(client_of(app, lanes=lanes))
        self.jobs = {name: ScriptedJob(name, script, self.clock) for name, script in scripts.items()}
        for job in self.jobs.values():
            job.scans = self.scans

    def events(self) -> Iterator[Event]:
        return Scheduler(list(self.jobs.values()), self.scans, self.clock).events()

    def order(self) -> str:
        """Return the names of the jobs in the order of their steps."""
        return "".join(event.job.streams[0] for event in self.events() if isinstance(event, Stepped))


def test_jobs_that_never_wait_are_run_one_after_the_other() -> None:
    assert Sync(a="rrrr", b="rr", c="r").order() == "aaaabbc"


def test_a_job_that_goes_last_waits_until_all_others_are_at_their_end() -> None:
    assert Sync(a="rlr", b="rrl", c="rlrr", d="rr", e="r").order() == "aabbbccddeacc"


def test_a_job_starts_steps_and_ends() -> None:
    sync = Sync(a="rr")
    job = sync.jobs["a"]
    assert list(sync.events()) == [Started(job), Stepped(job, Step()), Stepped(job, Step()), Ended(job)]


def test_a_job_that_waits_gives_its_turn_to_the_next_one() -> None:
    assert Sync(a="rwrr", b="rrrr").order() == "aabbbbaa"


def test_a_job_takes_its_turn_back_as_soon_as_it_can_go_on() -> None:
    assert Sync(a="wr", b="r" * 120).order() == "a" + "b" * 100 + "a" + "b" * 20


def test_when_all_jobs_wait_the_one_that_can_go_on_first_is_next() -> None:
    sync = Sync(a="wr", b="wr")
    assert sync.order() == "abab"
    assert sync.clock.monotonic() < 110


def test_no_more_than_three_jobs_are_started_at_once() -> None:
    assert Sync(a="wr", b="wr", c="wr", d="r").order() == "abcadbc"


@pytest.mark.parametrize(("script", "error"), [("rf", BadWebhook), ("rd", ZeroDivisionError)])
def test_a_job_that_fails_ends_alone(script: str, error: type[Exception]) -> None:
    sync = Sync(a=script, b="rr")
    ends = [event for event in sync.events() if isinstance(event, Ended)]
    assert [(end.job.streams[0], type(end.error)) for end in ends] == [("a", error), ("b", type(None))]


def test_each_job_is_closed_when_it_ends() -> None:
    sync = Sync(a="rf", b="r", c="r")
    for event in sync.events():
        if isinstance(event, Ended):
            assert sync.jobs[event.job.streams[0]].closed


@pytest.mark.parametrize("steps", [0, 1, 3, 4])
def test_all_jobs_are_closed_when_the_consumer_stops_early(steps: int) -> None:
    sync = Sync(a="rw", b="1r", c="r")
    events = sync.events()
    for _ in range(steps):
        next(events)
    events.close()  # type: ignore[attr-defined]  # a generator
    assert [bool(job.closed) for job in sync.jobs.values()] == [steps > 0] * 3


def test_an_error_of_the_process_itself_is_not_caught_but_closes_all_jobs() -> None:
    sync = Sync(a="r", b="r")

    def interrupted() -> Step | None:
        raise KeyboardInterrupt

    sync.jobs["a"].step = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        list(sync.events())
    assert all(job.closed for job in sync.jobs.values())


def prefetched(sync: Sync) -> str:
    list(sync.events())
    return "".join(name for name, job in sync.jobs.items() if job.prefetched_at)


@pytest.mark.parametrize(
    ("lanes", "in_flight", "names"), [(4, 4, ""), (4, 3, "b"), (4, 2, "bc"), (4, 0, "bcde"), (1, 1, ""), (2, 1, "b")]
)
def test_the_next_jobs_prefetch_on_as_many_lanes_as_are_free(lanes: int, in_flight: int, names: str) -> None:
    sync = Sync(lanes, a=str(in_flight), b="r", c="r", d="r", e="r", f="r")
    assert prefetched(sync) == names


def test_nothing_is_prefetched_while_a_job_still_has_requests_to_send() -> None:
    assert prefetched(Sync(4, a="rrr", b="rr", c="r")) == ""


@pytest.mark.parametrize(("answered_after", "names"), [(100.0, "b"), (1.0, "bc")])
def test_a_job_prefetches_once_and_its_request_keeps_its_lane_until_it_is_answered(
    answered_after: float, names: str
) -> None:
    sync = Sync(3, a="222", b="r", c="r")
    sync.jobs["b"].answered_after = answered_after
    assert prefetched(sync) == names
    assert len(sync.jobs["b"].prefetched_at) == 1


def test_a_job_without_a_request_to_prefetch_leaves_its_lane_to_the_next_one() -> None:
    sync = Sync(2, a="1", b="r", c="r")
    sync.jobs["b"] = ScriptedJob("b", "r", sync.clock, can_prefetch=False)
    assert prefetched(sync) == "bc"


def test_the_next_jobs_send_their_other_requests_once_their_first_ones_are_answered() -> None:
    sync = Sync(4, a="r2rrrrr", b="r", c="r")
    sync.jobs["b"].answered_after = 3.0
    list(sync.events())
    began = sync.jobs["b"].prefetched_at[0]
    assert [at - began for at in sync.jobs["b"].rest_asked_at] == [1.0, 2.0, 3.0]
    assert [at - began for at in sync.jobs["c"].rest_asked_at] == [1.0]


def test_what_goes_wrong_ahead_of_a_job_ends_no_other_one() -> None:
    sync = Sync(4, a="2rrr", b="rr")
    sync.jobs["b"].rest_error = ZeroDivisionError()
    assert sync.order() == "aaaabb"
    assert len(sync.jobs["b"].rest_asked_at) == 1


def test_a_job_knows_that_it_is_alone_once_all_others_have_been_started() -> None:
    sync = Sync(a="r", b="w", c="rr")
    list(sync.events())
    assert {name: job.was_alone for name, job in sync.jobs.items()} == {
        "a": [False],
        "b": [False],
        "c": [True, True],
    }
