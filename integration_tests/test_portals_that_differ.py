"""A portal that differs in one fact: the connector copies it truly, or a table stops with one message.

`make docs` writes the outcomes into docs/doctor.md.
"""

import pytest

from emulator.twists import TWISTS
from pages import matrix


@pytest.mark.parametrize("fact", TWISTS)
def test_no_row_is_wrong_in_silence(fact: str) -> None:
    outcome = matrix.outcome(fact)
    assert outcome.wrong == []
    assert bool(outcome.unlabelled) == (fact == "scope_is_a_list")  # whether the user may read people is not known then
    assert bool(outcome.renamed) == (fact == "item_fields_tell_rights")
