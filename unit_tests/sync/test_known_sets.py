from datetime import datetime
from typing import Any

import pytest

from source_bitrix24.sync.known_sets import KnownSets, Rereading
from source_bitrix24.sync.set_lengths import SetLengths

NOW = datetime.fromisoformat("2026-11-23T10:00:00+03:00")
LENGTHS = SetLengths().with_lengths({5: 2})
EMPTY = SetLengths().text


@pytest.mark.parametrize(
    "known",
    [KnownSets(), KnownSets(LENGTHS, NOW), KnownSets(LENGTHS, None, Rereading(NOW, 4800))],
    ids=["none", "read", "again"],
)
def test_what_is_known_survives_as_a_part_of_a_state(known: KnownSets) -> None:
    assert KnownSets.load(known.dump()) == known


@pytest.mark.parametrize(
    "saved",
    [
        None,
        [],
        {},
        {"lengths": EMPTY, "more": 1},
        {"lengths": EMPTY, "read": "soon"},
        {"lengths": EMPTY, "read": "2026-11-23T10:00:00"},
        {"lengths": EMPTY, "again": []},
        {"lengths": EMPTY, "again": {"below": 5}},
        {"lengths": EMPTY, "again": {"began": "2026-11-23T10:00:00+03:00", "below": 0}},
        {"lengths": EMPTY, "again": {"began": "2026-11-23T10:00:00+03:00", "below": True}},
    ],
    ids=str,
)
def test_a_part_that_is_none_is_refused(saved: Any) -> None:
    with pytest.raises(ValueError, match="sets"):
        KnownSets.load(saved)
