import re

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.store import sample_portal
from integration_tests.failure_cases import MISTAKES, REFUSALS
from pages import faults, messages


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def test_every_refusal_is_shown_with_its_message() -> None:
    rows = _rows(messages.refusals())
    assert [row[0] for row in rows] == [refusal.case for refusal in REFUSALS]
    assert all(row[2].startswith(refusal.sentence) for row, refusal in zip(rows, REFUSALS, strict=True))


def test_every_mistake_is_shown_with_its_message_and_no_token() -> None:
    table = messages.mistakes()
    rows = _rows(table)
    assert [row[0] for row in rows] == [mistake.case for mistake in MISTAKES]
    assert all(row[2].startswith(mistake.sentence) for row, mistake in zip(rows, MISTAKES, strict=True))
    assert "emu1ator0webh00k" not in table


def test_good_settings_have_no_message() -> None:
    app = App(sample_portal(PlayedClock(), deals=1))
    with pytest.raises(AssertionError):
        messages.message_of(app, {"webhook_url": app.webhook_url})


def test_every_fault_of_the_emulator_is_described() -> None:
    assert list(faults._FAULTS) == list(KINDS)
