from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import lanes, plot, report
from benchmarks.lanes import Portal, Run
from benchmarks.limits import STATED
from benchmarks.measure import Figures
from benchmarks.readers import READERS, THIS_CONNECTOR
from benchmarks.side_by_side import Result
from benchmarks.workloads import WORKLOADS

FIGURES = Figures(
    rows=100,
    distinct=100,
    requests=2,
    rows_sent=100,
    server_seconds=0.5,
    limit_errors=0,
    wall=2,
    startup=1,
    cpu=1,
    peak_mb=50,
)
WORKLOAD = {workload.name: workload for workload in WORKLOADS}


@pytest.fixture(autouse=True)
def without_the_readers_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "machine", lambda: "a machine")


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _section() -> str:
    def run(lanes: int, wall: float, server: float) -> Run:
        return Run(lanes, replace(FIGURES, wall=wall, server_seconds=server))

    portals = [
        Portal(2, [run(0, 4, 0.06), run(1, 8, 0.04), run(2, 5, 0.05)], [(0.0, 4), (1.5, 2), (4.0, 2)]),
        Portal(6, [run(0, 3, 0.04), run(1, 8, 0.04), run(2, 4, 0.04)], [(0.0, 4), (3.0, 4)]),
    ]
    return lanes.section(portals, 100)


def test_a_table_has_server_time_a_row_and_the_share_of_the_lower_bound() -> None:
    a_peer = next(reader for reader in READERS if reader.name == "b24pysdk")
    results = [Result(reader, 1.0, 100, 0.8, FIGURES) for reader in (THIS_CONNECTOR, a_peer)]
    head, _, ours, _ = _rows(report.table(WORKLOAD["dense"], results))
    cells = dict(zip(head, ours, strict=True))
    assert cells["server ms/row"] == "5.00"
    assert cells["share of lower bound"] == "0.40 (0.80)"
    assert cells["× fastest peer"] == "1.00 (1.00)"


def test_limits_are_named_where_they_are_not_the_stated_ones() -> None:
    results = [Result(THIS_CONNECTOR, 1.0, 100, 0.8, FIGURES)]
    assert "The portal:" not in report.table(WORKLOAD["dense"], results)
    assert "12 processes on 6 processors" in report.table(WORKLOAD["six"], results)
    assert "200 ms a page" in report.table(WORKLOAD["slow-batch"], results)
    assert "for all batches together" in report.table(WORKLOAD["slow-batch"], results)


def test_a_reader_that_was_stopped_is_named_with_the_reason() -> None:
    stopped = replace(FIGURES, rows=0, distinct=0, error="it was not done after 1,200 s and was stopped")
    text = report.table(WORKLOAD["slow-method"], [Result(THIS_CONNECTOR, 1.0, 100, 0.8, stopped)])
    assert "this connector: failed: it was not done after 1,200 s and was stopped." in text


def test_every_section_of_the_report_has_a_place_in_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    for section in ("readers", "growth", "lanes"):
        report.write(section, f"new {section}")
        assert f"<!-- begin {section} -->\nnew {section}\n<!-- end {section} -->\n" in page.read_text(encoding="utf-8")


def test_adaptive_lanes_are_compared_with_the_best_fixed_ones_and_with_one() -> None:
    assert "| 2 | 4.0 | 5.0 (2 lanes) | 0.80 | 30.0 | 20.0 | 1.50 |" in _section()
    assert "| 6 | adaptive | 3.0 | 0.0 | 20.0 |" in _section()


def test_the_plot_of_lanes_is_drawn_from_the_section() -> None:
    assert plot.traces(_section()) == {"2": [(0, 4), (1.5, 2), (4, 2)], "6": [(0, 4), (3, 4)]}
    assert plot.page_times(_section()) == {"2": [(1, 20), (2, 25)], "6": [(1, 20), (2, 20)]}


def test_the_plot_of_growth_is_drawn_from_its_table() -> None:
    row = "| by page | 10,000 | 10,000 | 200 | 17.0 | 2.8 | 2.3 | 91 | 3,571 |"
    page = f"| {' | '.join(plot.HEAD)} |\n| --- |\n{row}\n\nbelow"
    assert plot.curves(page)["by page"][0]["rows"] == 10_000
    assert plot.curves("no table") == {}


def test_portals_print_their_limits() -> None:
    assert str(replace(STATED, cores=2)).endswith("any number of processes on 2 processors")
    assert str(replace(STATED, workers=3)).endswith("3 processes")
