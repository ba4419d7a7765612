from pathlib import Path

import pytest

from pages import d2, er_diagrams, generated
from pages.generated import Section, new_pages, new_pictures


def _fails() -> str:
    raise ValueError("no such column")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text("above\n<!-- one -->\nold\n<!-- /one -->\nbetween\n<!-- two -->\n<!-- /two -->\nbelow\n")
    return path


def test_all_sections_of_a_page_are_written_together(page: Path) -> None:
    assert new_pages([Section(page, "one", lambda: "1"), Section(page, "two", lambda: "2")]) == {
        page: "above\n<!-- one -->\n1\n<!-- /one -->\nbetween\n<!-- two -->\n2\n<!-- /two -->\nbelow\n"
    }


def test_a_page_that_is_current_is_not_written(page: Path) -> None:
    assert new_pages([Section(page, "one", lambda: "old")]) == {}


def test_nothing_is_written_if_one_section_fails(page: Path) -> None:
    before = page.read_text()
    with pytest.raises(ValueError, match="no such column"):
        new_pages([Section(page, "one", lambda: "1"), Section(page, "two", _fails)])
    assert page.read_text() == before


def test_a_page_without_the_marks_is_an_error(page: Path) -> None:
    with pytest.raises(ValueError, match=r"page\.md has no place for the section three"):
        new_pages([Section(page, "three", lambda: "3")])


def test_only_pictures_that_are_not_current_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    current, changed, missing = (tmp_path / f"{name}.svg" for name in ("current", "changed", "missing"))
    for path in (current, changed):
        path.write_text("<svg/>\n" + d2._stamp("a", "<svg/>\n"))
    monkeypatch.setattr(d2, "svg", lambda text: f"drawn from {text}")
    assert new_pictures({current: "a", changed: "b", missing: "a"}) == {
        changed: "drawn from b",
        missing: "drawn from a",
    }


def test_a_picture_of_a_topic_without_tables_is_left_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("er-diagram-deals.svg", "er-diagram-ideas.svg", "benchmark.svg"):
        (tmp_path / name).touch()
    monkeypatch.setattr(generated, "DOCS", tmp_path)
    monkeypatch.setattr(er_diagrams, "DOCS", tmp_path)
    assert generated.left_over() == [tmp_path / "er-diagram-ideas.svg"]
