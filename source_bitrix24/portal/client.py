"""One call to the portal: wait for its limits, send, decode, account for it, and raise what went wrong."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import orjson

from .batch import Answer, Command, as_float, batch_usage, decode_batch, encode_batch, usage_from_times
from .clock import Clock
from .errors import OperatingTimeUsedUp, Passing, PortalFailed, PortalMoved, TooManyRequests, error_from_code
from .limits import RateLimiter, Usage
from .webhook import NotAWebhook, Webhook

T = TypeVar("T")
log = logging.getLogger("airbyte.bitrix24")

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_SAY_EVERY = 30.0
_TOO_LONG_AT_WORK = 429  # P7.5: its body can be HTML


@dataclass(frozen=True, slots=True)
class Reply:
    """The bytes a portal answered with, and where it redirects to, if it does."""

    status: int
    body: bytes
    location: str | None = None


class Transport(Protocol):
    """The one way out of the process."""

    def post(self, url: str, body: bytes) -> Reply:
        """Send a JSON body. Raises Unreachable or TimedOut; follows no redirect; shows the URL to nobody."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The reader is about to wait: why, and for how many seconds."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for the commands of one batch, by key, and the seconds the server worked on them.

    `asked_at`: the portal's clock, with its offset, before it ran the first command; None if it does not tell (P7.3).
    """

    by_key: Mapping[str, Answer]
    seconds: float
    asked_at: datetime | None = None

    def __getitem__(self, key: str) -> Answer:
        return self.by_key[key]


class PortalClient:
    """Calls one portal through one webhook, from any thread.

    `patience` is how many seconds one operation may go on failing before its error is raised; a wait for operating time
    that has begun is waited to its end.
    `on_wait` is told of every wait that a person would notice.
    """

    def __init__(
        self,
        webhook: Webhook,
        transport: Transport,
        limiter: RateLimiter,
        clock: Clock,
        patience: float,
        on_wait: Callable[[Wait], None] = lambda wait: None,
    ) -> None:
        self.webhook = webhook
        self._transport = transport
        self._limiter = limiter
        self._clock = clock
        self._patience = patience
        self._on_wait = on_wait
        self._moving = threading.Lock()

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method once and return its `result`. Raises a PortalError."""
        return self._call(method, params or {}, {method: 1}, _own_usage(method)).result

    def batch(self, commands: Mapping[str, Command]) -> Answers:
        """Send up to 50 commands in one request, once. Raises a PortalError if the request as a whole failed."""
        counts = Counter(command.method for command in commands.values())
        answer = self._call("batch", encode_batch(commands), counts, _batch_usage(commands))
        answers = decode_batch(commands, answer.result)
        for command_answer in answers.values():
            if isinstance(command_answer.error, OperatingTimeUsedUp):
                self._limiter.operating_time_used_up(command_answer.error.method)
        return Answers(answers, answer.seconds, portal_time(answer.time.get("date_start")))

    def operating_wait(self, method: str, commands: int) -> float:
        """Seconds until so many commands of a method may be sent, as far as is known."""
        return self._limiter.operating_wait({method: commands})

    def patiently(self, attempt: Callable[[], T], on_failure: Callable[[Passing], None] = lambda error: None) -> T:
        """Repeat `attempt` while it fails with Passing errors, with growing pauses, as long as patience lasts.

        `on_failure` hears of each failure, so that the next attempt may ask for less.
        """
        started = self._clock.monotonic()
        pause = _FIRST_PAUSE
        while True:
            try:
                return attempt()
            except Passing as failure:
                on_failure(failure)
                # the limiter already makes the next call of a used-up method wait until its time
                seconds = 0.0 if isinstance(failure, OperatingTimeUsedUp) else pause
                if self._clock.monotonic() - started + seconds > self._patience:
                    raise
                log.info("Asking again after %.0f s: %s", seconds, failure)
                self._pause(Wait(str(failure), seconds))
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _call(
        self, method: str, params: Mapping[str, Any], counts: Mapping[str, int], usage: "_UsageOf"
    ) -> "_GoodAnswer":
        while wait := self._limiter.reserve_operating(counts):
            self._pause(Wait(f"the operating time of {', '.join(counts)} is used up", wait))
        used: list[Usage] = []
        try:
            self._pause(Wait("the portal's limit of requests", self._limiter.reserve_request()))
            answer = self._ask(method, orjson.dumps(params))
            used = usage(answer)
            return answer
        except TooManyRequests:
            self._limiter.bucket_ran_over()
            raise
        except OperatingTimeUsedUp:
            for used_up in counts:  # a refusal of the whole request does not say which of its methods it means
                self._limiter.operating_time_used_up(used_up)
            raise
        finally:
            self._limiter.answered(counts, used)

    def _ask(self, method: str, body: bytes) -> "_GoodAnswer":
        sent = self._clock.monotonic()
        reply = self._send(method, body)
        took = self._clock.monotonic() - sent
        answer = _decode(method, reply)
        if "error" in answer:
            text = str(answer.get("error_description", ""))
            raise error_from_code(method, answer["error"], text, reply.status)
        if "result" not in answer:
            raise PortalFailed(method, f"HTTP {reply.status} without a result")
        time = answer.get("time")
        return _GoodAnswer(answer["result"], time if isinstance(time, dict) else {}, took)

    def _send(self, method: str, body: bytes) -> Reply:
        reply = self._transport.post(self.webhook.base + method, body)
        if reply.location is None:
            return reply
        # P7.12: a renamed portal redirects; followed as a GET, the request would lose its body
        with self._moving:
            before = self.webhook.host
            try:
                self.webhook = self.webhook.moved_to(reply.location)
            except NotAWebhook as problem:
                raise PortalMoved(method, str(problem)) from None
        if before != self.webhook.host:
            log.warning("The portal %s is now at %s: put its new address into the settings.", before, self.webhook.host)
        reply = self._transport.post(self.webhook.base + method, body)
        if reply.location is not None:
            raise PortalMoved(method, "it redirects again and again")
        return reply

    def _pause(self, wait: Wait) -> None:
        left = wait.seconds
        if left >= _FIRST_PAUSE:
            self._on_wait(wait)
        while left > 0:
            step = min(left, _SAY_EVERY)
            self._clock.sleep(step)
            left -= step
            if left > 0:
                log.info("Waiting %.0f s more: %s", left, wait.reason)


def portal_time(text: object) -> datetime | None:
    """A reading of the portal's clock, with its offset; None if this is none."""
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return told if told.tzinfo else None


@dataclass(frozen=True, slots=True)
class _GoodAnswer:
    result: Any
    time: Mapping[str, Any]
    took: float

    @property
    def seconds(self) -> float:
        return as_float(self.time.get("duration")) or self.took

    @property
    def portal_now(self) -> float | None:
        return as_float(self.time.get("finish"))


_UsageOf = Callable[[_GoodAnswer], list[Usage]]


def _own_usage(method: str) -> _UsageOf:
    return lambda answer: [usage_from_times(method, [answer.time], answer.portal_now)]


def _batch_usage(commands: Mapping[str, Command]) -> _UsageOf:
    return lambda answer: batch_usage(commands, answer.result, answer.portal_now)


def _decode(method: str, reply: Reply) -> dict[str, Any]:
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        answer = _decode_leniently(method, reply)
    if not isinstance(answer, dict):
        raise PortalFailed(method, f"HTTP {reply.status} with JSON that is no object")
    return answer


def _decode_leniently(method: str, reply: Reply) -> Any:
    """JSON with halves of surrogate pairs, which PHP sends and orjson rejects; they become question marks."""
    try:
        text = json.dumps(json.loads(reply.body), ensure_ascii=False)
    except (ValueError, RecursionError):
        if reply.status == _TOO_LONG_AT_WORK:
            raise OperatingTimeUsedUp(method, "HTTP 429") from None
        kind = "an empty body" if not reply.body.strip() else "a body that is no JSON"
        raise PortalFailed(method, f"HTTP {reply.status} with {kind}") from None
    return json.loads(text.encode("utf-8", "replace"))
