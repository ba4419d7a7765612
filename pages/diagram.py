"""The diagram of tables and references as a picture: boxes laid out by hand, lines found by `routes`."""

from dataclasses import dataclass
from html import escape

from source_bitrix24.catalog.tables import TABLES

from .references import Reference, key_columns, references
from .routes import Cell, Grid

_CELL = 10  # pixels of a cell of the grid
_ROW, _WIDTH = 2, 23  # of a box, in cells
_BESIDE, _BELOW, _MARGIN = 10, 4, 5
_LAYOUT = (
    (
        "deal_pipelines",
        "deal_pipeline_stages",
        "deal_stage_history",
        "deal_custom_field_definitions",
        "deal_custom_field_values",
    ),
    ("deals", "deal_products", "products", "catalogs", "activities"),
    ("quotes", "quote_products", "lead_products", "leads", "lead_custom_field_values"),
    ("companies", "contacts", "contact_companies", "company_custom_field_values", "contact_custom_field_values"),
)
_LEGEND = "dot: the column that refers; arrow: what it refers to; lines of one colour lead to one table"
# a colour for the lines to each table that is referred to, dark enough on white
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


@dataclass(frozen=True, slots=True)
class Box:
    """A table in the picture, in cells of the grid: its upper left corner and the columns it shows."""

    table: str
    left: int
    top: int
    columns: tuple[str, ...]

    @property
    def height(self) -> int:
        """A row for the name, one for each column."""
        return _ROW * (1 + len(self.columns))

    def sides(self, column: str) -> list[Cell]:
        """Where a line to or from a column may begin: left and right of its row."""
        middle = self.top + _ROW * (1 + self.columns.index(column)) + _ROW // 2
        return [(self.left - 1, middle), (self.left + _WIDTH + 1, middle)]


def svg() -> str:
    """The picture."""
    boxes = {box.table: box for box in _boxes()}
    width = max(box.left for box in boxes.values()) + _WIDTH + _MARGIN
    height = max(box.top + box.height for box in boxes.values()) + _MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * _CELL} {height * _CELL}" '
        'font-family="Segoe UI, Helvetica, Arial, sans-serif" font-size="12.5">',
        "<title>Tables of the connector and the references between them</title>",
        f'<rect width="{width * _CELL}" height="{height * _CELL}" fill="#ffffff"/>',
        *_lines(boxes, width, height),
        *(_drawn(box) for box in boxes.values()),
        f'<text x="{_MARGIN * _CELL}" y="{(height - 2) * _CELL}" fill="#475569">{_LEGEND}</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _boxes() -> list[Box]:
    tables = {table.name: table for table in TABLES}
    boxes = []
    for place, names in enumerate(_LAYOUT):
        top = _MARGIN
        for name in names:
            box = Box(name, _MARGIN + place * (_WIDTH + _BESIDE), top, tuple(key_columns(tables.pop(name))))
            boxes.append(box)
            top += box.height + _BELOW
    if tables:
        raise ValueError(f"the picture has no place for {', '.join(tables)}")
    return boxes


def _lines(boxes: dict[str, Box], width: int, height: int) -> list[str]:
    grid = Grid(width, height, set(), set())
    for box in boxes.values():
        cells = {
            (x, y)
            for x in range(box.left - 1, box.left + _WIDTH + 2)
            for y in range(box.top - 1, box.top + box.height + 2)
        }
        inside = {
            (x, y) for x, y in cells if box.left <= x <= box.left + _WIDTH and box.top <= y <= box.top + box.height
        }
        grid.blocked |= inside
        grid.narrow |= cells - inside
    goals = dict.fromkeys((one.to_table, one.to_column) for one in references())
    drawn = []
    for (table, column), colour in zip(goals, _COLOURS, strict=True):
        for one in sorted(_to(table, column), key=lambda one: _distance(boxes, one)):
            way = grid.connect(table, boxes[table].sides(column), boxes[one.table].sides(one.column))
            drawn.append(_line(one, way, boxes, colour))
    return drawn


def _to(table: str, column: str) -> list[Reference]:
    return [one for one in references() if (one.to_table, one.to_column) == (table, column)]


def _distance(boxes: dict[str, Box], one: Reference) -> int:
    (left, upper), _ = boxes[one.table].sides(one.column)
    (goal_left, goal_upper), _ = boxes[one.to_table].sides(one.to_column)
    return abs(left - goal_left) + abs(upper - goal_upper)


def _line(one: Reference, cells: list[Cell], boxes: dict[str, Box], colour: str) -> str:
    """A line with an arrow at the goal, if it begins there, and a dot at the column that refers."""
    begin, end = cells[0], cells[-1]
    points, marks = [*cells], ""
    if begin in boxes[one.to_table].sides(one.to_column):
        towards = 1 if begin[0] < boxes[one.to_table].left else -1
        points.insert(0, (begin[0] + towards, begin[1]))
        x, y = (begin[0] + towards) * _CELL, begin[1] * _CELL
        marks += f'<path d="M{x} {y}l{-8 * towards} -5v10z" fill="{colour}"/>'
    towards = 1 if end[0] < boxes[one.table].left else -1
    points.append((end[0] + towards, end[1]))
    marks += f'<circle cx="{(end[0] + towards) * _CELL}" cy="{end[1] * _CELL}" r="3.5" fill="{colour}"/>'
    path = " ".join(f"{x * _CELL},{y * _CELL}" for x, y in _corners(points))
    told = f"{one.table}.{one.column} → {one.to_table}.{one.to_column}"
    return (
        f'<g class="reference"><title>{told}</title><polyline points="{path}" fill="none" stroke="{colour}" '
        f'stroke-width="1.6" stroke-linejoin="round"/>{marks}</g>'
    )


def _corners(cells: list[Cell]) -> list[Cell]:
    kept = [
        cell
        for before, cell, after in zip(cells, cells[1:], cells[2:], strict=False)
        if (before[0] == cell[0]) != (cell[0] == after[0])
    ]
    return [cells[0], *kept, cells[-1]]


def _drawn(box: Box) -> str:
    x, y, row, width = box.left * _CELL, box.top * _CELL, _ROW * _CELL, _WIDTH * _CELL
    keys = next(table.key for table in TABLES if table.name == box.table)
    lines = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{box.height * _CELL}" rx="4" fill="#f8fafc" stroke="#334155"/>',
        f'<path d="M{x} {y + row}h{width}" stroke="#334155"/>',
        f'<text x="{x + 9}" y="{y + 14.5}" font-weight="700" fill="#0f172a">{escape(box.table)}</text>',
    ]
    for place, name in enumerate(box.columns, 1):
        style = ' font-weight="600"' if name in keys else ""
        mark = f'<text x="{x + width - 9}" y="{y + place * row + 14.5}" text-anchor="end" fill="#64748b">key</text>'
        lines.append(f'<text x="{x + 9}" y="{y + place * row + 14.5}" fill="#0f172a"{style}>{escape(name)}</text>')
        lines += [mark] if name in keys else []
    return "\n".join(lines)
