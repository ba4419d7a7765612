import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.batch import Answer, Command
from source_bitrix24.portal.batch_all import fetch_all, fetch_many
from source_bitrix24.portal.batch_size import BatchSize
from unit_tests.mounted import client_of, commands_sent

LEADS = (1, 2, 3, 4, 5, 6, 7, 8)
COMMANDS = {f"id{lead}": Command("crm.lead.productrows.get", {"id": lead}) for lead in LEADS}


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=20, holes=0))


def owners(answers: dict[str, Answer]) -> dict[str, set[int]]:
    """Return the owners that each answer's rows name."""
    return {key: {int(row["OWNER_ID"]) for row in answer.result} for key, answer in answers.items()}


def elapsed(app: App) -> float:
    return app.portal.clock.monotonic()


def rows_of_each(app: App) -> dict[str, set[int]]:
    return {f"id{lead}": {row["OWNER_ID"] for row in app.portal.product_rows("lead", lead)} for lead in LEADS}


def test_all_commands_get_their_own_answers_in_one_request(app: App) -> None:
    answers = fetch_all(client_of(app), COMMANDS)
    assert owners(answers) == rows_of_each(app)
    assert any(rows_of_each(app).values())
    assert commands_sent(app) == [8]


def test_no_commands_cost_no_request(app: App) -> None:
    assert fetch_all(client_of(app), {}) == {}
    assert app.log == []


def test_more_commands_than_a_batch_holds_come_in_several_requests(app: App) -> None:
    commands = {f"id{number}": Command("crm.lead.productrows.get", {"id": number % 8 + 1}) for number in range(120)}
    answers = fetch_all(client_of(app), commands)
    assert answers.keys() == commands.keys()
    assert commands_sent(app) == [50, 50, 20]


@pytest.mark.parametrize("lanes", [1, 3])
def test_many_commands_come_with_several_requests_in_flight(app: App, lanes: int) -> None:
    commands = {f"id{number}": Command("crm.lead.productrows.get", {"id": number % 8 + 1}) for number in range(220)}
    app.limits.latency.request = 1.0
    app.fault("command_missing", command=7)
    answers = fetch_many(client_of(app, lanes=lanes), commands)
    assert answers.keys() == commands.keys()
    assert all(not answer.error for answer in answers.values())
    assert sum(commands_sent(app)) == 220 + 1
    assert (elapsed(app) < 5) == (lanes > 1)


def test_a_request_in_flight_is_used_and_not_sent_twice(app: App) -> None:
    client = client_of(app)
    sent = client.batch(COMMANDS)
    assert owners(fetch_all(client, COMMANDS, BatchSize(first=3), lambda: sent)) == rows_of_each(app)
    assert commands_sent(app) == [8]


@pytest.mark.parametrize(("kind", "pause"), [("command_missing", 1), ("command_error", 3)])
def test_only_a_command_that_failed_is_sent_again(app: App, kind: str, pause: int) -> None:
    """P1.3, P7.9: a command without an answer, and one with an error that says nothing."""
    app.fault(kind, command=5)
    assert owners(fetch_all(client_of(app), COMMANDS)) == rows_of_each(app)
    assert commands_sent(app) == [8, 1]
    assert elapsed(app) == pause


def test_a_command_that_the_portal_keeps_refusing_in_its_own_words_costs_no_other_its_answer(app: App) -> None:
    app.fault("command_error", command=2, times=1)
    app.fault("command_error", times=99)
    answers = fetch_all(client_of(app), COMMANDS)
    refused = answers.pop("id3").error
    assert type(refused) is errors.InItsOwnWords
    assert "Something went wrong inside the portal." in str(refused)
    assert owners(answers) == {key: rows for key, rows in rows_of_each(app).items() if key != "id3"}
    assert commands_sent(app) == [8, 1, 1]


def test_a_command_that_keeps_failing_is_retried_alone_until_it_has_its_answer(app: App) -> None:
    app.fault("command_missing", command=2)
    app.fault("command_missing", times=3)
    assert owners(fetch_all(client_of(app), COMMANDS)) == rows_of_each(app)
    assert commands_sent(app) == [8, 1, 1, 1, 1]
    assert elapsed(app) == 1 + 2 + 4 + 8


def test_a_request_that_broke_the_portal_is_repeated_in_smaller_ones(app: App) -> None:
    """P7.6"""
    app.fault("gateway_timeout", times=2)
    assert owners(fetch_all(client_of(app), COMMANDS, BatchSize(first=8))) == rows_of_each(app)
    assert commands_sent(app) == [8, 4, 2, 6]


def test_a_request_without_connection_is_repeated_in_its_size(app: App) -> None:
    app.fault("reset", times=2)
    assert owners(fetch_all(client_of(app), COMMANDS)) == rows_of_each(app)
    assert commands_sent(app) == [8, 8, 8]


def test_a_given_batch_size_limits_each_request_and_learns(app: App) -> None:
    app.limits.latency.command = 2.5
    batch_size = BatchSize(first=3)
    assert owners(fetch_all(client_of(app), COMMANDS, batch_size)) == rows_of_each(app)
    assert commands_sent(app) == [3, 4, 1]
    assert batch_size.commands == 4


def test_the_error_of_a_deleted_record_is_returned_with_the_other_answers(app: App) -> None:
    """P4.5"""
    app.portal.delete("lead", 3)
    answers = fetch_all(client_of(app), COMMANDS)
    assert type(answers.pop("id3").error) is errors.NotFound
    assert owners(answers) == {key: rows for key, rows in rows_of_each(app).items() if key != "id3"}
    assert commands_sent(app) == [8]


def test_an_error_that_a_retry_cannot_fix_is_returned_too(app: App) -> None:
    app.webhook.may_not_read = {"crm.deal.fields"}
    commands = {name: Command(f"crm.{name}") for name in ("deal.fields", "settings.mode.get", "lead.feilds")}
    answers = fetch_all(client_of(app), commands)
    assert type(answers["deal.fields"].error) is errors.NoAccess
    assert (answers["settings.mode.get"].result, answers["settings.mode.get"].error) == (1, None)
    assert type(answers["lead.feilds"].error) is errors.NoSuchMethod
    assert commands_sent(app) == [3]


def test_a_refusal_of_the_whole_request_is_raised(app: App) -> None:
    app.fault("revoked", times=99)
    with pytest.raises(errors.BadWebhook):
        fetch_all(client_of(app), COMMANDS)
    assert len(app.log) == 3


def test_the_last_failure_is_raised_when_retries_are_exhausted(app: App) -> None:
    app.fault("command_missing", times=99)
    with pytest.raises(errors.PortalFailed, match="the batch holds no answer for it"):
        fetch_all(client_of(app, retry_seconds=10), COMMANDS)
    assert elapsed(app) == 1 + 2 + 4


@pytest.mark.parametrize(("retry_seconds", "sent"), [(3000, [8, 1, 1]), (2, [8, 1])])
def test_a_command_that_fails_alone_keeps_its_error_after_so_many_attempts(
    app: App, retry_seconds: float, sent: list[int]
) -> None:
    app.fault("command_missing", times=99)
    answers = fetch_all(client_of(app, retry_seconds=retry_seconds), COMMANDS, max_attempts=3)
    assert type(answers.pop("id1").error) is errors.PortalFailed
    assert owners(answers) == {key: rows for key, rows in rows_of_each(app).items() if key != "id1"}
    assert commands_sent(app) == sent


def test_commands_that_are_refused_in_turn_have_their_tries_each(app: App) -> None:
    app.fault("command_error", times=3 + 2)
    app.limits.latency.command = 5  # two commands in a batch
    answers = fetch_all(client_of(app), COMMANDS, BatchSize(first=2))
    refused = [key for key, answer in answers.items() if answer.error]
    assert (refused, set(answers)) == (["id1"], set(COMMANDS))
    assert {key: rows for key, rows in rows_of_each(app).items() if key != "id1"} == owners(
        {key: answer for key, answer in answers.items() if not answer.error}
    )


def test_a_request_at_which_the_portal_fails_is_raised_after_so_many_attempts(app: App) -> None:
    app.fault("bad_gateway", times=99)
    with pytest.raises(errors.PortalFailed):
        fetch_all(client_of(app), COMMANDS, max_attempts=2)
    assert len(app.log) == 2


def test_commands_whose_operating_time_is_used_up_wait_for_it_and_the_other_answers_are_kept(app: App) -> None:
    """P1.13, P7.5: each command has its own error, while the request as a whole is good."""
    app.fault("command_time_limit", command=6)
    app.fault("command_time_limit")
    assert owners(fetch_all(client_of(app), COMMANDS)) == rows_of_each(app)
    assert commands_sent(app) == [8, 1, 1]
    assert elapsed(app) == 580 + 60  # the reset that the other answers named, then a minute
