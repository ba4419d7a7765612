"""What is printed, and put into docs/benchmark.md: Markdown, a section for each command."""

import re
from collections.abc import Sequence

from .environment import machine, versions
from .limits import PortalLimits
from .readers import THIS
from .served import ROOT
from .side_by_side import Line
from .workloads import Workload

DOCUMENT = ROOT / "docs" / "benchmark.md"
_BEGINNING = "# Benchmark\n\nMeasured, not claimed: `make bench` measures anew.\n"
_COLUMNS = (
    ("reader", "---"),
    *((name, "--:") for name in ("rows", "distinct", "requests", "rows sent", "server s", "503, 429", "wall s")),
    *((name, "--:") for name in ("of it start-up", "CPU s", "peak MB", "rows/s", "to the best peer", "to the bound")),
)

NOTES = """
Every run is a process of its own against a portal of its own, fresh, with an empty bucket; figures are medians, but for the
reader by page, which is run once.

- *distinct*: the distinct keys a reader brought, the fewest of its runs; what was missing or came twice is said below.
- *rows sent*: what the portal sent, descriptions of custom fields among them; *server s*: the time it worked.
- *start-up*: from the start of the process to its first request.
- *to the best peer*: rows a second as a multiple of the fastest peer's that read the same rows and all of them.
- *to the bound*: the least wall time that the portal's limits allow with {in_flight} requests in flight, divided by
  the wall time (`benchmarks/bound.py`). More requests in flight could beat it. For product rows it counts a command a
  parent, the documented way; this connector asks for the rows of many at once where it can prove that nothing is missing.
- In brackets: the same with the time from the first request on, without anybody's start-up.

Reader, emulator and the process that counts rows share the machine's cores. What the emulator takes to make an answer is a
part of the latency that is stated, not added to it, as long as it takes no longer. A list that is asked for by offset is
found once by the emulator and not for every page, so that offsets cost what is stated and no more.

The two Airbyte connectors print their rows, and this one types them; the three libraries hand them over in memory, which is
less work. The reader by page takes so long that it reads the part of the rows that is said; nothing is extrapolated from
it, and a part flatters it, since the first {burst:g} requests are free. b24pysdk speaks HTTPS only; its requests are sent on
over HTTP. fast_bitrix24 reads parent by parent with one request in flight, since with its usual 50 it is refused until it
gives up. b24api is the newest version that runs on Python 3.11; it keeps no count of its requests and waits when refused.
"""


def table(workload: Workload, lines: Sequence[Line]) -> str:
    """A workload's table."""
    peers = [line for line in lines if line.reader.module != THIS.module and line.share == 1 and not _faults(line)]
    best = max(map(_speed, peers), default=0.0), max(map(_speed_once_started, peers), default=0.0)
    told = ["", f"### {workload.title}", "", _row([name for name, _ in _COLUMNS]), _row([rule for _, rule in _COLUMNS])]
    told += [_row(_cells(line, best)) for line in lines]
    told += ["", f"The bound is {lines[0].bound:.2f} s."]
    told += [f"{line.reader.name}: {fault}." for line in lines for fault in _faults(line)]
    return "\n".join(told)


def made_with(command: str, limits: PortalLimits) -> str:
    """What the figures were made with: the command, the machine, the versions, the portal."""
    peers = ", ".join(f"{name} {number}" for name, number in versions().items())
    return f"Made by `{command}` on {machine()}; {peers}.\n\nThe portal: {limits}."


def write(section: str, text: str) -> None:
    """Put a section into the document, in the place of what it was."""
    old = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else _BEGINNING
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    block = f"{begin}\n{text.strip()}\n{end}\n"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}\n", re.DOTALL)
    new = pattern.sub(lambda _: block, old) if pattern.search(old) else f"{old}\n{block}"
    DOCUMENT.write_text(new, encoding="utf-8")


def _cells(line: Line, best: tuple[float, float]) -> list[str]:
    told = line.figures
    name = line.reader.name if line.share == 1 else f"{line.reader.name}, {line.share:.0%} of the rows"
    if told.error and not told.rows:
        return [name, *["failed"] * (len(_COLUMNS) - 1)]
    return [
        f"**{name}**" if line.reader is THIS else name,
        *(f"{number:,.0f}" for number in (told.rows, told.distinct, told.requests, told.rows_sent)),
        f"{told.server_seconds:.1f}",
        f"{told.limit_errors:,.0f}",
        f"{told.wall:.1f}",
        f"{told.startup:.1f}",
        f"{told.cpu:.1f}",
        f"{told.peak_mb:,.0f}",
        f"{_speed(line):,.0f}",
        f"{_speed(line) / best[0]:.2f} ({_speed_once_started(line) / best[1]:.2f})" if all(best) else "",
        f"{line.bound / told.wall:.2f} ({line.bound / max(1e-9, told.wall - told.startup):.2f})",
    ]


def _speed(line: Line) -> float:
    return line.figures.distinct / line.figures.wall


def _speed_once_started(line: Line) -> float:
    return line.figures.distinct / max(1e-9, line.figures.wall - line.figures.startup)


def _faults(line: Line) -> list[str]:
    told, faults = line.figures, []
    if told.error:
        faults.append(f"it failed: {told.error}")
    if told.distinct != line.expected:
        faults.append(f"it brought {told.distinct:,.0f} distinct rows of {line.expected:,}")
    if told.rows != told.distinct:
        faults.append(f"{told.rows - told.distinct:,.0f} rows came more than once")
    return faults


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
