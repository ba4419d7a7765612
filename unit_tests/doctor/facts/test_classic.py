"""Each fact of the module, turned round."""

import pytest

from source_bitrix24.doctor.facts import classic
from unit_tests.doctor.examined import names_of, require_that_it_is_noticed_alone


@pytest.mark.parametrize("fact", names_of(classic))
def test_a_fact_that_is_turned_round_is_noticed_and_no_other_verdict_changes(fact: str) -> None:
    require_that_it_is_noticed_alone(fact)
