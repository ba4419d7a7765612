import logging
from collections.abc import Callable

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.background import spawn
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.client import Answers, PortalClient
from source_bitrix24.portal.retry import fetch, retry
from unit_tests.mounted import client_of


@pytest.fixture
def app() -> App:
    return App(sample_portal(PlayedClock(), deals=3))


def profile_of(client: PortalClient, on_failure: Callable[[errors.PortalError], None] | None = None) -> str:
    return str(retry(client, lambda: client.call("profile"), on_failure)["ID"])


def times_of(app: App) -> list[float]:
    """Return when each request came, in seconds since the first."""
    return [logged.at - app.log[0].at for logged in app.log]


def test_passing_failures_are_retried_after_pauses_that_double_up_to_a_minute(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bitrix24")
    app.fault("bad_gateway", times=9)
    assert profile_of(client_of(app)) == "1"
    assert times_of(app) == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    retries = [message for message in caplog.messages if message.startswith("Retrying")]
    assert retries[0] == "Retrying in 1 s: profile: HTTP 502 with a body that is no JSON"
    assert len(retries) == 9


def test_the_last_failure_is_raised_when_the_next_pause_would_exceed_the_time_for_retries(app: App) -> None:
    app.fault("internal_error", times=99)
    failures: list[errors.PortalError] = []
    with pytest.raises(errors.PortalFailed) as caught:
        profile_of(client_of(app, retry_seconds=20), failures.append)
    assert times_of(app) == [0, 1, 3, 7, 15]
    assert len(failures) == 5
    assert failures[-1] is caught.value


def test_an_error_that_is_not_passing_is_raised_at_once(app: App) -> None:
    client = client_of(app)
    failures: list[errors.PortalError] = []
    with pytest.raises(errors.Refused):
        retry(client, lambda: client.call("crm.no.such.method"), failures.append)
    assert (len(app.log), failures, app.portal.clock.monotonic()) == (1, [], 0)


@pytest.mark.parametrize("kind", ["revoked", "refused_in_russian", "page_401", "page_403", "page_404"])
def test_a_refusal_that_may_pass_is_tried_twice_more_after_some_seconds(app: App, kind: str) -> None:
    app.fault(kind, times=2)
    assert profile_of(client_of(app)) == "1"
    assert times_of(app) == [0, 3, 6]
    app.fault(kind, times=99)
    with pytest.raises(errors.Refused):
        profile_of(client_of(app))
    assert len(app.log) == 3 + 3


@pytest.mark.parametrize(
    "kind", ["proxy_login", "proxy_refuses", "login_page", "login_redirect", "tls", "tls_name", "tls_expired"]
)
def test_what_refuses_the_way_to_the_portal_is_final_until_the_portal_has_answered(app: App, kind: str) -> None:
    client = client_of(app)
    app.fault(kind)
    with pytest.raises(errors.Refused):
        profile_of(client)
    assert (profile_of(client), times_of(app)) == ("1", [0, 0])
    app.fault(kind, times=2)
    assert (profile_of(client), times_of(app)) == ("1", [0, 0, 0, 3, 6])


def test_a_refusal_between_passing_failures_is_counted_for_itself(app: App) -> None:
    for kind in ("bad_gateway", "revoked", "bad_gateway", "page_401", "bad_gateway"):
        app.fault(kind)
    assert profile_of(client_of(app)) == "1"
    for kind in ("revoked", "bad_gateway", "page_401", "revoked"):
        app.fault(kind)
    with pytest.raises(errors.BadWebhook):
        profile_of(client_of(app))


def test_another_try_after_a_refusal_costs_no_more_time_than_retries_may(app: App) -> None:
    app.fault("revoked", times=99)
    with pytest.raises(errors.BadWebhook):
        profile_of(client_of(app, retry_seconds=4))
    assert times_of(app) == [0, 3]


def test_used_up_operating_time_is_waited_for_by_the_limiter_without_a_pause_on_top(app: App) -> None:
    app.fault("operating_time")
    assert profile_of(client_of(app)) == "1"
    assert times_of(app) == [0, 60]


class Fields:
    """A request for the fields of some objects; a list of every attempt."""

    def __init__(self) -> None:
        self.attempts: list[int] = []
        self.failures: list[errors.PortalError] = []
        self._names = ["deal", "lead", "contact", "company"]

    def commands(self) -> dict[str, Command]:
        self.attempts.append(len(self._names))
        return {name: Command(f"crm.{name}.fields") for name in self._names}

    def take(self, answers: Answers) -> list[str]:
        for answer in answers.by_key.values():
            if answer.error:
                raise answer.error
        return list(answers.by_key)

    def shrink(self, error: errors.PortalError) -> None:
        self.failures.append(error)
        del self._names[len(self._names) // 2 :]


def test_a_request_is_sent_again_in_the_size_that_it_has_shrunk_to(app: App) -> None:
    app.fault("gateway_timeout")
    request = Fields()
    assert fetch(client_of(app), request) == ["deal", "lead"]
    assert request.attempts == [4, 2]
    assert [type(error) for error in request.failures] == [errors.PortalFailed]


def test_a_passing_error_of_a_command_is_retried_like_one_of_the_request(app: App) -> None:
    app.fault("command_missing", command=3)
    request = Fields()
    assert fetch(client_of(app), request) == ["deal", "lead"]
    assert times_of(app) == [0, 1]


def test_an_error_of_a_command_that_is_not_passing_is_raised(app: App) -> None:
    app.webhook.may_not_read = {"crm.lead.fields"}
    with pytest.raises(errors.NoAccess):
        fetch(client_of(app), Fields())
    assert len(app.log) == 1


def test_a_request_in_flight_is_the_first_attempt(app: App) -> None:
    client, request = client_of(app), Fields()
    app.fault("reset")
    sent = spawn(lambda: client.batch(request.commands()))
    assert fetch(client, request, sent.result) == ["deal", "lead"]
    assert times_of(app) == [0, 1]
