"""One call to the portal: wait for its limits, send, decode, account for it, and raise what went wrong."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

import orjson

from .batch import Answer, Command, batch_usage, decode_batch, encode_batch, usage_from_times
from .clock import Clock
from .errors import OperatingTimeUsedUp, PortalError, PortalMoved, TooManyRequests
from .limits import RateLimiter, Usage
from .reply import DecodedReply, Reply, decode_reply, portal_time
from .webhook import NotAWebhook, Webhook

log = logging.getLogger("bitrix24")

BATCH = "batch"
_LOG_INTERVAL = 30.0  # seconds between two log lines of a wait


class Transport(Protocol):
    """The only way out of the process."""

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        """Send a JSON body, call `on_first_byte` when the portal starts to answer, and return the complete reply.

        Raises Unreachable or TimedOut. Follows no redirect. Shows the URL to nobody.
        """


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was sent: the raw reply, or the error that prevented one. `seconds`: from sending to the last byte."""

    method: str
    counts: Mapping[str, int]
    seconds: float
    reply: Reply | None = None
    error: PortalError | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one batch, by key; the server's seconds for all of them; their size in bytes.

    `portal_time`: the portal's clock, with its offset, before it ran the first command; None if it does not say (P7.3).
    """

    by_key: Mapping[str, Answer]
    seconds: float
    portal_time: datetime | None = None
    size: int = 0


class PortalClient:
    """Calls one portal through one webhook, from any thread, with at most `max_in_flight` requests at once.

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
        max_in_flight: int = 4,
    ) -> None:
        self.webhook = webhook
        self.clock = clock
        self.retry_seconds = retry_seconds
        self._transport = transport
        self._limiter = limiter
        self._slots = threading.Semaphore(max_in_flight)
        self._move_lock = threading.Lock()
        self._logged_at = clock.monotonic()

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method once and return its `result`. Raises a PortalError."""
        sent = self._send(method, params or {}, {method: 1})
        return self._decode(sent, lambda reply: [usage_from_times(method, [reply.time], reply.portal_now)]).result

    def send(self, commands: Mapping[str, Command]) -> SentRequest:
        """Send up to 50 commands in one batch and return the raw reply. Blocks, decodes nothing, never raises.

        Operating time stays reserved until `decode` or `release` is called with the result.
        """
        return self._send(BATCH, encode_batch(commands), _accounts(commands))

    def decode(self, commands: Mapping[str, Command], sent: SentRequest) -> Answers:
        """Return the answers in a reply. Raises a PortalError if the request as a whole failed."""
        reply = self._decode(sent, lambda reply: _usages(commands, reply))
        answers = decode_batch(commands, reply.batch)
        for answer in answers.values():
            if isinstance(answer.error, OperatingTimeUsedUp):
                self._limiter.operating_time_used_up(answer.error.method)
        return Answers(answers, reply.seconds, portal_time(reply.time.get("date_start")), reply.size)

    def release(self, sent: SentRequest) -> None:
        """Discard a reply and release its reserved operating time."""
        if sent.reply:
            self._limiter.answered(sent.counts, [])

    def operating_wait(self, method: str, commands: int) -> float:
        """Return the seconds until a batch of `commands` commands of a method has operating time, as far as is known."""
        return self._limiter.operating_wait({method: commands, BATCH: commands})

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

    def _send(self, method: str, params: Mapping[str, Any], counts: Mapping[str, int]) -> SentRequest:
        while wait := self._limiter.reserve_operating(counts):
            self.pause(wait, f"the operating time of {', '.join(counts)} is used up")
        slot = _Slot(self._slots)
        try:
            self.pause(self._limiter.reserve_request(), "the portal's request rate limit")
            started = self.clock.monotonic()
            reply = self._post(method, orjson.dumps(params), slot.free)
            seconds = self.clock.monotonic() - started
            if reply.status != HTTPStatus.OK:
                decode_reply(method, reply, seconds)  # raises now, so that the limiter learns of a refusal at once
            return SentRequest(method, counts, seconds, reply)
        except PortalError as error:
            self._failed(counts, error)
            return SentRequest(method, counts, 0.0, error=error)
        finally:
            slot.free()

    def _decode(self, sent: SentRequest, usages: Callable[[DecodedReply], list[Usage]]) -> DecodedReply:
        if not sent.reply:
            assert sent.error
            raise sent.error
        try:
            reply = decode_reply(sent.method, sent.reply, sent.seconds)
            used = usages(reply)
        except PortalError as error:
            self._failed(sent.counts, error)
            raise
        self._limiter.answered(sent.counts, used)
        return reply

    def _failed(self, counts: Mapping[str, int], error: PortalError) -> None:
        self._limiter.answered(counts, [])
        if isinstance(error, TooManyRequests):
            self._limiter.bucket_ran_over()
        elif isinstance(error, OperatingTimeUsedUp):
            for method in counts:  # a refused request does not say which of its methods is meant
                self._limiter.operating_time_used_up(method)

    def _post(self, method: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        reply = self._transport.post(self.webhook.base + method, body, on_first_byte)
        if reply.location is None:
            return reply
        # P7.12: a renamed portal redirects; followed as a GET, the request would lose its body
        with self._move_lock:
            before = self.webhook.host
            try:
                self.webhook = self.webhook.moved_to(reply.location)
            except NotAWebhook as problem:
                raise PortalMoved(method, str(problem)) from None
        if before != self.webhook.host:
            log.warning("The portal %s is now at %s: put its new address into the settings.", before, self.webhook.host)
        reply = self._transport.post(self.webhook.base + method, body, on_first_byte)
        if reply.location is not None:
            raise PortalMoved(method, "it redirects again and again")
        return reply

    def _log_sometimes(self, text: str) -> None:
        """Log, but not for every thread that waits."""
        now = self.clock.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL - 1:
            self._logged_at = now
            log.info("%s", text)


def _accounts(commands: Mapping[str, Command]) -> Mapping[str, int]:
    """Return how many commands a batch has for each account of operating time (P7.4, P7.14)."""
    return {**Counter(command.method for command in commands.values()), BATCH: len(commands)}


def _usages(commands: Mapping[str, Command], reply: DecodedReply) -> list[Usage]:
    """Return what a reply says about each account."""
    whole = usage_from_times(BATCH, [reply.time], reply.portal_now)
    return [*batch_usage(commands, reply.batch, reply.portal_now), replace(whole, commands=max(1, len(commands)))]


class _Slot:
    """One of the requests in flight. It is freed once: when the portal starts to answer, or when the request fails."""

    def __init__(self, slots: threading.Semaphore) -> None:
        slots.acquire()
        self._slots: threading.Semaphore | None = slots

    def free(self) -> None:
        if self._slots:
            self._slots.release()
            self._slots = None
