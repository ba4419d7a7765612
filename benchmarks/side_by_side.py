"""Every reader, every workload, several times; each time against a fresh portal."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .bound import bound
from .limits import STATED, UNLIMITED, PortalLimits
from .measure import Figures, launched, medians, run
from .readers import BY_PAGE, READERS, THIS, Errand, Reader, discover_command
from .served import Company, portal
from .workloads import Workload


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a reader, the share of the rows it was measured on, how many those are, the bound for them."""

    reader: Reader
    share: float
    expected: int
    bound: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class Bench:
    """How the readers are measured. `share`: of the workloads' rows; `page_share`: of these, for the reader by page."""

    repeats: int = 3
    share: float = 1.0
    page_share: float | None = None
    in_flight: int = 4
    limits: PortalLimits = STATED
    readers: Sequence[Reader] = READERS

    def tables(self, workloads: Sequence[Workload]) -> Iterator[tuple[Workload, list[Line]]]:
        """A table for each workload."""
        catalog = discovered()
        for workload in workloads:
            yield workload.part(self.share), self._lines(workload, catalog)

    def _lines(self, workload: Workload, catalog: list[Mapping[str, Any]]) -> list[Line]:
        state = self._first_state(workload, catalog) if workload.changed else None
        readers = [reader for reader in self.readers if reader.only in ("", workload.name)]
        measured: dict[str, list[Line]] = {reader.name: [] for reader in readers}
        # one reader after the other, then all again: what else the machine does then hits all alike
        for turn in range(self.repeats):
            for reader in readers:
                if turn == 0 or reader is not BY_PAGE:
                    measured[reader.name].append(self._line(workload, reader, catalog, state))
        return [replace(lines[0], figures=medians([line.figures for line in lines])) for lines in measured.values()]

    def _line(
        self,
        workload: Workload,
        reader: Reader,
        catalog: list[Mapping[str, Any]],
        state: list[Mapping[str, Any]] | None,
    ) -> Line:
        share = (self.page_share or workload.page_share) if reader is BY_PAGE and not workload.changed else 1.0
        part = workload.part(self.share * share)
        with portal(part.company, self.limits, part.tables) as served:
            errand = Errand(served.webhook, part.tables, catalog, self.in_flight)
            holds = dict(served.holds)
            if part.changed:
                errand = replace(errand, since=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), state=state)
                holds = {name: served.touch(part.changed) for name in part.tables}
            figures = run(reader, errand, served)
        print(f"{workload.name}: {reader.name}: {figures.wall:.1f} s {figures.error}", file=sys.stderr, flush=True)
        return Line(reader, share, sum(holds.values()), bound(part.need(holds), self.limits, self.in_flight), figures)

    def _first_state(self, workload: Workload, catalog: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """What this connector leaves behind after a first sync of an equal portal."""
        part = workload.part(self.share)
        with portal(part.company, UNLIMITED) as served, tempfile.TemporaryDirectory() as name:
            errand = Errand(served.webhook, part.tables, catalog, self.in_flight)
            return list(launched(THIS.command(errand, Path(name)), Path(name), True, 600).printed.states.values())


def discovered() -> list[Mapping[str, Any]]:
    """This connector's streams. The custom fields are the same in every portal of the benchmark."""
    with portal(Company(10), UNLIMITED) as served, tempfile.TemporaryDirectory() as name:
        done = launched(discover_command(served.webhook, Path(name)), Path(name), True, 120)
    if not done.printed.streams:
        raise RuntimeError(f"this connector's discover failed: {done.complaints}")
    return done.printed.streams
