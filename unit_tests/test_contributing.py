"""The map in CONTRIBUTING.md: each answer stands in the files it names, and in no others."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "source_bitrix24"

# the question's first words, the code that answers it, and at most how many files that takes
ANSWERS = (
    ("Where is a table declared", r"^    (Scanned|Whole|PerParent|CustomFieldValues)\(", 1),
    ("Where is STATE written", r"AirbyteStateMessage\(type", 1),
    ("When is a request repeated", r"(?s)except PortalError as failure|class Passing\(", 2),
    ("What does a 503 do", r"QUERY_LIMIT_EXCEEDED\",\)|bucket_ran_over\(\)$|except PortalError as failure", 3),
    ("Where is the token masked", r"_MASK|repr=False", 2),
    ("How is a value typed", r"^def load_", 1),
    ("When are product rows read in bulk", r"BulkRows\(|class BulkRows", 2),
    ("Where does a table come in that", r"^def portal_tables\(", 1),
    ("When is a row gone", r"^class DeletionCheck|^def find_ids", 2),
    ("Where does the label", r"^class Words|^class Label", 2),
)


@pytest.mark.parametrize(("question", "code", "files"), ANSWERS, ids=[question for question, _, _ in ANSWERS])
def test_a_question_is_answered_in_the_files_that_the_map_names(question: str, code: str, files: int) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {question}")]
    named = set(re.findall(r"\]\((source_bitrix24/[\w/]+\.py)\)", row))
    found = {
        str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py") if re.search(code, path.read_text(), re.MULTILINE)
    }
    assert found == named
    assert len(named) <= files
