"""How long a first sync takes, by the portal's limits."""

from source_bitrix24.portal.limits import OPERATING_LIMIT, OPERATING_WINDOW, STANDARD, RequestRate

PAGE, COMMANDS = 50, 50
_LANES = 4  # with which a sync starts
_START, _REQUEST = 1.0, 0.05  # seconds
_SIZES = (10_000, 100_000, 1_000_000)
_SPEEDS = ((0.02, "a fast portal"), (0.1, "a usual one"), (0.5, "a slow one"))


def seconds(commands: float, per_command: float, rate: RequestRate = STANDARD) -> float:
    """The seconds that the narrowest of three limits needs for `commands`, each of `per_command` server seconds."""
    requests = commands / COMMANDS
    server = commands * per_command + requests * _REQUEST
    by_rate = (requests - rate.burst) / rate.per_second
    windows = server // OPERATING_LIMIT
    by_server = windows * OPERATING_WINDOW + (server - windows * OPERATING_LIMIT) / _LANES
    return _START + max(by_rate, by_server)


def markdown() -> str:
    """A line for each size of a table."""
    heads = [f"{name}, {1000 * per_page:.0f} ms a page" for per_page, name in _SPEEDS]
    lines = [f"| rows of one table | {' | '.join(heads)} |", "| --: " * (1 + len(heads)) + "|"]
    for size in _SIZES:
        cells = [_words(seconds(size / PAGE, per_page)) for per_page, _ in _SPEEDS]
        lines.append(f"| {size:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _words(duration: float) -> str:
    if duration < 100:
        return f"{duration:.0f} s"
    return f"{duration / 60:.0f} min" if duration < 6_000 else f"{duration / 3_600:.1f} h"
