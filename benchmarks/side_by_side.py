"""Runs every reader on every workload several times, each time against a new portal."""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from .limits import UNLIMITED
from .lower_bound import lower_bound
from .measure import Figures, measure, medians, timed_run
from .portal_process import Contents, running_portal
from .readers import BY_PAGE, READERS, THIS_CONNECTOR, Reader, ReadJob, discover_command
from .workloads import Workload

_STATE_TIMEOUT, _DISCOVER_TIMEOUT = 600, 120


@dataclass(frozen=True, slots=True)
class Result:
    """A reader on a share of a workload: the rows that it should read, the lower bound for them in seconds, its figures."""

    reader: Reader
    share: float
    expected: int
    lower_bound: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a reader on a share of a workload, and the rows that it should read of each table."""

    reader: Reader
    share: float
    holds: Mapping[str, int]
    figures: Figures


@dataclass(frozen=True, slots=True)
class Bench:
    """How to measure. `share`: of each workload's rows; `page_share`: overrides each workload's."""

    repeats: int = 3
    share: float = 1.0
    page_share: float | None = None
    in_flight: int = 12
    readers: Sequence[Reader] = READERS

    def results(self, workloads: Sequence[Workload]) -> Iterator[tuple[Workload, list[Result]]]:
        """Each workload with the results of its readers."""
        catalog = discovered()
        for workload in workloads:
            yield workload.part(self.share), self._results(workload, catalog)

    def _results(self, workload: Workload, catalog: list[Mapping[str, Any]]) -> list[Result]:
        state = self._first_state(workload, catalog) if workload.changed else None
        readers = [reader for reader in self.readers if _is_for(reader, workload)]
        runs: dict[str, list[_Run]] = {reader.name: [] for reader in readers}
        # readers take turns, so that other load on the machine hits all of them alike
        for turn in range(self.repeats):
            for reader in readers:
                if turn == 0 or reader is not BY_PAGE:
                    runs[reader.name].append(self._run(workload, reader, catalog, state))
        processor = _processor_seconds(runs.get(THIS_CONNECTOR.name, []))
        return [self._result(workload, each, processor) for each in runs.values()]

    def _result(self, workload: Workload, runs: Sequence[_Run], processor: float) -> Result:
        first = runs[0]
        part = workload.part(self.share * first.share)
        bound = lower_bound(part.need(first.holds), part.limits, processor if first.share == 1 else 0.0)
        figures = medians([run.figures for run in runs])
        return Result(first.reader, first.share, sum(first.holds.values()), bound, figures)

    def _run(
        self,
        workload: Workload,
        reader: Reader,
        catalog: list[Mapping[str, Any]],
        state: list[Mapping[str, Any]] | None,
    ) -> _Run:
        share = (self.page_share or workload.page_share) if reader is BY_PAGE and not workload.changed else 1.0
        part = workload.part(self.share * share)
        with running_portal(part.contents, part.limits, part.tables) as portal:
            job = ReadJob(portal.webhook, part.tables, catalog, self.in_flight)
            holds = dict(portal.holds)
            if part.changed:
                job = replace(job, since=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
                job = replace(job, state=_at_host(state, portal.webhook))
                holds = {name: portal.touch(part.changed) for name in part.tables}
            figures = measure(reader, job, portal, part.timeout)
        print(f"{workload.name}: {reader.name}: {figures.wall:.1f} s {figures.error}", file=sys.stderr, flush=True)
        return _Run(reader, share, holds, figures)

    def _first_state(self, workload: Workload, catalog: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """This connector's state after a first sync of an equal portal."""
        part = workload.part(self.share)
        with running_portal(part.contents, UNLIMITED) as portal, tempfile.TemporaryDirectory() as name:
            job = ReadJob(portal.webhook, part.tables, catalog, self.in_flight)
            done = timed_run(THIS_CONNECTOR.command(job, Path(name)), Path(name), True, _STATE_TIMEOUT)
        return list(done.messages.states.values())


def _at_host(states: Iterable[Mapping[str, Any]] | None, webhook: str) -> list[Mapping[str, Any]]:
    """The states as if they had been saved for the portal of this webhook: each run has a portal of its own."""
    moved = json.loads(json.dumps(list(states or ())))
    for state in moved:
        state["stream"]["stream_state"]["portal"]["host"] = urlsplit(webhook).netloc
    return list(moved)


def _is_for(reader: Reader, workload: Workload) -> bool:
    return (not reader.only or workload.name in reader.only) and (
        not workload.readers or reader.name in workload.readers
    )


def _processor_seconds(runs: Sequence[_Run]) -> float:
    """The CPU seconds of this connector's runs after the start of the process, which takes one processor; 0 if unknown."""
    good = [run.figures for run in runs if not run.figures.error]
    return median(max(0.0, figures.cpu - figures.startup) for figures in good) if good else 0.0


def discovered() -> list[Mapping[str, Any]]:
    """This connector's streams. Custom fields are the same in every portal of the benchmark."""
    with running_portal(Contents(10), UNLIMITED) as portal, tempfile.TemporaryDirectory() as name:
        done = timed_run(discover_command(portal.webhook, Path(name)), Path(name), True, _DISCOVER_TIMEOUT)
    if not done.messages.streams:
        raise RuntimeError(f"this connector's discover failed: {done.stderr}")
    return done.messages.streams
