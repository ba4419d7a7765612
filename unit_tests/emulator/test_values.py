import random
from datetime import datetime

import pytest

from emulator.fields import STANDARD
from emulator.values import standard_value

NOW = datetime(2026, 11, 30)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_a_column_is_sometimes_empty_and_always_if_lists_do_not_send_it(name: str) -> None:
    for field in STANDARD[name].values():
        chance = random.Random(field.name)
        values = [standard_value(field, chance, NOW) for _ in range(200)]
        assert None in values
        assert field.sent or set(values) == {None}


def test_values_depend_only_on_the_random_state() -> None:
    fields = STANDARD["deal"].values()
    first, second = ([standard_value(field, chance, NOW) for field in fields] for chance in map(random.Random, (1, 1)))
    assert first == second != [None] * len(first)
