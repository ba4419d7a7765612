"""The diagrams of tables and references, one for each topic."""

from collections.abc import Sequence
from dataclasses import dataclass

from .references import KeyedTable, Reference, references
from .topics import TOPICS, Topic, topic_of


@dataclass(frozen=True, slots=True)
class Row:
    """A column in a box. `marks`: of PK (primary key), UK (unique, and referred to), FK (refers to another table)."""

    name: str
    type: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A table in a diagram. A stub is a table of another topic; it has only the columns that are referred to."""

    table: str
    rows: tuple[Row, ...]
    is_stub: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """A topic's tables, the tables that these refer to, and their references."""

    topic: Topic
    boxes: tuple[Box, ...]
    references: tuple[Reference, ...]


def diagrams(tables: Sequence[KeyedTable]) -> list[Diagram]:
    """A diagram for each topic that has tables."""
    found = [_diagram(topic, tables) for topic in TOPICS]
    return [diagram for diagram in found if diagram.boxes]


def _diagram(topic: Topic, tables: Sequence[KeyedTable]) -> Diagram:
    own = [table for table in tables if topic_of(table.name) == topic]
    drawn = references(own)
    targets = {(line.to_table, line.to_column) for line in references(tables)}
    boxes = [Box(table.name, _rows(table, targets), is_stub=False) for table in own]
    needed = {(line.to_table, line.to_column) for line in drawn}
    for table in tables:
        rows = [row for row in _rows(table, targets) if (table.name, row.name) in needed]
        if rows and table not in own:
            # a stub's own references are not drawn here
            stub = [Row(row.name, row.type, tuple(mark for mark in row.marks if mark != "FK")) for row in rows]
            boxes.append(Box(table.name, tuple(stub), is_stub=True))
    return Diagram(topic, tuple(boxes), tuple(drawn))


def _rows(table: KeyedTable, targets: set[tuple[str, str]]) -> tuple[Row, ...]:
    return tuple(
        Row(column.name, column.type, _marks(table, column.name, targets, refers=bool(column.references)))
        for column in table.columns
    )


def _marks(table: KeyedTable, column: str, targets: set[tuple[str, str]], *, refers: bool) -> tuple[str, ...]:
    is_key = column in table.primary_key
    marks = {"PK": is_key, "UK": (table.name, column) in targets and not is_key, "FK": refers}
    return tuple(mark for mark, applies in marks.items() if applies)
