"""What a read costs as rows grow: server time, seconds with a portal that makes nobody wait, memory; a table and a plot."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import report
from .limits import STATED, UNLIMITED
from .measure import Figures, run
from .plot import Panel, svg
from .readers import READ_SLOWLY, READERS, Errand, Reader
from .served import ROOT, Company, portal
from .side_by_side import discovered

PLOT = ROOT / "docs" / "benchmark-growth.svg"
_SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000)
_LONGEST, _MOST_MB = 300.0, 4000.0


@dataclass(frozen=True, slots=True)
class Point:
    """What one reader took for so many rows."""

    rows: int
    figures: Figures


def measured(asked: argparse.Namespace) -> str:
    """Measure, and draw if asked to."""
    sizes = tuple(size // 100 for size in _SIZES[::2]) if asked.quick else _SIZES
    names = asked.readers.split(",")
    catalog = discovered()
    lines = {
        reader.name: _line(reader, sizes, catalog)
        for reader in (*READERS, READ_SLOWLY)
        if not reader.only and (not asked.readers or reader.name in names)
    }
    if asked.write:
        PLOT.write_text(svg(_panels(lines)), encoding="utf-8")
    text = "\n".join(
        [
            report.made_with("python -m benchmarks growth" + " --quick" * asked.quick, STATED),
            "",
            "Nobody waits here: the portal refuses nothing and adds up its server time without spending it, so that",
            "seconds are those of the reader and of the emulator on this machine; this connector, which keeps its limits",
            "whatever the portal does, is told that the plan is Enterprise. Dense deals, one run each. A line ends",
            f"where the next size would, by the last one, take more than {_LONGEST:g} s or {_MOST_MB:,.0f} MB. Read slowly:",
            "whoever reads the connector's stdout takes a pause after each line.",
            "",
            f"![Cost as rows grow]({PLOT.name})",
            "",
            "| reader | rows | distinct | requests | server s | wall s | CPU s | peak MB | rows/s |",
            "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
            *(_row(name, point) for name, points in lines.items() for point in points),
        ]
    )
    print(text)
    return f"## As rows grow\n\n{text}"


def _line(reader: Reader, sizes: Sequence[int], catalog: list[Mapping[str, object]]) -> list[Point]:
    points: list[Point] = []
    for size in sizes:
        if points and _too_much(points, size):
            break
        with portal(Company(size), UNLIMITED, ("deals",)) as served:
            figures = run(reader, Errand(served.webhook, ("deals",), catalog, plan="enterprise"), served, 2 * _LONGEST)
        print(f"{reader.name}: {size:,}: {figures.wall:.1f} s {figures.error}", file=sys.stderr, flush=True)
        if figures.error:
            break
        points.append(Point(size, figures))
    return points


def _too_much(points: Sequence[Point], size: int) -> bool:
    return _ahead(points, size, "wall") > _LONGEST or _ahead(points, size, "peak_mb") > _MOST_MB


def _ahead(points: Sequence[Point], size: int, figure: str) -> float:
    """What a figure will be if it goes on as between the last two points."""
    before, last = points[-2:] if len(points) > 1 else (Point(0, points[-1].figures), points[-1])
    first, second = float(getattr(before.figures, figure)), float(getattr(last.figures, figure))
    return second + (second - first) / (last.rows - before.rows) * (size - last.rows)


def _panels(lines: Mapping[str, Sequence[Point]]) -> list[Panel]:
    return [
        Panel(
            "server seconds", {name: [(p.rows, p.figures.server_seconds) for p in line] for name, line in lines.items()}
        ),
        Panel(
            "seconds, nobody waiting", {name: [(p.rows, p.figures.wall) for p in line] for name, line in lines.items()}
        ),
        Panel("peak MB", {name: [(p.rows, p.figures.peak_mb) for p in line] for name, line in lines.items()}),
    ]


def _row(name: str, point: Point) -> str:
    told = point.figures
    cells = [
        name,
        *(f"{number:,.0f}" for number in (point.rows, told.distinct, told.requests)),
        f"{told.server_seconds:,.1f}",
        f"{told.wall:.1f}",
        f"{told.cpu:.1f}",
        f"{told.peak_mb:,.0f}",
        f"{told.distinct / told.wall:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"
