"""Draws the tables of growth and of lanes in docs/benchmark.md. It runs in benchmarks/.venv, which has matplotlib."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HEAD = ("reader", "rows", "distinct", "requests", "server s", "wall s", "CPU s", "peak MB", "rows/s")
LANES_HEAD = ("cores", "lanes", "wall s", "server s", "server ms/page")
TRACE_HEAD = ("cores", "limit")
ADAPTIVE = "adaptive"
PLOT = Path(__file__).parent.parent / "docs" / "benchmark-growth.svg"
LANES_PLOT = PLOT.with_name("lanes.svg")
_PANELS = (("server seconds", "server s"), ("seconds without limits", "wall s"), ("peak MB", "peak MB"))
_THRESHOLDS = (1.15, 1.3)  # of source_bitrix24/portal/lanes.py
_STYLE = {
    "axes.grid": True,
    "axes.prop_cycle": "cycler('color', ['#0b5fff', '#d1495b', '#2e8b57', '#8d6cab', '#c77d0a', '#4a9fb5'])",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.color": "#dddddd",
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "benchmark",  # the same figures give the same file
}

Curves = dict[str, list[dict[str, float]]]
Lines = dict[str, list[tuple[float, float]]]


def curves(page: str) -> Curves:
    """The rows of the table of growth by reader."""
    found: Curves = defaultdict(list)
    for name, *numbers in _cells(page, HEAD):
        values = (float(number.replace(",", "")) for number in numbers)
        found[name].append(dict(zip(HEAD[1:], values, strict=True)))
    return found


def traces(page: str) -> Lines:
    """The limit over time by number of cores."""
    return {
        cores: [(float(seconds), float(limit)) for seconds, limit in (step.split(" s ") for step in steps.split(", "))]
        for cores, steps in _cells(page, TRACE_HEAD)
    }


def page_times(page: str) -> Lines:
    """The server's milliseconds a page over the fixed number of lanes, by number of cores."""
    found: Lines = defaultdict(list)
    for cores, lanes, *_, milliseconds in _cells(page, LANES_HEAD):
        if lanes != ADAPTIVE:
            found[cores].append((float(lanes), float(milliseconds)))
    return found


def _cells(page: str, head: Sequence[str]) -> Iterator[list[str]]:
    """The rows of the table with that head, without the rule."""
    _, _, table = page.partition(f"| {' | '.join(head)} |\n")
    for line in table.splitlines()[1:]:
        if not line.startswith("| "):
            break
        yield [cell.strip() for cell in line.strip("|").split("|")]


def draw(found: Curves) -> None:
    """Write the plot of growth: a panel for each figure, a curve for each reader, both axes logarithmic."""
    from matplotlib import ticker  # type: ignore[import-not-found]

    pyplot = _pyplot()
    figure, axes = pyplot.subplots(1, len(_PANELS), figsize=(11, 4), layout="constrained")
    for panel, (title, column) in zip(axes, _PANELS, strict=True):
        for number, (name, points) in enumerate(found.items()):
            x, y = [point["rows"] for point in points], [point[column] for point in points]
            panel.loglog(x, y, marker="o", markersize=4, label=name, zorder=10 - number)  # the first on top
        panel.set_title(title, loc="left", fontsize=11)
        panel.set_xlabel("rows")
        panel.minorticks_off()
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(ticker.EngFormatter(sep=""))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=len(found), frameon=False)
    figure.savefig(PLOT, metadata={"Date": None})


def draw_lanes(limits: Lines, milliseconds: Lines) -> None:
    """Write the plot of lanes: the limit over time, and what a page costs with each number of lanes."""
    pyplot = _pyplot()
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for cores, points in limits.items():
        left.step(*zip(*points, strict=True), where="post", label=f"{cores} processors")
    for points in milliseconds.values():
        right.plot(*zip(*points, strict=True), marker="o", markersize=4)
    least = min(each for points in milliseconds.values() for _, each in points)
    for times in _THRESHOLDS:
        right.axhline(least * times, color="#777777", linestyle="--", linewidth=1)
        right.annotate(f"× {times:g}", (1, least * times), xycoords=("axes fraction", "data"), fontsize=8)
    for panel, title, label in (
        (left, "adaptive lanes: the limit over time", "seconds"),
        (right, "fixed lanes: server ms/page", "lanes"),
    ):
        panel.set_title(title, loc="left", fontsize=11)
        panel.set_xlabel(label)
        panel.set_ylim(bottom=0)
    right.set_ylim(0, least * 3)  # what overload costs further up is proportional
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=len(limits), frameon=False)
    figure.savefig(LANES_PLOT, metadata={"Date": None})


def _pyplot() -> Any:
    import matplotlib as mpl
    from matplotlib import pyplot

    mpl.use("svg")
    mpl.rcParams.update(_STYLE)
    return pyplot


def main() -> None:
    """Draw the plots whose tables are in the page."""
    page = (PLOT.parent / "benchmark.md").read_text(encoding="utf-8")
    if growth := curves(page):
        draw(growth)
    if limits := traces(page):
        draw_lanes(limits, page_times(page))


if __name__ == "__main__":
    main()
