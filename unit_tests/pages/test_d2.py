import base64
import html
import re
from collections import Counter
from xml.etree import ElementTree

import pytest

from pages import d2
from pages.diagram import Diagram, diagrams
from pages.er_diagrams import DOCS
from pages.references import keyed_tables
from unit_tests.pages.many_tables import MANY_TABLES

SVG = "{http://www.w3.org/2000/svg}"
DIAGRAMS = diagrams(keyed_tables())
needs_d2 = pytest.mark.d2


def _names(picture: str) -> list[str]:
    """What the groups of a picture stand for: D2 encodes it as their first class."""
    classes = [group.attrib["class"].split()[0] for group in ElementTree.fromstring(picture).iter(f"{SVG}g")]  # noqa: S314  # ours
    return [html.unescape(base64.b64decode(name).decode()) for name in classes if name != "shape"]


def _assert_shows(picture: str, diagram: Diagram) -> None:
    lines = [match for name in _names(picture) if (match := re.fullmatch(r"\((\w+) -> (\w+)\)\[\d+\]", name))]
    boxes = [name for name in _names(picture) if name.isidentifier()]
    assert sorted(boxes) == sorted(box.table for box in diagram.boxes)
    assert Counter(line.groups() for line in lines) == Counter(
        (reference.table, reference.to_table) for reference in diagram.references
    )
    texts = [text.text for text in ElementTree.fromstring(picture).iter(f"{SVG}text") if text.text]  # noqa: S314  # ours
    rows = [row for box in diagram.boxes for row in box.rows]
    shown = [*(row.name for row in rows), *(", ".join(row.marks) for row in rows if row.marks)]
    assert Counter(texts) == Counter([*shown, *(box.table for box in diagram.boxes)])


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda diagram: diagram.topic.name)
def test_a_picture_in_the_docs_shows_every_table_column_and_reference(diagram: Diagram) -> None:
    _assert_shows((DOCS / f"er-diagram-{diagram.topic.name}.svg").read_text(encoding="utf-8"), diagram)


def test_d2_text_marks_keys_stubs_and_the_lines_of_one_target() -> None:
    (deals, *_) = diagrams(MANY_TABLES)
    text = d2.d2_text(deals)
    assert 'deal_pipelines: {\n  shape: sql_table; class: table; height: 72\n  ID: "" {constraint: [PK]}\n}' in text
    assert 'users: {\n  shape: sql_table; class: stub; height: 72\n  ID: "" {constraint: [PK]}\n}' in text
    colours = re.findall(r'-> users\.ID: \{style: \{stroke: "(#\w+)"', text)
    assert len(colours) == 3
    assert len(set(colours)) == 1


def test_a_picture_is_current_until_its_text_or_the_file_changes() -> None:
    picture = "<svg>\n</svg>\n" + d2._stamp("a -> b", "<svg>\n</svg>\n")
    assert d2.is_current(picture, "a -> b")
    assert not d2.is_current(picture, "a -> c")
    assert not d2.is_current(picture.replace("<svg>", "<svg >"), "a -> b")
    assert not d2.is_current(picture + "<!-- -->", "a -> b")
    assert not d2.is_current("<svg></svg>", "a -> b")
    assert not d2.is_current("", "")


@needs_d2
@pytest.mark.parametrize("diagram", diagrams(MANY_TABLES), ids=lambda diagram: diagram.topic.name)
def test_d2_draws_the_tables_to_come_and_always_the_same_picture(diagram: Diagram) -> None:
    text = d2.d2_text(diagram)
    picture = d2.svg(text)
    _assert_shows(picture, diagram)
    assert d2.is_current(picture, text)
    assert d2.svg(text) == picture


@needs_d2
def test_text_that_d2_does_not_understand_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="D2 failed"):
        d2.svg("a: {")


def test_without_d2_the_error_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(d2, "_COMMAND", (*d2._COMMAND[:2], "no_such_module"))
    with pytest.raises(RuntimeError, match="`make docs` installs it"):
        d2.svg("a -> b")
