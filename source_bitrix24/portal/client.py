"""One call to the portal: wait for its limits, send, decode, account for it, and raise what went wrong."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil, inf
from typing import Any, Protocol

import orjson

from .batch import (
    Answer,
    Command,
    MethodTimes,
    command_seconds,
    decode_batch,
    encode_batch,
    method_times,
    usage_from_times,
)
from .clock import Clock
from .errors import LoginPage, OperatingTimeUsedUp, PortalFailed, PortalMoved, TooManyRequests
from .front_end import is_login_page
from .lanes import Lane, Lanes
from .limits import RateLimiter, Usage
from .partial_json import BatchParts
from .reply import DecodedReply, Reply, decode_reply, portal_time
from .webhook import NotAWebhook, Webhook, portal_at

log = logging.getLogger("bitrix24")

BATCH = "batch"
_LOG_INTERVAL = 30.0  # seconds between two log lines of a wait
_JITTER = 0.2  # seconds of the network that are no sign of a queue
_MOST_REDIRECTS = 3  # of one request: to https, to a new name, and to the method with a slash


class Transport(Protocol):
    """The only way out of the process."""

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        """Send a JSON body, call `on_first_byte` when the portal starts to answer, and return the complete reply.

        Raises a PortalError if no reply came. Follows no redirect. Shows the URL to nobody.
        """


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one batch, by key; the server's seconds for all of them, and of each; their size in bytes.

    `portal_time`: the portal's clock, with its offset, before it ran the first command; None if it does not say (P7.3).
    """

    by_key: Mapping[str, Answer]
    seconds: float
    portal_time: datetime | None = None
    size: int = 0
    seconds_of: Mapping[str, float] = field(default_factory=dict)

    @property
    def read_at(self) -> datetime | None:
        """The portal's clock after the last command; whole seconds, rounded up."""
        return self.portal_time and self.portal_time + timedelta(seconds=ceil(self.seconds) + 1)


@dataclass(frozen=True, slots=True)
class _Received:
    """A reply, the seconds until its first byte, its lane, and what its times say."""

    reply: DecodedReply
    first_byte: float
    lane: Lane
    times: Sequence[MethodTimes] = ()


class PortalClient:
    """Calls one portal through one webhook, from any thread; `lanes` says how many requests may be in flight.

    `retry_seconds`: how long one operation is retried before its error is raised (retry.py). A wait for operating time is
    always completed.
    """

    def __init__(
        self,
        webhook: Webhook,
        transport: Transport,
        limiter: RateLimiter,
        clock: Clock,
        retry_seconds: float,
        lanes: Lanes | None = None,
    ) -> None:
        self.webhook = webhook
        self.clock = clock
        self.retry_seconds = retry_seconds
        self._transport = transport
        self._limiter = limiter
        self.lanes = lanes or Lanes(1, clock)
        self.has_answered = False
        self._least_outside = inf
        self._move_lock = threading.Lock()
        self._ending = ""  # of every method, where the portal wants one
        self._logged_at = clock.monotonic()

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method once, outside a batch, and return its `result`. Raises a PortalError."""
        return self.direct(Command(method, params or {})).result

    def direct(self, command: Command) -> Answer:
        """Send one command outside a batch. Raises a PortalError, also the command's own."""
        method = command.method
        self._reserve({method: 1})
        reply = self._exchange(method, command.params, {method: 1}, lambda reply: [_times(method, reply)]).reply
        assert not isinstance(reply.raw, BatchParts)
        return Answer(reply.raw)

    def batch(self, commands: Mapping[str, Command], *, is_reserved: bool = False) -> Answers:
        """Send up to 50 commands in one request. Raises a PortalError if the request as a whole failed.

        `is_reserved`: by `reserve`, with the same commands.
        """
        accounts = _accounts(commands)
        if not is_reserved:
            self._reserve(accounts)
        received = self._exchange(BATCH, encode_batch(commands), accounts, lambda reply: _batch_times(commands, reply))
        reply = received.reply
        answers = decode_batch(commands, reply.batch)
        for answer in answers.values():
            if isinstance(answer.error, OperatingTimeUsedUp):
                self._limiter.operating_time_used_up(in_batches(answer.error.method))
        queued = self._queued(received.first_byte - reply.seconds)
        for one in received.times:
            self.lanes.observe(received.lane, one.usage.account, one.pages, one.page_seconds + queued)
        moment = portal_time(reply.time.get("date_start"))
        return Answers(answers, reply.seconds, moment, reply.size, command_seconds(reply.batch))

    def redirect_of(self, host: str) -> str | None:
        """Return the portal that another host redirects to (P7.12). Sends it no webhook. Raises Unreachable or TimedOut."""
        scheme = self.webhook.origin.partition("://")[0]
        reply = self._transport.post(f"{scheme}://{host}/rest/", b"{}", lambda: None)
        try:
            return portal_at(reply.location or "") or None
        except ValueError:
            return None

    def reserve(self, commands: Mapping[str, Command]) -> bool:
        """Reserve the operating time of a batch, which must be sent then. False if there is none now."""
        return not self._limiter.reserve_operating(_accounts(commands))

    def operating_wait(self, method: str, commands: int) -> float:
        """Return the seconds until a batch of `commands` commands of a method has operating time, as far as is known."""
        return self._limiter.operating_wait({in_batches(method): commands, BATCH: commands})

    def direct_wait(self, method: str) -> float:
        """Return the seconds until a direct call of a method has operating time."""
        return self._limiter.operating_wait({method: 1})

    @property
    def has_headroom(self) -> bool:
        """Whether a few extra requests are harmless at the current request rate."""
        return self._limiter.has_headroom

    def pause(self, seconds: float, reason: str) -> None:
        """Sleep, with a log line every half minute, so that the platform sees life."""
        while seconds > 0:
            step = min(seconds, _LOG_INTERVAL)
            self.clock.sleep(step)
            seconds -= step
            if seconds > 0:
                self._log_sometimes(f"Waiting {seconds:.0f} s more: {reason}")

    def _reserve(self, accounts: Mapping[str, int]) -> None:
        while wait := self._limiter.reserve_operating(accounts):
            self.pause(wait, f"the operating time of {', '.join(accounts)} is used up")

    def _exchange(
        self,
        method: str,
        params: Mapping[str, Any],
        accounts: Mapping[str, int],
        times: Callable[[DecodedReply], list[MethodTimes]],
    ) -> _Received:
        """Wait for the request rate, send, and book what the reply says, as soon as it is there."""
        used: list[Usage] = []
        try:
            received = self._send(method, orjson.dumps(params))
            received = replace(received, times=times(received.reply))
            used = [one.usage for one in received.times]
            self.has_answered = True
            return received
        except TooManyRequests:
            self._limiter.bucket_ran_over()
            raise
        except OperatingTimeUsedUp:
            for account in accounts:  # a refused request does not say which of its methods is meant
                self._limiter.operating_time_used_up(account)
            raise
        finally:
            self._limiter.answered(accounts, used)

    def _send(self, method: str, body: bytes) -> _Received:
        self.pause(self._limiter.reserve_request(), "the portal's request rate limit")
        with self.lanes.lane() as occupied:
            started = self.clock.monotonic()
            first_byte = 0.0

            def on_first_byte() -> None:
                nonlocal first_byte
                first_byte = self.clock.monotonic() - started
                occupied.leave()

            try:
                reply = self._post(method, body, on_first_byte)
                decoded = decode_reply(method, reply, self.clock.monotonic() - started)
                return _Received(decoded, first_byte, occupied.lane)
            except (PortalFailed, TooManyRequests):
                self.lanes.failed(occupied.lane)
                raise

    def _queued(self, outside: float) -> float:
        """Return the seconds that a request waited in the portal's queue. `outside`: its seconds less the server's own."""
        self._least_outside = min(self._least_outside, max(0.0, outside))
        return max(0.0, outside - self._least_outside - _JITTER)

    def _post(self, method: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        for _ in range(_MOST_REDIRECTS + 1):
            webhook, ending = self.webhook, self._ending
            reply = self._transport.post(webhook.base + method + ending, body, on_first_byte)
            if reply.location is None:
                return reply
            self._follow(method, webhook, ending, reply.location)
        raise PortalMoved(method, "it redirects again and again")

    def _follow(self, method: str, webhook: Webhook, ending: str, location: str) -> None:
        """Take the address to which the portal redirects (P7.12); followed as a GET, the request would lose its body."""
        try:
            moved, new_ending = webhook.moved_to(location, method, ending)
        except NotAWebhook as problem:
            if is_login_page(location):
                raise LoginPage(method, "a redirect to a page where people log in") from None
            raise PortalMoved(method, str(problem)) from None
        with self._move_lock:
            before = self.webhook.host
            self.webhook, self._ending = moved, new_ending
        if before != moved.host:
            log.warning("The portal %s is now at %s: put its new address into the settings.", before, moved.host)

    def _log_sometimes(self, text: str) -> None:
        """Log, but not for every thread that waits."""
        now = self.clock.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL - 1:
            self._logged_at = now
            log.info("%s", text)


def in_batches(method: str) -> str:
    """The account of operating time for a method's commands in batches; the method's own one is for direct calls (P7.4)."""
    return f"{method} in batches"


def _accounts(commands: Mapping[str, Command]) -> Mapping[str, int]:
    """Return how many commands a batch has for each account of operating time (P7.4, P7.14)."""
    return {**Counter(in_batches(command.method) for command in commands.values()), BATCH: len(commands)}


def _batch_times(commands: Mapping[str, Command], reply: DecodedReply) -> list[MethodTimes]:
    """Return what the reply to a batch says about each account."""
    inner = method_times(commands, reply.batch, reply.portal_now)
    whole = _times(BATCH, reply)
    return [
        *(replace(one, usage=replace(one.usage, account=in_batches(one.usage.account))) for one in inner),
        replace(whole, usage=replace(whole.usage, commands=max(1, len(commands)))),
    ]


def _times(account: str, reply: DecodedReply) -> MethodTimes:
    return MethodTimes(usage_from_times(account, [reply.time], reply.portal_now))
