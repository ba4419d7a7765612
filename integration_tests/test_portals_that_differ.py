"""A portal that differs in one fact: the connector copies it truly, or a table stops with one message.

`make docs` writes the outcomes into docs/doctor.md.
"""

import pytest

from emulator.twists import TWISTS
from pages import matrix


@pytest.mark.parametrize("fact", TWISTS)
def test_no_row_is_wrong_in_silence(fact: str) -> None:
    assert matrix.outcome(fact).wrong == []
