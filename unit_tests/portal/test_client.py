import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.batch import Answer, Command
from source_bitrix24.portal.client import Answers, PortalClient, Wait
from source_bitrix24.portal.limits import STANDARD, RateLimiter
from source_bitrix24.portal.reply import Reply
from source_bitrix24.portal.webhook import Webhook
from source_bitrix24.airbyte.transport import HttpTransport

MOSCOW = timezone(timedelta(hours=3))
TOKEN = "S3cretT0ken"


class Mounted:
    """A client of an emulated portal, and the waits it tells of."""

    def __init__(self, patience: float = 300) -> None:
        self.clock = PlayedClock()
        self.app = App(sample_portal(self.clock, deals=3), token=TOKEN)
        session = requests.Session()
        session.mount("https://", EmulatorAdapter(self.app))
        webhook = Webhook.parse(self.app.webhook_url)
        self.waits: list[Wait] = []
        transport, limiter = HttpTransport(webhook, 90, session), RateLimiter(STANDARD, self.clock)
        self.client = PortalClient(webhook, transport, limiter, self.clock, patience, self.waits.append)

    def profile(self) -> Any:
        return self.client.patiently(lambda: self.client.call("profile"))

    @property
    def statuses(self) -> list[int]:
        return [logged.status for logged in self.app.log]

    @property
    def moments(self) -> list[float]:
        """When it was asked, in seconds since the first request."""
        return [logged.at - self.app.log[0].at for logged in self.app.log]


class Replies:
    """A portal that answers with given bytes after some seconds, and notes what it was sent."""

    def __init__(self, *replies: Reply, takes: float = 0) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self._replies = iter(replies)
        self._takes = takes
        self._clock = PlayedClock()

    def post(self, url: str, body: bytes, on_answer: Callable[[], None]) -> Reply:
        self._clock.sleep(self._takes)
        on_answer()
        self.sent.append((url, body))
        return next(self._replies)

    @property
    def client(self) -> PortalClient:
        webhook = Webhook("https://portal.test", 1, TOKEN)
        return PortalClient(webhook, self, RateLimiter(STANDARD, self._clock), self._clock, patience=0)


def answered(body: bytes) -> Any:
    return Replies(Reply(200, body)).client.call("profile")


def test_a_call_posts_its_parameters_as_json_and_returns_the_result() -> None:
    portal = Replies(Reply(200, b'{"result":{"ID":"7"},"time":{}}'))
    assert portal.client.call("crm.deal.get", {"id": 7, "select": ["ID"]}) == {"ID": "7"}
    assert portal.sent == [("https://portal.test/rest/1/S3cretT0ken/crm.deal.get", b'{"id":7,"select":["ID"]}')]


def test_the_portals_code_decides_and_not_the_status() -> None:
    with pytest.raises(errors.NoSuchMethod):
        Mounted().client.call("crm.deal.lst")
    with pytest.raises(errors.MissingScope):
        answered(b'{"error":"insufficient_scope","error_description":"","result":[]}')


def test_a_batch_brings_each_commands_answer_and_the_servers_time() -> None:
    portal = Mounted()
    portal.app.limits.latency.command = 0.25
    answers = portal.client.batch({"a": Command("crm.settings.mode.get"), "b": Command("no.such.method")})
    assert answers["a"] == Answer(1)
    assert type(answers["b"].error) is errors.NoSuchMethod
    assert answers.seconds == 0.25


def test_passing_failures_are_repeated_after_pauses_that_grow_up_to_a_minute() -> None:
    portal = Mounted(patience=1000)
    portal.app.fault("bad_gateway", times=9)
    assert portal.profile()["ID"] == "1"
    assert portal.statuses == [502] * 9 + [200]
    reason = "profile: HTTP 502 with a body that is no JSON"
    assert portal.waits == [Wait(reason, seconds) for seconds in (1, 2, 4, 8, 16, 32, 60, 60, 60)]
    assert portal.clock.monotonic() == 243


def test_the_failure_is_raised_where_the_next_pause_would_outlast_patience() -> None:
    portal = Mounted(patience=20)
    portal.app.fault("internal_error", times=99)
    heard: list[errors.Passing] = []
    with pytest.raises(errors.PortalFailed) as caught:
        portal.client.patiently(lambda: portal.client.call("profile"), heard.append)
    assert portal.moments == [0, 1, 3, 7, 15]
    assert len(heard) == 5
    assert heard[-1] is caught.value


def test_what_somebody_has_to_mend_is_raised_at_once() -> None:
    portal = Mounted()
    portal.app.fault("revoked")
    with pytest.raises(errors.BadWebhook):
        portal.profile()
    assert (portal.statuses, portal.waits) == ([401], [])


def test_a_client_that_keeps_asking_is_never_refused_and_short_waits_are_not_told() -> None:
    """P7.1"""
    portal = Mounted()
    for _ in range(60):
        portal.client.call("profile")
    assert portal.statuses == [200] * 60
    assert portal.clock.monotonic() == 5.5
    assert portal.waits == []


def test_after_too_many_requests_the_bucket_counts_as_full() -> None:
    portal = Mounted()
    portal.app.fault("too_many_requests")
    portal.profile()
    assert portal.moments == [0, 1]
    portal.client.call("profile")
    assert portal.clock.monotonic() == 1.5


def test_a_method_whose_time_is_used_up_is_asked_again_when_it_may_be(caplog: pytest.LogCaptureFixture) -> None:
    """P7.5"""
    caplog.set_level(logging.INFO, "airbyte")
    portal = Mounted()
    portal.app.fault("operating_time")
    portal.profile()
    assert portal.waits == [Wait("the operating time of profile is used up", 60.0)]
    assert portal.moments == [0, 60]
    assert "Waiting 30 s more: the operating time of profile is used up" in caplog.messages


def test_a_command_whose_time_is_used_up_makes_only_its_method_wait() -> None:
    """P1.13"""
    portal = Mounted()
    portal.app.fault("command_time_limit", command=1)
    lead, deal = Command("crm.lead.list", {"start": -1}), Command("crm.deal.list", {"start": -1})
    answers = portal.client.batch({"a": lead, "b": deal})
    assert (type(answers["a"].error), type(answers["b"].error)) == (type(None), errors.OperatingTimeUsedUp)
    assert len(portal.client.batch({"a": lead})["a"].result) == 3
    assert portal.clock.monotonic() == 0
    assert len(portal.client.batch({"b": deal})["b"].result) == 3
    assert portal.clock.monotonic() == 60


def test_a_refusal_of_a_whole_batch_makes_all_its_methods_wait() -> None:
    """P7.5: it does not say which of them is meant."""
    portal = Mounted()
    portal.app.fault("operating_time", times=2)
    commands = {"a": Command("crm.deal.fields"), "b": Command("crm.lead.fields")}
    portal.client.patiently(lambda: portal.client.batch(commands))
    assert portal.moments == [0, 60, 120]
    assert portal.statuses == [429, 429, 200]


def test_a_method_whose_answers_tell_that_little_time_is_left_waits_before_it_is_refused() -> None:
    """P7.4: the account is kept by minutes, and told in every answer."""
    portal = Mounted()
    portal.app.limits.latency.command = 50
    for _ in range(11):
        portal.client.call("crm.deal.fields")
    assert portal.statuses == [200] * 11
    assert {wait.reason for wait in portal.waits} == {"the operating time of crm.deal.fields is used up"}
    assert portal.moments == [*range(0, 450, 50), 650, 700]


def test_a_renamed_portal_is_followed_with_the_whole_request(caplog: pytest.LogCaptureFixture) -> None:
    """P7.12"""
    portal = Mounted()
    portal.app.moved_to = "https://new.test"
    asked: Mapping[str, Any] = {"select": ["ID"], "filter": {"<ID": 3}, "order": {"ID": "DESC"}, "start": -1}
    rows = portal.client.call("crm.lead.list", asked)
    assert rows == [{"ID": str(number)} for number in reversed(portal.app.portal.tables["lead"].ids) if number < 3]
    assert portal.statuses == [302, 200]
    assert portal.client.call("profile")["ID"] == "1"
    assert portal.statuses == [302, 200, 200]
    assert caplog.messages == ["The portal portal.test is now at new.test: put its new address into the settings."]


def test_a_portal_that_redirects_again_and_again_is_given_up() -> None:
    portal = Mounted()
    portal.app.moved_to = "https://NEW.test"  # which no Host header says
    with pytest.raises(errors.PortalMoved, match="profile: it redirects again and again"):
        portal.profile()
    assert portal.statuses == [302, 302]


@pytest.mark.parametrize(
    "location",
    [
        "https://portal.test/auth/?backurl=/rest/1/S3cretT0ken/profile",
        "https://new.test/rest/1/0therT0ken/profile",
        "http://new.test/rest/1/S3cretT0ken/profile",
        "https://user:S3cretT0ken@new.test/rest/1/S3cretT0ken/profile",
        "/rest/1/S3cretT0ken/profile",
        "https://[new.test/",
    ],
)
def test_a_redirect_to_anything_but_the_same_webhook_is_not_followed(location: str) -> None:
    portal = Replies(Reply(302, b"<html></html>", location))
    with pytest.raises(errors.PortalMoved) as caught:
        portal.client.call("profile")
    assert len(portal.sent) == 1
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_a_batch_tells_the_portals_clock_as_it_was_before_the_first_command() -> None:
    """P7.3"""
    portal = Mounted()
    portal.app.limits.latency.command = 5
    told = [portal.client.batch({"a": Command("profile")}).asked_at for _ in range(2)]
    first = datetime.fromtimestamp(1_796_000_000, MOSCOW)
    assert [str(moment) for moment in told] == [str(first), str(first + timedelta(seconds=5))]


@pytest.mark.parametrize("time", [b"", b',"time":[]', b',"time":{"date_start":null}', b',"time":{"date_start":"soon"}'])
def test_a_portal_may_keep_its_clock_to_itself(time: bytes) -> None:
    body = b'{"result":{"result":{"a":1}}' + time + b"}"
    portal = Replies(Reply(200, body), takes=3)
    answers = portal.client.batch({"a": Command("profile")})
    assert answers == Answers({"a": Answer(1)}, seconds=3, asked_at=None, size=len(body))


@pytest.mark.parametrize("kind", KINDS)
def test_the_token_is_shown_to_nobody_whatever_happens(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    portal = Mounted(patience=5)
    portal.app.fault(kind, times=99)
    told = ""
    try:
        portal.client.patiently(lambda: portal.client.batch({"a": Command("crm.deal.list")}))
    except errors.PortalError as error:
        told = "".join(traceback.format_exception(error)) + repr(error)
    assert TOKEN not in told + caplog.text + repr(portal.waits) + repr(portal.client.webhook)
