"""The cost of a read as rows grow: server time, seconds without the portal's limits, memory."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import report
from .limits import STATED, UNLIMITED
from .measure import Figures, measure
from .plot import HEAD, PLOT
from .portal_process import Contents, running_portal
from .readers import READERS, SLOW_CONSUMER, Reader, ReadJob
from .side_by_side import discovered

_SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000)
_MAX_SECONDS, _MAX_MB = 300.0, 4000.0


@dataclass(frozen=True, slots=True)
class Point:
    """A reader's figures for a number of rows."""

    rows: int
    figures: Figures


def markdown(options: argparse.Namespace) -> str:
    """Measure, and return the section."""
    sizes = tuple(size // 100 for size in _SIZES[::2]) if options.quick else _SIZES
    names = options.readers.split(",")
    catalog = discovered()
    curves = {
        reader.name: _curve(reader, sizes, catalog)
        for reader in (*READERS, SLOW_CONSUMER)
        if not reader.only and (not options.readers or reader.name in names)
    }
    return "\n".join(
        [
            "## As rows grow",
            "",
            report.made_with("python -m benchmarks growth" + " --quick" * options.quick, STATED),
            "",
            "In this section the limits are off: the portal rejects nothing, and counts its server time without waiting.",
            "So the seconds are those of the reader and of the emulator on this machine. This connector keeps its own",
            "limits on any portal; its plan is set to Enterprise. Deals without missing IDs, one run each. A series ends",
            f"where the next size would take more than {_MAX_SECONDS:g} s or {_MAX_MB:,.0f} MB. Slow consumer: the program",
            "that reads the connector's stdout pauses before each line.",
            "",
            f"![Cost as rows grow]({PLOT.name})",
            "",
            f"| {' | '.join(HEAD)} |",
            "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
            *(_row(name, point) for name, points in curves.items() for point in points),
        ]
    )


def _curve(reader: Reader, sizes: Sequence[int], catalog: list[Mapping[str, object]]) -> list[Point]:
    points: list[Point] = []
    for size in sizes:
        if points and _too_much(points, size):
            break
        with running_portal(Contents(size), UNLIMITED, ("deals",)) as portal:
            job = ReadJob(portal.webhook, ("deals",), catalog, plan="enterprise")
            figures = measure(reader, job, portal, timeout=2 * _MAX_SECONDS)
        print(f"{reader.name}: {size:,}: {figures.wall:.1f} s {figures.error}", file=sys.stderr, flush=True)
        if figures.error:
            break
        points.append(Point(size, figures))
    return points


def _too_much(points: Sequence[Point], size: int) -> bool:
    return _predicted(points, size, "wall") > _MAX_SECONDS or _predicted(points, size, "peak_mb") > _MAX_MB


def _predicted(points: Sequence[Point], size: int, figure: str) -> float:
    """A figure for `size` rows, on the straight line through the last two points."""
    before, last = points[-2:] if len(points) > 1 else (Point(0, points[-1].figures), points[-1])
    first, second = float(getattr(before.figures, figure)), float(getattr(last.figures, figure))
    return second + (second - first) / (last.rows - before.rows) * (size - last.rows)


def _row(name: str, point: Point) -> str:
    figures = point.figures
    cells = [
        name,
        *(f"{number:,.0f}" for number in (point.rows, figures.distinct, figures.requests)),
        f"{figures.server_seconds:,.1f}",
        f"{figures.wall:.1f}",
        f"{figures.cpu:.1f}",
        f"{figures.peak_mb:,.0f}",
        f"{figures.distinct / figures.wall:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"
