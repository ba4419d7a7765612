"""A portal that differs in one fact: the connector copies it truly, or a table stops with one message."""

import re

import pytest

from emulator.twists import TWISTS
from pages import matrix
from pages.generated import SECTIONS

(SECTION,) = [section for section in SECTIONS if section.markdown == matrix.markdown]
LINES = re.findall(
    f"(?s)<!-- {SECTION.name} -->\n(.*)\n<!-- /{SECTION.name} -->", SECTION.page.read_text(encoding="utf-8")
)[0].splitlines()


def test_the_page_has_a_line_for_each_fact() -> None:
    assert LINES[:2] == matrix.HEAD
    assert len(LINES) == 2 + len(TWISTS)


@pytest.mark.parametrize("fact", TWISTS)
def test_no_row_is_wrong_in_silence_and_the_page_says_what_happens(fact: str) -> None:
    line = matrix.line(fact)
    assert "in silence" not in line
    assert line == LINES[2 + list(TWISTS).index(fact)]
