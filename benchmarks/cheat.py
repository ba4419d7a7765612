"""What a reader gets that asks without regard for the limits, beside readers that keep them, in the same time."""

import argparse
import sys

from . import report
from .limits import STATED
from .measure import Figures, run
from .readers import BY_PAGE, THIS, Errand, Reader
from .served import Company, portal
from .side_by_side import discovered

_ROWS = 1_000_000
_SECONDS = 60.0
_READERS = (
    Reader("without a limiter, 8 at once, a page a request", "benchmarks.peers.without_limiter"),
    BY_PAGE,
    Reader("without a limiter, 8 at once, 50 pages a request", "benchmarks.peers.without_limiter_in_batches"),
    THIS,
)


def measured(asked: argparse.Namespace) -> str:
    """Measure."""
    seconds = _SECONDS / 4 if asked.quick else _SECONDS
    catalog = discovered()
    rows = []
    for reader in _READERS:
        with portal(Company(_ROWS), STATED, ("deals",)) as served:
            figures = run(reader, Errand(served.webhook, ("deals",), catalog, asked.in_flight), served, seconds)
        print(f"{reader.name}: {figures.wall:.1f} s", file=sys.stderr, flush=True)
        rows.append(_row(reader, figures))
    text = "\n".join(
        [
            report.made_with("python -m benchmarks cheat" + " --quick" * asked.quick, STATED),
            "",
            f"{_ROWS:,} dense deals; every reader is ended after {seconds:g} s, its start-up among them. A refused",
            "request is not counted against the bucket here; a real portal may block an address that goes on asking.",
            "",
            f"| reader | distinct rows in {seconds:g} s | requests | answered | refused (503, 429) | server s |",
            "| --- | --: | --: | --: | --: | --: |",
            *rows,
        ]
    )
    print(text)
    return f"## Without regard for the limits\n\n{text}"


def _row(reader: Reader, told: Figures) -> str:
    answered = told.requests - told.limit_errors
    numbers = (told.distinct, told.requests, answered, told.limit_errors)
    return f"| {reader.name} | {' | '.join(f'{number:,.0f}' for number in numbers)} | {told.server_seconds:.0f} |"
