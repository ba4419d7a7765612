import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.catalog.fetch_together import fetch_together
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.errors import PortalError
from unit_tests.mounted import client_of

COMMANDS = {"deal": Command("crm.deal.fields"), "lead": Command("crm.lead.fields"), "user": Command("profile")}


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=1))


def test_commands_come_in_one_request(app: App) -> None:
    answers = fetch_together(client_of(app, retry_seconds=0), COMMANDS)
    assert answers.keys() == COMMANDS.keys()
    assert all(answer.result and not answer.error for answer in answers.values())
    assert len(app.log) == 1


def test_where_the_request_fails_as_a_whole_each_command_is_sent_alone(app: App) -> None:
    app.fault("internal_error", at=1, times=1)
    answers = fetch_together(client_of(app, retry_seconds=0), COMMANDS)
    assert [name for name, answer in answers.items() if answer.error] == []
    assert len(app.log) == 1 + len(COMMANDS)


def test_where_nothing_answers_the_error_is_raised(app: App) -> None:
    app.fault("internal_error", at=1, times=1000)
    with pytest.raises(PortalError):
        fetch_together(client_of(app, retry_seconds=0), COMMANDS)
    assert len(app.log) < 1 + len(COMMANDS) + 2
