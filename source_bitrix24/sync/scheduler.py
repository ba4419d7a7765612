"""Runs the jobs of a sync: one at a time, the first one that can go on, while the next ones prefetch.

job 1   ████████ (waits for operating time) ············· ████████
job 2            ████████████████
job 3                            ████ (prefetched) ······         ████
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..portal.clock import Clock
from ..portal.scan_context import ScanContext
from ..portal.shared_batch import SharedBatch
from .job import Job
from .step import Step

log = logging.getLogger("airbyte.bitrix24")

_MAX_STARTED = 3  # jobs at once: each keeps the replies that it has requested


@dataclass(frozen=True, slots=True)
class Started:
    """A job takes its first step."""

    job: Job


@dataclass(frozen=True, slots=True)
class Stepped:
    """A job has taken a step."""

    job: Job
    step: Step


@dataclass(frozen=True, slots=True)
class Ended:
    """A job has no further steps. `error`: why it could not finish."""

    job: Job
    error: Exception | None = None


Event = Started | Stepped | Ended


class Scheduler:
    """Takes the steps of jobs and closes the jobs. A job that fails ends alone.

    `shares`: the first requests of all jobs are sent together, since little news is expected.
    """

    def __init__(self, jobs: Sequence[Job], scans: ScanContext, clock: Clock, *, shares: bool = False) -> None:
        self._shares = shares
        self._jobs = jobs
        self._left = list(jobs)
        self._scans = scans
        self._clock = clock
        self._started: set[Job] = set()
        self._prefetched: dict[Job, bool] = {}  # whether its first answer is still awaited
        self._has_sent_all: Job | None = None
        self._at_their_end: set[Job] = set()
        self._not_before: dict[Job, float] = {}
        self._shares_later: Sequence[Job] = ()

    def events(self) -> Iterator[Event]:
        """Yield what happens, in order."""
        try:
            if self._shares:
                shared = SharedBatch(self._scans.client, len(self._jobs))
                self._shares_later = [job for job in self._jobs if not job.share(shared)]
            while self._left:
                yield from self._turn(self._next_job())
        finally:
            for job in self._jobs:
                job.close()

    def _turn(self, job: Job) -> Iterator[Event]:
        if job in self._shares_later:
            shared, jobs = SharedBatch(self._scans.client, len(self._shares_later)), self._shares_later
            self._shares_later = ()
            for one in jobs:
                one.share_later(shared)
        if job not in self._started:
            self._started.add(job)
            self._prefetched.pop(job, None)
            yield Started(job)
        self._scans.alone = len(self._started) == len(self._jobs)
        try:
            step = job.step()
        except Exception as error:  # a failing stream fails alone, whatever its reason
            yield self._end(job, error)
            return
        if step is None:
            yield self._end(job)
            return
        self._not_before[job] = step.not_before
        if step.goes_last:
            self._at_their_end.add(job)
        yield Stepped(job, step)
        if step.in_flight is not None:
            self._has_sent_all = job
            self._prefetch(self._scans.client.lanes.limit - step.in_flight)
        elif job is self._has_sent_all:
            self._prefetch(self._scans.client.lanes.free)

    def _next_job(self) -> Job:
        """Return the first job that can go on, or the one that can go on first."""
        reading = [job for job in self._left if job not in self._at_their_end]
        candidates = (reading or self._left)[:_MAX_STARTED]
        now = self._clock.monotonic()
        ready = (job for job in candidates if self._not_before.get(job, 0.0) <= now)
        return next(ready, None) or min(candidates, key=lambda job: self._not_before[job])

    def _end(self, job: Job, error: Exception | None = None) -> Ended:
        self._left.remove(job)
        job.close()
        return Ended(job, error)

    def _prefetch(self, free: int) -> None:
        """Let the next jobs send their first requests on the free lanes, and the others once these are answered."""
        for job, is_awaited in self._prefetched.items():
            if is_awaited:
                with suppress(Exception):  # the step that needs the answer fails of the same reason
                    self._prefetched[job] = False
                    self._prefetched[job] = not job.prefetch_rest()
        free -= sum(self._prefetched.values())
        for job in self._left:
            if free <= 0:
                return
            if job not in self._started and job not in self._prefetched and job.prefetch():
                self._prefetched[job] = True
                free -= 1
