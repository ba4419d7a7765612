import re

import pytest

from pages.columns import ShownColumn
from pages.diagram import Box, Diagram, Row, diagrams
from pages.mermaid import mermaid
from pages.references import KeyedTable, keyed_tables, references
from pages.topics import TOPICS, topic_of
from unit_tests.pages.many_tables import MANY_TABLES

BOTH = pytest.mark.parametrize("tables", [keyed_tables(), MANY_TABLES], ids=["connector", "many"])


def _box(diagram: Diagram, table: str) -> Box:
    (found,) = [box for box in diagram.boxes if box.table == table]
    return found


@BOTH
def test_every_table_is_in_one_diagram_and_a_stub_in_those_that_refer_to_it(tables: list[KeyedTable]) -> None:
    drawn = [box.table for diagram in diagrams(tables) for box in diagram.boxes if not box.is_stub]
    assert sorted(drawn) == sorted(table.name for table in tables)
    for diagram in diagrams(tables):
        own = {box.table for box in diagram.boxes if not box.is_stub}
        targets = {reference.to_table for reference in diagram.references}
        assert {box.table for box in diagram.boxes if box.is_stub} == targets - own


@BOTH
def test_every_reference_is_drawn_once_between_rows_of_the_diagram(tables: list[KeyedTable]) -> None:
    drawn = [reference for diagram in diagrams(tables) for reference in diagram.references]
    assert sorted(map(str, drawn)) == sorted(map(str, references(tables)))
    for diagram in diagrams(tables):
        rows = {(box.table, row.name) for box in diagram.boxes for row in box.rows}
        for reference in diagram.references:
            assert {(reference.table, reference.column), (reference.to_table, reference.to_column)} <= rows


@BOTH
def test_a_diagram_can_be_taken_in_at_a_glance(tables: list[KeyedTable]) -> None:
    assert max(len(diagram.boxes) for diagram in diagrams(tables)) <= 16


def test_a_table_without_a_topic_of_its_own_is_among_the_other_tables() -> None:
    assert topic_of("a_table_of_tomorrow") == TOPICS[-1]
    assert topic_of("deal_contacts").name == "deals"
    assert topic_of("smart_process_128").name == "smart-processes"


def test_a_stub_has_the_columns_that_are_referred_to_and_no_references_of_its_own() -> None:
    columns = ("ID", "CODE", "BOSS_ID")
    tables = [
        KeyedTable(
            "users", ("ID",), tuple(ShownColumn(name, "text", "", "users.ID" * (name == "BOSS_ID")) for name in columns)
        ),
        KeyedTable("deals", ("ID",), (ShownColumn("ID", "text", "", ""), ShownColumn("BY", "text", "", "users.ID"))),
        KeyedTable("leads", ("BY",), (ShownColumn("BY", "text", "", "users.CODE"),)),
    ]
    deals, leads, users = diagrams(tables)
    assert _box(deals, "deals") == Box("deals", (Row("ID", "text", ("PK",)), Row("BY", "text", ("FK",))), is_stub=False)
    assert _box(deals, "users") == Box("users", (Row("ID", "text", ("PK",)),), is_stub=True)
    assert _box(leads, "leads") == Box("leads", (Row("BY", "text", ("PK", "FK")),), is_stub=False)
    assert _box(leads, "users") == Box("users", (Row("CODE", "text", ("UK",)),), is_stub=True)
    assert [row.marks for row in _box(users, "users").rows] == [("PK",), ("UK",), ("FK",)]


@BOTH
def test_mermaid_has_the_boxes_and_references_of_the_diagram(tables: list[KeyedTable]) -> None:
    for diagram in diagrams(tables):
        text = mermaid(diagram)
        lines = re.findall(r'^    (\w+) \|o--o\{ (\w+) : "(\w+)"$', text, re.MULTILINE)
        assert lines == [(reference.to_table, reference.table, reference.column) for reference in diagram.references]
        assert re.findall(r"^    (\w+) \{$", text, re.MULTILINE) == [box.table for box in diagram.boxes]
        rows = re.findall(r"^        .*$", text, re.MULTILINE)
        assert [row for row in rows if not re.fullmatch(r" {8}\w+ \w+( (PK|UK|FK)(, (PK|UK|FK))*)?", row)] == []
