import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from pages import diagram, mermaid
from pages.references import references
from pages.routes import Grid
from source_bitrix24.catalog.tables import TABLES

SVG = "{http://www.w3.org/2000/svg}"
Line = tuple[str, list[tuple[int, int]]]


@pytest.fixture(scope="module")
def picture() -> ElementTree.Element:
    return ElementTree.fromstring(diagram.svg())  # noqa: S314  # our own text


@pytest.fixture(scope="module")
def lines(picture: ElementTree.Element) -> list[Line]:
    """What a line says it stands for, and the points it passes, one every 10 pixels."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        title, drawn = group.find(f"{SVG}title"), group.find(f"{SVG}polyline")
        assert title is not None
        assert drawn is not None
        corners = [tuple(map(int, point.split(","))) for point in drawn.attrib["points"].split()]
        passed = [corners[0]]
        for (x, y), (to_x, to_y) in pairwise(corners):
            steps = max(abs(to_x - x), abs(to_y - y)) // 10
            passed += [(x + (to_x - x) * n // steps, y + (to_y - y) * n // steps) for n in range(1, steps + 1)]
        found.append((str(title.text), [(x, y) for x, y in passed]))
    return found


@pytest.fixture(scope="module")
def boxes(picture: ElementTree.Element) -> list[tuple[int, int, int, int]]:
    rects = [one.attrib for one in picture.iter(f"{SVG}rect") if "x" in one.attrib]
    return [(int(one["x"]), int(one["y"]), int(one["width"]), int(one["height"])) for one in rects]


def test_every_table_has_a_box(picture: ElementTree.Element, boxes: list[tuple[int, int, int, int]]) -> None:
    names = [one.text for one in picture.iter(f"{SVG}text") if one.attrib.get("font-weight") == "700"]
    assert sorted(map(str, names)) == sorted(table.name for table in TABLES)
    assert len(boxes) == len(TABLES)


def test_every_reference_is_drawn_and_nothing_else(lines: list[Line]) -> None:
    told = [f"{one.table}.{one.column} → {one.to_table}.{one.to_column}" for one in references()]
    assert sorted(title for title, _ in lines) == sorted(told)


def test_boxes_lie_apart(boxes: list[tuple[int, int, int, int]]) -> None:
    for (x, y, width, height), (other_x, other_y, other_width, other_height) in combinations(boxes, 2):
        assert x + width < other_x or other_x + other_width < x or y + height < other_y or other_y + other_height < y


def test_no_line_goes_through_a_box(lines: list[Line], boxes: list[tuple[int, int, int, int]]) -> None:
    for title, points in lines:
        for left, top, width, height in boxes:
            assert not [p for p in points if left < p[0] < left + width and top <= p[1] <= top + height], title


def test_lines_to_different_tables_never_share_a_way(lines: list[Line]) -> None:
    goals: dict[tuple[tuple[int, int], tuple[int, int]], str] = {}
    for title, points in lines:
        goal = title.partition(" → ")[2]
        for one, other in pairwise(points):
            assert goals.setdefault((min(one, other), max(one, other)), goal) == goal


def test_the_lines_of_a_table_hang_together(lines: list[Line]) -> None:
    reached: dict[str, set[tuple[int, int]]] = {}
    for title, points in lines:
        goal = title.partition(" → ")[2]
        assert goal not in reached or reached[goal] & set(points)
        reached.setdefault(goal, set()).update(points)


def test_where_no_way_is_left_it_says_so() -> None:
    wall = {(5, y) for y in range(10)}
    with pytest.raises(ValueError, match="no way to deals"):
        Grid(10, 10, wall, set()).connect("deals", [(2, 5)], [(8, 5)])


def test_mermaid_has_the_same_references_and_tables() -> None:
    text = mermaid.markdown()
    told = re.findall(r'^    (\w+) \|o--o\{ (\w+) : "(\w+)"$', text, re.MULTILINE)
    assert told == [(one.to_table, one.table, one.column) for one in references()]
    assert re.findall(r"^    (\w+) \{$", text, re.MULTILINE) == [table.name for table in TABLES]
    columns = re.findall(r"^        .*$", text, re.MULTILINE)
    assert [one for one in columns if not re.fullmatch(r" {8}(integer|text) \w+ ((PK|FK|UK)(, )?)+", one)] == []
