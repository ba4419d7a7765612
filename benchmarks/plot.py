"""Draws the table of growth in docs/benchmark.md. It runs in benchmarks/.venv, which has matplotlib."""

from collections import defaultdict
from pathlib import Path

HEAD = ("reader", "rows", "distinct", "requests", "server s", "wall s", "CPU s", "peak MB", "rows/s")
PLOT = Path(__file__).parent.parent / "docs" / "benchmark-growth.svg"
_PANELS = (("server seconds", "server s"), ("seconds without limits", "wall s"), ("peak MB", "peak MB"))
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


def curves(page: str) -> Curves:
    """The rows of the table of growth by reader."""
    _, _, table = page.partition(f"| {' | '.join(HEAD)} |\n")
    found: Curves = defaultdict(list)
    for line in table.splitlines()[1:]:
        if not line.startswith("| "):
            break
        name, *numbers = (cell.strip() for cell in line.strip("|").split("|"))
        values = (float(number.replace(",", "")) for number in numbers)
        found[name].append(dict(zip(HEAD[1:], values, strict=True)))
    return found


def draw(found: Curves) -> None:
    """Write the plot: a panel for each figure, a curve for each reader, both axes logarithmic."""
    import matplotlib as mpl  # type: ignore[import-not-found]
    from matplotlib import pyplot, ticker

    mpl.use("svg")
    with mpl.rc_context(_STYLE):
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


if __name__ == "__main__":
    draw(curves((PLOT.parent / "benchmark.md").read_text(encoding="utf-8")))
