"""How many requests in flight are best for portals with few and with many processors, and what this connector finds."""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import report
from .limits import PAGE, STATED, PortalLimits
from .measure import Figures, measure
from .plot import ADAPTIVE, LANES_HEAD, LANES_PLOT, TRACE_HEAD
from .portal_process import Contents, running_portal
from .readers import THIS_CONNECTOR, ReadJob
from .side_by_side import discovered

_PORTALS = tuple(replace(STATED, cores=cores) for cores in (2, 6, 40))
_FIXED = (1, 2, 3, 4, 6, 8, 12, 16)
_ROWS = 100_000
_QUICK_ROWS, _QUICK_FIXED = 20_000, (1, 4, 12)

Trace = list[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """A read with a fixed number of lanes, or with adaptive ones (0)."""

    lanes: int
    figures: Figures

    @property
    def page_ms(self) -> float:
        """The portal's milliseconds for a page."""
        return self.figures.server_seconds * 1000 / max(1.0, self.figures.distinct / PAGE)


@dataclass(frozen=True, slots=True)
class Portal:
    """All reads of a portal, the adaptive one first, and the limits that the adaptive one had."""

    cores: int
    runs: Sequence[Run]
    trace: Trace


def markdown(options: argparse.Namespace) -> str:
    """Measure, and return the section."""
    catalog = discovered()
    rows, fixed = (_QUICK_ROWS, _QUICK_FIXED) if options.quick else (_ROWS, _FIXED)
    portals = [_portal(limits, rows, fixed, options.in_flight, catalog) for limits in _PORTALS]
    return section(portals, rows, options.quick)


def section(portals: Sequence[Portal], rows: int, quick: bool = False) -> str:
    """The section of the report."""
    return "\n".join(
        [
            "## Lanes",
            "",
            report.made_with("python -m benchmarks lanes" + " --quick" * quick, STATED),
            "",
            "Here the portal has a number of processors: while more requests are in flight, all of them take longer.",
            f"{rows:,} deals without missing IDs are read by this connector, as it is and with a fixed number of",
            "requests in flight (lanes), one run each. *server ms/page*: the portal's working time for a page of 50",
            "rows. Dashed in the plot: this connector tries another lane up to 1.15 times the least time that it has seen",
            "a page take, and gives lanes up above 1.3 times.",
            "",
            f"![Lanes]({LANES_PLOT.name})",
            "",
            *_table(("cores", "adaptive s", "best fixed s", "ratio", "adaptive ms/page", "one lane ms/page", "ratio")),
            *(_row(_ratios(portal)) for portal in portals),
            "",
            *_table(LANES_HEAD),
            *(_row(_cells(portal, run)) for portal in portals for run in portal.runs),
            "",
            "The limit of the adaptive lanes, each with its seconds since the start of the read:",
            "",
            *_table(TRACE_HEAD),
            *(_row((str(portal.cores), _steps(portal.trace))) for portal in portals),
        ]
    )


def _portal(
    limits: PortalLimits, rows: int, fixed: Sequence[int], most: int, catalog: list[Mapping[str, Any]]
) -> Portal:
    assert limits.cores
    adaptive, trace = _run(limits, rows, 0, most, catalog)
    return Portal(limits.cores, [adaptive, *(_run(limits, rows, lanes, lanes, catalog)[0] for lanes in fixed)], trace)


def _run(limits: PortalLimits, rows: int, lanes: int, most: int, catalog: list[Mapping[str, Any]]) -> tuple[Run, Trace]:
    with running_portal(Contents(rows), limits, ("deals",)) as portal, tempfile.TemporaryDirectory() as name:
        file = Path(name) / "trace.json"
        reader = replace(
            THIS_CONNECTOR,
            module="benchmarks.with_lanes",
            arguments=(str(file), "fixed" if lanes else ADAPTIVE),
        )
        figures = measure(reader, ReadJob(portal.webhook, ("deals",), catalog, most), portal)
        trace = [] if lanes else json.loads(file.read_text(encoding="utf-8"))
    print(
        f"{limits.cores} cores, {lanes or ADAPTIVE}: {figures.wall:.1f} s {figures.error}", file=sys.stderr, flush=True
    )
    if figures.error or figures.distinct != rows:
        raise RuntimeError(f"the read failed: {figures.error or f'{figures.distinct} rows'}")
    return Run(lanes, figures), trace


def _ratios(portal: Portal) -> list[str]:
    adaptive, *fixed = portal.runs
    best = min(fixed, key=lambda run: run.figures.wall)
    (alone,) = [run for run in fixed if run.lanes == 1]
    return [
        str(portal.cores),
        f"{adaptive.figures.wall:.1f}",
        f"{best.figures.wall:.1f} ({best.lanes} lane{'s' * (best.lanes > 1)})",
        f"{adaptive.figures.wall / best.figures.wall:.2f}",
        f"{adaptive.page_ms:.1f}",
        f"{alone.page_ms:.1f}",
        f"{adaptive.page_ms / alone.page_ms:.2f}",
    ]


def _cells(portal: Portal, run: Run) -> list[str]:
    figures = run.figures
    lanes = str(run.lanes) if run.lanes else ADAPTIVE
    return [
        str(portal.cores),
        lanes,
        f"{figures.wall:.1f}",
        f"{figures.server_seconds:.1f}",
        f"{run.page_ms:.1f}",
    ]


def _steps(trace: Trace) -> str:
    return ", ".join(f"{seconds:.2f} s {limit}" for seconds, limit in trace)


def _table(head: Sequence[str]) -> list[str]:
    return [_row(head), _row(["--:"] * len(head))]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
