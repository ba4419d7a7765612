"""The report: Markdown that is printed, and put into docs/benchmark.md, a section for each command."""

import re
from collections.abc import Sequence

from .environment import machine, versions
from .limits import STATED, PortalLimits
from .portal_process import ROOT
from .readers import THIS_CONNECTOR
from .side_by_side import Result
from .workloads import Workload

PAGE = ROOT / "docs" / "benchmark.md"
_NUMBERS = (
    "rows",
    "distinct",
    "requests",
    "rows sent",
    "server s",
    "503, 429",
    "wall s",
    "start-up s",
    "CPU s",
    "peak MB",
)
_COLUMNS = (
    ("reader", "---"),
    *((name, "--:") for name in (*_NUMBERS, "rows/s", "server ms/row", "× fastest peer", "share of lower bound")),
)

NOTES = """
Every run is a new process against a new portal with an unused rate limit. Figures are medians of all runs; the reader by
page runs once.

- *distinct*: distinct keys that the reader received, the fewest of its runs. Missing and repeated rows are named below the
  table.
- *rows sent*: all rows that the portal sent, descriptions of custom fields included. *server s*: its working time.
- *start-up s*: from the start of the process to its first request.
- *× fastest peer*: rows a second as a multiple of the fastest peer that read all of the same rows.
- *server ms/row*: the portal's working time for a distinct row.
- *share of lower bound*: the shortest wall time that the portal's limits and this connector's CPU time allow with any
  number of requests in flight (`benchmarks/lower_bound.py`), divided by the wall time. For a share of the rows, CPU time is
  left out. Where operating time ends, a reader with many requests in flight can be faster than the bound: what is in flight
  is finished. For product rows the bound counts one command per parent, as documented; this connector reads the rows of
  many parents with one command where it can verify that none is missing.
- In brackets: the same, measured from the first request on.

Reader, emulator and the process that counts rows share the machine's cores. The emulator's own time for an answer is part
of the stated latency, as long as it is not longer.

The two Airbyte connectors print their rows, and this one converts their types. The three libraries return rows in memory,
which is less work. The reader by page is so slow that it reads only a share of the rows. Nothing is extrapolated, and a
share favours it: the first {burst:g} requests are not delayed. This connector has up to {in_flight} requests in flight.
b24pysdk supports HTTPS only; its requests are redirected to HTTP. fast_bitrix24 reads per parent with one request in
flight, because with its default of 50 the portal rejects it until it fails. b24api reads ranges of IDs, which it is asked
to do: left to choose, it takes chains of pages, needs many times as many requests, and is rejected. It does not count its
requests and waits when rejected.

All readers run on Python 3.13, which b24api needs (3.12 or newer), with the versions of `requirements.lock` and
`benchmarks/requirements.txt`.
"""
_PATCHED = """\
The portal is the emulator of this repository with two changes for the benchmark: it finds and sorts a list once, and not
again for each page that is read by offset; and for readers in processes of their own it renders all rows before they start.
Without the changes, readers would wait longer than the stated latencies, and share their processors with it."""


def table(workload: Workload, results: Sequence[Result]) -> str:
    """A workload's table."""
    peers = [
        result
        for result in results
        if result.reader.module != THIS_CONNECTOR.module and result.share == 1 and not _faults(result)
    ]
    best = max(map(_speed, peers), default=0.0), max(map(_speed_after_start, peers), default=0.0)
    lines = [
        "",
        f"### {workload.title}",
        "",
        *([f"The portal: {workload.limits}.", ""] if workload.limits != STATED else []),
        _row([name for name, _ in _COLUMNS]),
        _row([rule for _, rule in _COLUMNS]),
    ]
    lines += [_row(_cells(result, best)) for result in results]
    lines += ["", f"The lower bound is {results[0].lower_bound:.2f} s."]
    lines += [f"{result.reader.name}: {fault}." for result in results for fault in _faults(result)]
    return "\n".join(lines)


def made_with(command: str, limits: PortalLimits) -> str:
    """How the figures were made: command, machine, versions, portal."""
    peers = ", ".join(f"{name} {number}" for name, number in versions().items())
    return f"Made by `{command}` on {machine()}; {peers}.\n\nThe portal: {limits}.\n\n{_PATCHED}"


def write(section: str, text: str) -> None:
    """Replace a section of the page."""
    old = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    block = f"{begin}\n{text.strip()}\n{end}\n"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}\n", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: block, old), encoding="utf-8")


def _cells(result: Result, best: tuple[float, float]) -> list[str]:
    figures = result.figures
    name = result.reader.name if result.share == 1 else f"{result.reader.name}, {result.share:.0%} of the rows"
    if figures.error and not figures.rows:
        return [name, *["failed"] * (len(_COLUMNS) - 1)]
    speed, after_start = _speed(result), _speed_after_start(result)
    return [
        f"**{name}**" if result.reader is THIS_CONNECTOR else name,
        *(f"{number:,.0f}" for number in (figures.rows, figures.distinct, figures.requests, figures.rows_sent)),
        f"{figures.server_seconds:.1f}",
        f"{figures.limit_errors:,.0f}",
        f"{figures.wall:.1f}",
        f"{figures.startup:.1f}",
        f"{figures.cpu:.1f}",
        f"{figures.peak_mb:,.0f}",
        f"{speed:,.0f}",
        f"{figures.server_seconds * 1000 / max(1, figures.distinct):.2f}",
        f"{speed / best[0]:.2f} ({after_start / best[1]:.2f})" if all(best) else "",
        f"{result.lower_bound / figures.wall:.2f} ({result.lower_bound / _after_start(result):.2f})",
    ]


def _speed(result: Result) -> float:
    return result.figures.distinct / result.figures.wall


def _speed_after_start(result: Result) -> float:
    return result.figures.distinct / _after_start(result)


def _after_start(result: Result) -> float:
    return max(1e-9, result.figures.wall - result.figures.startup)


def _faults(result: Result) -> list[str]:
    figures, faults = result.figures, []
    if figures.error:
        faults.append(f"failed: {figures.error}")
    if figures.distinct != result.expected:
        faults.append(f"received {figures.distinct:,.0f} distinct rows of {result.expected:,}")
    if figures.rows != figures.distinct:
        faults.append(f"received {figures.rows - figures.distinct:,.0f} rows more than once")
    return faults


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
