"""A plot as SVG, by hand: panels side by side, both axes logarithmic, a line a reader with its name in a legend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_COLOURS = ("#0b5fff", "#d1495b", "#2e8b57", "#8d6cab", "#c77d0a", "#4a9fb5")
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 300, 260, 52, 64, 40, 24
_STYLE = "font: 12px system-ui, sans-serif; fill: #333"


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the plots: its title, and points by the name of their line."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Decades, and the pixels they are drawn on."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "_Axis":
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        return cls(low, max(high, low + 1), start, end)

    def at(self, value: float) -> float:
        return self.start + (log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def marks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def svg(panels: Sequence[Panel]) -> str:
    """The panels side by side under one legend."""
    width = len(panels) * (_LEFT + _WIDTH + _GAP)
    height = _TOP + _HEIGHT + _BOTTOM
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    colours = dict(zip(names, _COLOURS, strict=False))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Cost as rows grow" style="{_STYLE}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *_legend(colours),
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, number * (_LEFT + _WIDTH + _GAP) + _LEFT, colours)
    return "\n".join([*parts, "</svg>", ""])


def _legend(colours: Mapping[str, str]) -> list[str]:
    parts = []
    x = _LEFT
    for name, colour in colours.items():
        parts.append(f'<rect x="{x}" y="13" width="18" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 24}" y="19">{escape(name)}</text>')
        x += 50 + 7 * len(name)
    return parts


def _panel(panel: Panel, left: float, colours: Mapping[str, str]) -> list[str]:
    points = [point for line in panel.lines.values() for point in line if point[1] > 0]
    if not points:
        return []
    across = _Axis.over([x for x, _ in points], left, left + _WIDTH)
    up = _Axis.over([y for _, y in points], _TOP + _HEIGHT, _TOP)
    parts = [f'<text x="{left}" y="{_TOP - 12}" font-weight="600">{escape(panel.title)}</text>']
    for mark in up.marks():
        y = up.at(mark)
        parts.append(f'<line x1="{left}" x2="{left + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(mark)}</text>')
    for mark in across.marks():
        x = across.at(mark)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_TOP + _HEIGHT}" stroke="#eee"/>')
        parts.append(f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{_short(mark)}</text>')
    parts.append(f'<text x="{left + _WIDTH}" y="{_TOP + _HEIGHT + 34}" text-anchor="end">rows</text>')
    for name, line in reversed(list(panel.lines.items())):  # the first one on top
        parts += _line([(across.at(x), up.at(y)) for x, y in line if y > 0], colours[name])
    return parts


def _line(points: Sequence[tuple[float, float]], colour: str) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots]


def _short(number: float) -> str:
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{sign}"
    return f"{number:g}"
