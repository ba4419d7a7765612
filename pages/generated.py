"""What is generated, and where it stands in the documentation."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import (
    columns,
    counts,
    d2,
    doctor,
    er_diagrams,
    faults,
    field_types,
    first_sync,
    matrix,
    messages,
    odd_answers,
    tables,
)
from .er_diagrams import DOCS, pictures


@dataclass(frozen=True, slots=True)
class Section:
    """The part of a page between `<!-- name -->` and `<!-- /name -->`."""

    page: Path
    name: str
    markdown: Callable[[], str]

    def put_into(self, text: str) -> str:
        """The page's text with the section as it should be. Raises ValueError if the page lacks the marks."""
        begin, end = f"<!-- {self.name} -->", f"<!-- /{self.name} -->"
        new, count = re.subn(
            f"(?s){re.escape(begin)}.*{re.escape(end)}", lambda _: f"{begin}\n{self.markdown()}\n{end}", text
        )
        if count != 1:
            raise ValueError(f"{self.page.name} has no place for the section {self.name}")
        return new


SECTIONS = (
    Section(DOCS.parent / "README.md", "counts", counts.in_short),
    Section(DOCS.parent / "README.md", "tables", tables.markdown),
    Section(DOCS / "bitrix24.md", "streams", tables.markdown),
    Section(DOCS / "bitrix24.md", "columns", columns.markdown),
    Section(DOCS / "bitrix24.md", "whole", counts.read_in_full),
    Section(DOCS / "bitrix24.md", "types", field_types.markdown),
    Section(DOCS / "bitrix24.md", "diagram", er_diagrams.markdown),
    Section(DOCS / "questions.md", "first-sync", first_sync.markdown),
    Section(DOCS / "messages.md", "refusals", messages.refusals),
    Section(DOCS / "messages.md", "mistakes", messages.mistakes),
    Section(DOCS / "messages.md", "odd-answers", odd_answers.markdown),
    Section(DOCS / "messages.md", "faults", faults.markdown),
    Section(DOCS / "doctor.md", "sample", doctor.sample),
    Section(DOCS / "doctor.md", "twisted", doctor.twisted),
    Section(DOCS / "doctor.md", "matrix", matrix.markdown),
    Section(DOCS / "portal.md", "asked", doctor.asked),
)


def new_texts() -> dict[Path, str]:
    """The text of every file that has to change. All are made before the first is returned, so a failure changes none."""
    return new_pages(SECTIONS) | new_pictures(pictures())


def new_pages(sections: Sequence[Section]) -> dict[Path, str]:
    """The text of every page that is not current."""
    old = {section.page: section.page.read_text(encoding="utf-8") for section in sections}
    new = dict(old)
    for section in sections:
        new[section.page] = section.put_into(new[section.page])
    return {page: text for page, text in new.items() if text != old[page]}


def new_pictures(texts: Mapping[Path, str]) -> dict[Path, str]:
    """The SVG of every picture that is not current, by its D2 text."""
    return {path: d2.svg(text) for path, text in texts.items() if not is_current(path, text)}


def is_current(path: Path, text: str) -> bool:
    """Whether a file holds the picture of a D2 text."""
    return path.exists() and d2.is_current(path.read_text(encoding="utf-8"), text)


def left_over() -> list[Path]:
    """Pictures of topics that have no table any more."""
    return sorted(set(DOCS.glob("er-diagram*.svg")) - set(pictures()))
