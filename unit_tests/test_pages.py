import pytest

from pages.parts import PARTS, File, Part


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.page.name}-{part.name}")
def test_generated_parts_of_the_documentation_are_current_or_make_docs_mends_them(part: Part | File) -> None:
    assert part.page.read_text(encoding="utf-8") == part.current()
