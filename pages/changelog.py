"""The changelog as a table, as Airbyte's pages have it."""

import re
from pathlib import Path

_CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"
_VERSION = re.compile(r"(?ms)^## (\S+)[^\n]*\n(.*?)(?=^## |\Z)")


def markdown() -> str:
    """A line for each version of CHANGELOG.md, the newest first."""
    lines = ["| version | what changed |", "| --- | --- |"]
    for version, told in _VERSION.findall(_CHANGELOG.read_text(encoding="utf-8")):
        lines.append(f"| {version} | {_in_a_cell(told)} |")
    return "\n".join(lines)


def _in_a_cell(text: str) -> str:
    items = re.split(r"(?m)\n\s*\n|^[-*] ", text.strip())
    return "<br>".join(" ".join(item.split()).replace("|", "\\|") for item in items if item.strip())
