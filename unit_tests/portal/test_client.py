import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.faults import KINDS
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.lanes import Lanes
from source_bitrix24.portal.limits import STANDARD, RateLimiter, RequestRate
from source_bitrix24.portal.reply import Reply
from source_bitrix24.portal.retry import retry
from source_bitrix24.portal.webhook import Webhook
from unit_tests.mounted import client_of

MOSCOW = timezone(timedelta(hours=3))
TOKEN = "S3cretT0ken"


class Mounted:
    """A client of an emulated portal."""

    def __init__(self, retry_seconds: float = 300) -> None:
        self.clock = PlayedClock()
        self.app = App(sample_portal(self.clock, deals=3), token=TOKEN)
        self.client = client_of(self.app, retry_seconds=retry_seconds)

    def profile(self) -> Any:
        return retry(self.client, lambda: self.client.call("profile"))

    @property
    def statuses(self) -> list[int]:
        return [logged.status for logged in self.app.log]

    @property
    def times(self) -> list[float]:
        """When requests came, in seconds since the first one."""
        return [logged.at - self.app.log[0].at for logged in self.app.log]


class Replies:
    """A portal that answers with given bytes after some seconds, and keeps what it was sent."""

    def __init__(self, *replies: Reply, takes: float = 0) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self._replies = iter(replies)
        self._takes = takes
        self._clock = PlayedClock()

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        self._clock.sleep(self._takes)
        on_first_byte()
        self.sent.append((url, body))
        return next(self._replies)

    @property
    def client(self) -> PortalClient:
        webhook = Webhook("https://portal.test", 1, TOKEN)
        return PortalClient(webhook, self, RateLimiter(STANDARD, self._clock), self._clock, retry_seconds=0)


def answered(body: bytes) -> Any:
    return Replies(Reply(200, body)).client.call("profile")


def test_a_call_posts_its_parameters_as_json_and_returns_the_result() -> None:
    portal = Replies(Reply(200, b'{"result":{"ID":"7"},"time":{}}'))
    assert portal.client.call("crm.deal.get", {"id": 7, "select": ["ID"]}) == {"ID": "7"}
    assert portal.sent == [("https://portal.test/rest/1/S3cretT0ken/crm.deal.get", b'{"id":7,"select":["ID"]}')]


def test_the_portals_code_decides_the_error_and_not_the_status() -> None:
    with pytest.raises(errors.NoSuchMethod):
        Mounted().client.call("crm.deal.lst")
    with pytest.raises(errors.MissingScope):
        answered(b'{"error":"insufficient_scope","error_description":"","result":[]}')


def test_a_batch_returns_each_commands_answer_and_the_servers_time() -> None:
    portal = Mounted()
    portal.app.limits.latency.command = 0.25
    answers = portal.client.batch({"a": Command("crm.settings.mode.get"), "b": Command("no.such.method")})
    assert (answers.by_key["a"].result, answers.by_key["a"].error) == (1, None)
    assert type(answers.by_key["b"].error) is errors.NoSuchMethod
    assert answers.seconds == 0.25


def test_a_client_that_calls_without_pause_stays_within_the_request_rate() -> None:
    """P7.1"""
    portal = Mounted()
    for _ in range(60):
        portal.client.call("profile")
    assert portal.statuses == [200] * 60
    assert portal.clock.monotonic() == 5.5


def test_after_too_many_requests_the_bucket_counts_as_full() -> None:
    portal = Mounted()
    portal.app.fault("too_many_requests")
    portal.profile()
    assert portal.times == [0, 1]
    portal.client.call("profile")
    assert portal.clock.monotonic() == 1.5


def test_a_method_whose_operating_time_is_used_up_is_called_again_when_it_may_be(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """P7.5"""
    caplog.set_level(logging.INFO, "bitrix24")
    portal = Mounted()
    portal.app.fault("operating_time")
    portal.profile()
    assert portal.times == [0, 60]
    assert "Waiting 30 s more: the operating time of profile is used up" in caplog.messages


def test_a_command_whose_time_is_used_up_makes_only_its_method_wait() -> None:
    """P1.13"""
    portal = Mounted()
    portal.app.fault("command_time_limit", command=1)
    lead, deal = Command("crm.lead.list", {"start": -1}), Command("crm.deal.list", {"start": -1})
    answers = portal.client.batch({"a": lead, "b": deal}).by_key
    assert (type(answers["a"].error), type(answers["b"].error)) == (type(None), errors.OperatingTimeUsedUp)
    assert len(portal.client.batch({"a": lead}).by_key["a"].result) == 3
    assert portal.clock.monotonic() == 0
    assert len(portal.client.batch({"b": deal}).by_key["b"].result) == 3
    assert portal.clock.monotonic() == 60


def test_a_refusal_of_a_whole_batch_makes_all_its_methods_wait() -> None:
    """P7.5: it does not say which of them is meant."""
    portal = Mounted()
    portal.app.fault("operating_time", times=2)
    commands = {"a": Command("crm.deal.fields"), "b": Command("crm.lead.fields")}
    retry(portal.client, lambda: portal.client.batch(commands))
    assert portal.times == [0, 60, 120]
    assert portal.statuses == [429, 429, 200]


def test_a_method_that_has_little_operating_time_left_waits_before_it_is_refused() -> None:
    """P7.4: the account is kept by minutes, and is part of every answer."""
    portal = Mounted()
    portal.app.limits.latency.command = 50
    for _ in range(11):
        portal.client.call("crm.deal.fields")
    assert portal.statuses == [200] * 11
    assert portal.times == [*range(0, 450, 50), 650, 700]


def test_a_renamed_portal_is_followed_with_the_whole_request(caplog: pytest.LogCaptureFixture) -> None:
    """P7.12"""
    portal = Mounted()
    portal.app.moved_to = "https://new.test"
    params: Mapping[str, Any] = {"select": ["ID"], "filter": {"<ID": 3}, "order": {"ID": "DESC"}, "start": -1}
    rows = portal.client.call("crm.lead.list", params)
    assert rows == [{"ID": str(number)} for number in reversed(portal.app.portal.tables["lead"].ids) if number < 3]
    assert portal.statuses == [302, 200]
    assert portal.client.call("profile")["ID"] == "1"
    assert portal.statuses == [302, 200, 200]
    assert caplog.messages == ["The portal portal.test is now at new.test: put its new address into the settings."]


@pytest.mark.parametrize("to_http", [False, True])
def test_a_redirect_that_only_adds_a_slash_is_followed_with_the_whole_request_and_remembered(
    to_http: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """P7.12"""
    portal = Mounted()
    portal.app.adds_slash, portal.app.redirects_to_http = True, to_http
    answers = portal.client.batch({"a": Command("crm.lead.list", {"select": ["ID"], "start": -1})})
    assert len(answers.by_key["a"].result) == 3
    assert portal.client.call("profile")["ID"] == "1"
    assert portal.statuses == [301, 200, 200]
    assert caplog.messages == []


def test_a_portal_that_moved_and_wants_a_slash_is_followed_to_the_end() -> None:
    portal = Mounted()
    portal.app.moved_to, portal.app.adds_slash = "https://new.test", True
    assert portal.client.call("profile")["ID"] == "1"
    assert portal.statuses == [302, 301, 200]


def test_a_portal_that_redirects_again_and_again_is_an_error() -> None:
    portal = Mounted()
    portal.app.moved_to = "https://NEW.test"  # which no Host header says
    with pytest.raises(errors.PortalMoved, match="profile: it redirects again and again"):
        portal.profile()
    assert portal.statuses == [302] * 4


def test_a_redirect_of_a_portal_that_only_wants_its_cookie_is_followed() -> None:
    portal = Replies(Reply(302, b"", "/rest/1/S3cretT0ken/profile"), Reply(200, b'{"result":{"ID":"7"}}'))
    assert portal.client.call("profile") == {"ID": "7"}


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("https://portal.test/auth/?backurl=/rest/1/S3cretT0ken/profile", errors.LoginPage),
        ("/auth/?backurl=/rest/1/S3cretT0ken/profile", errors.LoginPage),
        ("https://sso.example/saml2/S3cretT0ken", errors.LoginPage),
        ("https://example.test/users/sign_in", errors.LoginPage),
        ("https://login.microsoftonline.com/common/", errors.LoginPage),
        ("https://new.test/authors/", errors.PortalMoved),
        ("/", errors.PortalMoved),
        ("https://new.test/rest/1/0therT0ken/profile", errors.PortalMoved),
        ("http://new.test/rest/1/S3cretT0ken/profile", errors.PortalMoved),
        ("https://user:S3cretT0ken@new.test/rest/1/S3cretT0ken/profile", errors.PortalMoved),
        ("https://[new.test/", errors.PortalMoved),
    ],
)
def test_a_redirect_to_anything_but_the_same_webhook_is_not_followed(
    location: str, kind: type[errors.PortalError]
) -> None:
    portal = Replies(Reply(302, b"<html></html>", location))
    with pytest.raises(errors.Refused) as caught:
        portal.client.call("profile")
    assert type(caught.value) is kind
    assert len(portal.sent) == 1
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_a_batch_has_the_portals_time_before_the_first_command() -> None:
    """P7.3"""
    portal = Mounted()
    portal.app.limits.latency.command = 5
    times = [portal.client.batch({"a": Command("profile")}).portal_time for _ in range(2)]
    first = datetime.fromtimestamp(1_796_000_000, MOSCOW)
    assert [str(time) for time in times] == [str(first), str(first + timedelta(seconds=5))]


@pytest.mark.parametrize("time", [b"", b',"time":[]', b',"time":{"date_start":null}', b',"time":{"date_start":"soon"}'])
def test_a_batch_has_no_portal_time_where_the_portal_does_not_send_it(time: bytes) -> None:
    body = b'{"result":{"result":{"a":1}}' + time + b"}"
    portal = Replies(Reply(200, body), takes=3)
    answers = portal.client.batch({"a": Command("profile")})
    assert (answers.by_key["a"].result, answers.seconds, answers.portal_time) == (1, 3, None)
    assert answers.size == len(body)


@pytest.mark.parametrize("kind", KINDS)
def test_no_failure_shows_the_token(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    portal = Mounted(retry_seconds=5)
    portal.app.fault(kind, times=99)
    shown = ""
    try:
        retry(portal.client, lambda: portal.client.batch({"a": Command("crm.deal.list")}))
    except errors.PortalError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error)
    assert TOKEN not in shown + caplog.text + repr(portal.client.webhook)


class Gate:
    """A portal that starts to answer and completes its answers when a test says so."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.may_start_answers = threading.Semaphore(0)
        self.may_end_answers = threading.Event()

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        self.started.release()
        assert self.may_start_answers.acquire(timeout=5)
        on_first_byte()
        assert self.may_end_answers.wait(5)
        return Reply(200, b'{"result":{"result":{"a":1}}}')


def test_no_more_requests_than_allowed_are_in_flight_until_the_portal_starts_to_answer() -> None:
    gate, clock = Gate(), PlayedClock()
    webhook = Webhook("https://portal.test", 1, TOKEN)
    client = PortalClient(webhook, gate, RateLimiter(STANDARD, clock), clock, retry_seconds=0, lanes=Lanes(2, clock))
    threads = [threading.Thread(target=lambda: client.batch({"a": Command("profile")})) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert gate.started.acquire(timeout=5)
    assert gate.started.acquire(timeout=5)
    assert not gate.started.acquire(timeout=0.02)
    gate.may_start_answers.release()
    assert gate.started.acquire(timeout=5)
    gate.may_start_answers.release(2)
    gate.may_end_answers.set()
    for thread in threads:
        thread.join(5)


@pytest.mark.parametrize("answer", [b'{"result":{"result":{"a":1}}}', b"<html>", b'{"error":"ACCESS_DENIED"}'])
def test_a_reply_gives_back_its_reserved_operating_time_as_soon_as_it_is_there(answer: bytes) -> None:
    clock = PlayedClock()
    limiter = RateLimiter(RequestRate(per_second=1000, burst=1000), clock)
    warm_up = b'{"result":{"result":{"a":1},"result_time":{"a":{"duration":200,"operating":200}}}}'
    portal = Replies(Reply(200, warm_up), *[Reply(200, answer)] * 3)
    reserved: list[float] = []

    class Watched:
        def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
            reserved.append(client.operating_wait("crm.deal.fields", 1))
            return portal.post(url, body, on_first_byte)

    client = PortalClient(Webhook("https://portal.test", 1, TOKEN), Watched(), limiter, clock, retry_seconds=0)
    for _ in range(4):  # a second request that holds 200 s would have to wait for ten minutes
        with suppress(errors.PortalError):
            client.batch({"a": Command("crm.deal.fields")})
        assert client.operating_wait("crm.deal.fields", 1) == 0
    assert [wait > 0 for wait in reserved] == [False, True, True, True]
    assert clock.monotonic() == 0


def test_direct_calls_and_commands_in_batches_have_operating_time_of_their_own() -> None:
    used_up = b'{"result":{"result":{"a":1},"result_time":{"a":{"duration":470,"operating":470}}}}'
    portal = Replies(Reply(200, used_up), Reply(200, b'{"result":1}'))
    client = portal.client
    client.batch({"a": Command("crm.deal.list")})
    assert client.operating_wait("crm.deal.list", 1) > 0
    assert client.call("crm.deal.list") == 1
    assert client.clock.monotonic() == 0
