"""The generated parts of the documentation are current. If a test fails here, run `make docs`."""

import re
from pathlib import Path

import pytest

from emulator.faults import KINDS
from pages import faults, matrix
from pages.er_diagrams import pictures
from pages.generated import SECTIONS, Section, is_current, left_over

# compared line by line, below and in integration_tests/test_portals_that_differ.py, so that two processes share the work
(FAULTS,) = [section for section in SECTIONS if section.markdown == faults.markdown]
FAULT_LINES = re.findall(
    f"(?s)<!-- {FAULTS.name} -->\n(.*)\n<!-- /{FAULTS.name} -->", FAULTS.page.read_text(encoding="utf-8")
)[0].splitlines()


@pytest.mark.parametrize(
    "section",
    [section for section in SECTIONS if section is not FAULTS and section.markdown != matrix.markdown],
    ids=lambda section: f"{section.page.name}-{section.name}",
)
def test_a_generated_section_is_current(section: Section) -> None:
    text = section.page.read_text(encoding="utf-8")
    assert section.put_into(text) == text


@pytest.mark.parametrize(("path", "text"), pictures().items(), ids=[path.name for path in pictures()])
def test_a_picture_is_current(path: Path, text: str) -> None:
    assert is_current(path, text)


def test_no_picture_is_left_over() -> None:
    assert left_over() == []


def test_the_page_has_a_line_for_each_fault() -> None:
    assert FAULT_LINES[:2] == faults.HEAD
    assert len(FAULT_LINES[2:]) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_has_the_effect_that_the_page_shows(kind: str) -> None:
    assert faults.line(kind) == FAULT_LINES[2 + KINDS.index(kind)]
