import pytest
import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.batch import Answer, Command
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.each import ask_each
from source_bitrix24.portal.limits import STANDARD, RateLimiter
from source_bitrix24.portal.pace import Pace
from source_bitrix24.portal.webhook import Webhook
from source_bitrix24.airbyte.transport import HttpTransport

LEADS = (1, 2, 3, 4, 5, 6, 7, 8)
COMMANDS = {f"id{lead}": Command("crm.lead.productrows.get", {"id": lead}) for lead in LEADS}


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=20, holes=0))


def client_of(app: App, patience: float = 3000) -> PortalClient:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    webhook, clock = Webhook.parse(app.webhook_url), app.portal.clock
    return PortalClient(webhook, HttpTransport(webhook, 90, session), RateLimiter(STANDARD, clock), clock, patience)


def owners(answers: dict[str, Answer]) -> dict[str, set[int]]:
    """The owner that each answer's rows name: none where it has no rows."""
    return {key: {int(row["OWNER_ID"]) for row in answer.result} for key, answer in answers.items()}


def asked(app: App) -> list[int]:
    """How many commands each request carried."""
    return [sum(logged.methods.values()) for logged in app.log]


def elapsed(app: App) -> float:
    return app.portal.clock.monotonic()


def rows_of_each(app: App) -> dict[str, set[int]]:
    return {f"id{lead}": {row["OWNER_ID"] for row in app.portal.product_rows("lead", lead)} for lead in LEADS}


def test_every_question_gets_its_own_answer_in_one_request(app: App) -> None:
    answers = ask_each(client_of(app), COMMANDS)
    assert owners(answers) == rows_of_each(app)
    assert any(rows_of_each(app).values())
    assert asked(app) == [8]


def test_no_question_costs_no_request(app: App) -> None:
    assert ask_each(client_of(app), {}) == {}
    assert app.log == []


@pytest.mark.parametrize("kind", ["command_missing", "command_error"])
def test_only_what_failed_is_asked_again(app: App, kind: str) -> None:
    """P1.3, P7.9: a command without an answer, and one with an error that says nothing."""
    app.fault(kind, command=5)
    assert owners(ask_each(client_of(app), COMMANDS)) == rows_of_each(app)
    assert asked(app) == [8, 1]
    assert elapsed(app) == 1


def test_what_keeps_failing_is_asked_again_alone_until_it_answers(app: App) -> None:
    app.fault("command_missing", command=2)
    app.fault("command_missing", times=3)
    assert owners(ask_each(client_of(app), COMMANDS)) == rows_of_each(app)
    assert asked(app) == [8, 1, 1, 1, 1]
    assert elapsed(app) == 1 + 2 + 4 + 8


def test_a_request_that_broke_is_repeated_in_smaller_ones(app: App) -> None:
    """P7.6"""
    app.fault("gateway_timeout", times=2)
    assert owners(ask_each(client_of(app), COMMANDS, Pace(first=8))) == rows_of_each(app)
    assert asked(app) == [8, 4, 2, 6]


def test_a_request_without_connection_is_repeated_as_it_was(app: App) -> None:
    app.fault("reset", times=2)
    assert owners(ask_each(client_of(app), COMMANDS)) == rows_of_each(app)
    assert asked(app) == [8, 8, 8]


def test_a_pace_that_is_given_limits_each_request_and_learns(app: App) -> None:
    app.limits.latency.command = 2.5
    pace = Pace(first=3)
    assert owners(ask_each(client_of(app), COMMANDS, pace)) == rows_of_each(app)
    assert asked(app) == [3, 4, 1]
    assert pace.commands == 4


def test_the_record_that_is_gone_is_handed_back_with_the_other_answers(app: App) -> None:
    """P4.5"""
    app.portal.delete("lead", 3)
    answers = ask_each(client_of(app), COMMANDS)
    assert type(answers.pop("id3").error) is errors.NotFound
    assert owners(answers) == {key: rows for key, rows in rows_of_each(app).items() if key != "id3"}
    assert asked(app) == [8]


def test_an_error_that_repeating_does_not_mend_is_handed_back_too(app: App) -> None:
    app.webhook.may_not_read = {"crm.deal.fields"}
    commands = {name: Command(f"crm.{name}") for name in ("deal.fields", "settings.mode.get", "lead.feilds")}
    answers = ask_each(client_of(app), commands)
    assert type(answers["deal.fields"].error) is errors.NoAccess
    assert answers["settings.mode.get"] == Answer(1)
    assert type(answers["lead.feilds"].error) is errors.NoSuchMethod
    assert asked(app) == [3]


def test_a_refusal_of_the_whole_request_is_raised_at_once(app: App) -> None:
    app.fault("revoked")
    with pytest.raises(errors.BadWebhook):
        ask_each(client_of(app), COMMANDS)
    assert len(app.log) == 1


def test_the_failure_that_outlasts_patience_is_raised(app: App) -> None:
    app.fault("command_missing", times=99)
    with pytest.raises(errors.PortalFailed, match="unanswered"):
        ask_each(client_of(app, patience=10), COMMANDS)
    assert elapsed(app) == 1 + 2 + 4


def test_questions_whose_operating_time_is_used_up_wait_for_it_and_the_others_are_kept(app: App) -> None:
    """P1.13, P7.5: told for each command, while the request as a whole is good."""
    app.fault("command_time_limit", command=6)
    app.fault("command_time_limit")
    assert owners(ask_each(client_of(app), COMMANDS)) == rows_of_each(app)
    assert asked(app) == [8, 1, 1]
    assert elapsed(app) == 580 + 60  # the reset that the other answers told, then a minute
