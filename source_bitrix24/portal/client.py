"""One call to the portal: wait for its limits, send, decode, account for it, and raise what went wrong."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import orjson

from .batch import Answer, Command, batch_usage, decode_batch, encode_batch, usage_from_times
from .clock import Clock
from .errors import (
    OperatingTimeUsedUp,
    Passing,
    PortalError,
    PortalMoved,
    TooManyRequests,
)
from .limits import RateLimiter, Usage
from .reply import GoodAnswer, Reply, good_answer, portal_time
from .webhook import NotAWebhook, Webhook

T = TypeVar("T")
log = logging.getLogger("airbyte.bitrix24")

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_SAY_EVERY = 30.0


class Transport(Protocol):
    """The one way out of the process."""

    def post(self, url: str, body: bytes, on_answer: Callable[[], None]) -> Reply:
        """Send a JSON body, call `on_answer` once the portal begins to answer, and return when all of it is there.

        Raises Unreachable or TimedOut; follows no redirect; shows the URL to nobody.
        """


@dataclass(frozen=True, slots=True)
class Wait:
    """The reader is about to wait: why, and for how many seconds."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was sent, with the bytes that came back or the error that kept them away. See `PortalClient.ask`."""

    method: str
    counts: Mapping[str, int]
    took: float
    reply: Reply | None = None
    error: PortalError | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back for the commands of one batch, by key; the seconds the server worked on them; their size in bytes.

    `asked_at`: the portal's clock, with its offset, before it ran the first command; None if it does not tell (P7.3).
    """

    by_key: Mapping[str, Answer]
    seconds: float
    asked_at: datetime | None = None
    size: int = 0

    def __getitem__(self, key: str) -> Answer:
        return self.by_key[key]


class PortalClient:
    """Calls one portal through one webhook, from any thread, with no more than `at_once` requests under way.

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
        at_once: int = 4,
    ) -> None:
        self.webhook = webhook
        self._transport = transport
        self._limiter = limiter
        self._clock = clock
        self._patience = patience
        self._on_wait = on_wait
        self._places = threading.Semaphore(at_once)
        self._moving = threading.Lock()
        self._said_at = clock.monotonic()

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Call a method once and return its `result`. Raises a PortalError."""
        return self._receive(self._ask(method, params or {}, {method: 1}), _own_usage(method)).result

    def batch(self, commands: Mapping[str, Command]) -> Answers:
        """Send up to 50 commands in one request, once. Raises a PortalError if the request as a whole failed."""
        return self.answers(commands, self.ask(commands))

    def ask(self, commands: Mapping[str, Command]) -> Asked:
        """The first half of `batch`, which only waits: for the limits, and for the portal's bytes. Raises nothing.

        It holds operating time reserved until `answers`, or `forget`, is called.
        """
        counts = Counter(command.method for command in commands.values())
        return self._ask("batch", encode_batch(commands), counts)

    def answers(self, commands: Mapping[str, Command], asked: Asked) -> Answers:
        """The second half of `batch`, which only computes."""
        answer = self._receive(asked, _batch_usage(commands))
        answers = decode_batch(commands, answer.result)
        for command_answer in answers.values():
            if isinstance(command_answer.error, OperatingTimeUsedUp):
                self._limiter.operating_time_used_up(command_answer.error.method)
        return Answers(answers, answer.seconds, portal_time(answer.time.get("date_start")), answer.size)

    def forget(self, asked: Asked) -> None:
        """Nobody will want the answers."""
        if asked.reply:
            self._limiter.answered(asked.counts, [])

    def operating_wait(self, method: str, commands: int) -> float:
        """Seconds until so many commands of a method may be sent, as far as is known."""
        return self._limiter.operating_wait({method: commands})

    @property
    def requests_are_plenty(self) -> bool:
        """Whether some requests more or less make no difference to the portal's limit of them."""
        return self._limiter.bucket_is_nearly_empty

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

    def _ask(self, method: str, params: Mapping[str, Any], counts: Mapping[str, int]) -> Asked:
        while wait := self._limiter.reserve_operating(counts):
            self._pause(Wait(f"the operating time of {', '.join(counts)} is used up", wait))
        place = _Place(self._places)
        try:
            self._pause(Wait("the portal's limit of requests", self._limiter.reserve_request()))
            sent = self._clock.monotonic()
            reply = self._send(method, orjson.dumps(params), place.give_back)
            took = self._clock.monotonic() - sent
            if reply.status != HTTPStatus.OK:
                good_answer(method, reply, took)  # what failed is told at once, not when somebody takes the answer
            return Asked(method, counts, took, reply)
        except PortalError as error:
            self._failed(counts, error)
            return Asked(method, counts, 0.0, error=error)
        finally:
            place.give_back()

    def _receive(self, asked: Asked, usage: "_UsageOf") -> GoodAnswer:
        if not asked.reply:
            assert asked.error
            raise asked.error
        try:
            answer = good_answer(asked.method, asked.reply, asked.took)
            used = usage(answer)
        except PortalError as error:
            self._failed(asked.counts, error)
            raise
        self._limiter.answered(asked.counts, used)
        return answer

    def _failed(self, counts: Mapping[str, int], error: PortalError) -> None:
        self._limiter.answered(counts, [])
        if isinstance(error, TooManyRequests):
            self._limiter.bucket_ran_over()
        elif isinstance(error, OperatingTimeUsedUp):
            for used_up in counts:  # a refusal of the whole request does not say which of its methods it means
                self._limiter.operating_time_used_up(used_up)

    def _send(self, method: str, body: bytes, on_answer: Callable[[], None]) -> Reply:
        reply = self._transport.post(self.webhook.base + method, body, on_answer)
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
        reply = self._transport.post(self.webhook.base + method, body, on_answer)
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
                self._say(f"Waiting {left:.0f} s more: {wait.reason}")

    def _say(self, text: str) -> None:
        """Tell people, but not for every thread that waits."""
        now = self._clock.monotonic()
        if now - self._said_at >= _SAY_EVERY - 1:
            self._said_at = now
            log.info("%s", text)


class _Place:
    """A place among the requests under way. It is given back once, when the portal begins to answer or nothing comes."""

    def __init__(self, places: threading.Semaphore) -> None:
        places.acquire()
        self._places: threading.Semaphore | None = places

    def give_back(self) -> None:
        if self._places:
            self._places.release()
            self._places = None


_UsageOf = Callable[[GoodAnswer], list[Usage]]


def _own_usage(method: str) -> _UsageOf:
    return lambda answer: [usage_from_times(method, [answer.time], answer.portal_now)]


def _batch_usage(commands: Mapping[str, Command]) -> _UsageOf:
    return lambda answer: batch_usage(commands, answer.result, answer.portal_now)
