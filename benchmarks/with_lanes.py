"""`python -m benchmarks.with_lanes TRACE KIND read …`: this connector with other lanes.

KIND `fixed`: the limit stays what the setting says. KIND `adaptive`: as usual; TRACE gets the limits as JSON, each with its
seconds since the start of the read, and last the end.
"""

import json
import sys
from pathlib import Path

from source_bitrix24 import run as program
from source_bitrix24.airbyte.quirks import quick_imports
from source_bitrix24.portal.clock import Clock
from source_bitrix24.portal.lanes import Lane, Lanes


class FixedLanes(Lanes):
    """Lanes that never change."""

    def __init__(self, most: int, clock: Clock) -> None:
        super().__init__(most, clock)
        self._limit = most

    def observe(self, lane: Lane, method: str, units: float, seconds: float) -> None:
        """Learn nothing."""

    def failed(self, lane: Lane) -> None:
        """Learn nothing."""


class TracedLanes(Lanes):
    """Lanes that note their limits, all in one trace."""

    trace: list[tuple[float, int]]

    def __init__(self, most: int, clock: Clock) -> None:
        super().__init__(most, clock)
        self._began = clock.monotonic()
        self.trace = []
        self.note()
        made.append(self)

    def _set(self, limit: int) -> None:
        super()._set(limit)
        self.note()

    def note(self) -> None:
        """Note the limit."""
        self.trace.append((round(self._clock.monotonic() - self._began, 2), self._limit))


made: list[TracedLanes] = []


def main() -> None:
    """Run one command of the connector."""
    trace, kind, *arguments = sys.argv[1:]
    with quick_imports():
        from source_bitrix24 import source
    source.Lanes = FixedLanes if kind == "fixed" else TracedLanes  # type: ignore[attr-defined]
    try:
        program.run(arguments)
    finally:
        for lanes in made:
            lanes.note()
            Path(trace).write_text(json.dumps(lanes.trace), encoding="utf-8")


if __name__ == "__main__":
    main()
