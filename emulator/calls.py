"""One REST request behind the front end: who asks, which methods, what they cost, what comes back (P1, P7)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .batch import run_batch
from .faults import Fault, Faults
from .limits import Limits
from .messages import Logged, Response
from .methods import METHODS
from .php import values
from .registry import Outcome, RestError
from .store import Portal

PATH = re.compile(r"/rest/(?P<user>\d+)/(?P<token>[^/]+)/(?P<method>[\w.]+?)(?:\.json|\.xml)?/?")


class Webhook:
    """Whom the portal answers, and whether at all: `refusal` is what it says instead."""

    def __init__(self, user: int, token: str) -> None:
        self.user = user
        self.token = token
        self.refusal: RestError | None = None
        self.may_not_read: set[str] = set()

    def check(self, path: "re.Match[str] | None") -> str:
        """The method that is asked for. Raises RestError; an unknown method comes before the webhook (P7.8)."""
        name = path["method"].lower() if path else ""
        if path is None or (name != "batch" and name not in METHODS):
            raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
        if (int(path["user"]), path["token"]) != (self.user, self.token):
            raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
        if self.refusal:
            raise self.refusal
        return name


class Call:
    """A request under way."""

    def __init__(
        self, portal: Portal, webhook: Webhook, limits: Limits, faults: Faults, fault: Fault | None, log: Logged
    ) -> None:
        self._portal = portal
        self._webhook = webhook
        self._limits = limits
        self._faults = faults
        self._fault = fault
        self._log = log
        self._account = ""
        self._place = 0
        self._times: dict[str, float] = {}

    def answer(self, path: "re.Match[str] | None", params: dict[str, Any]) -> Response:
        """Run it."""
        started = self._portal.clock.now()
        self._log.seconds = self._limits.latency.request
        try:
            name = self._webhook.check(path)
            self._account = "batch" if name == "batch" else "direct"  # P7.4: separate accounts
            body = self._batch(params) if name == "batch" else self._run(name, params)
        except RestError as error:
            return Response.json({"error": error.code, "error_description": error.text}, error.status)
        finally:
            for method, seconds in self._times.items():
                self._limits.operating.add(self._key(method), seconds)
            self._times.clear()  # from here on they are in the account
        if self._is_hit("too_long"):
            self._log.seconds = self._limits.cut_after + 1
        return Response.json({**body, "time": self._time(started, self._log.seconds, name)})

    def _batch(self, params: dict[str, Any]) -> dict[str, Any]:
        result = run_batch(params, self._command)
        maps = [part for part in result.values() if isinstance(part, dict)]
        if self._is_hit("command_missing") and self._fault:
            missing = list(params["cmd"])[self._fault.command % len(params["cmd"])]
            for part in maps:
                part.pop(missing, None)
        if self._is_hit("rows_reversed"):
            for rows in values(result["result"]):
                if isinstance(rows, list):
                    rows.reverse()
        return {"result": result}

    def _command(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        before = self._log.seconds
        answered = self._run(name, params)
        cost = self._log.seconds - before
        answered["time"] = self._time(self._portal.clock.now(), cost, name)
        return answered

    def _run(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        self._place += 1
        if self._is_hit("command_error", self._place - 1):
            raise RestError("", "Something went wrong inside the portal.")
        if self._is_hit("command_time_limit", self._place - 1) or self._is_used_up(name):
            self._log.refused += 1
            raise RestError(
                "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429
            )  # P1.13, P7.5
        self._faults.before_call(name)
        if self._is_hit("filter_ignored") and isinstance(params.get("filter"), Mapping):
            params = {**params, "filter": {key: value for key, value in params["filter"].items() if key.endswith("ID")}}
        outcome = self._outcome(name, params)
        cost = self._limits.latency.of(outcome.rows, counted=outcome.counted, offset=outcome.offset)
        self._times[name] = self._times.get(name, 0.0) + cost
        self._log.seconds += cost
        self._log.rows += outcome.rows
        answered = {"result": outcome.result, "total": outcome.total, "next": outcome.next}
        return {key: value for key, value in answered.items() if key == "result" or value is not None}

    def _outcome(self, name: str, params: dict[str, Any]) -> Outcome:
        method = METHODS.get(name)
        if method is None:
            raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
        if method.scope and method.scope not in self._portal.scopes:
            text = "The request requires higher privileges than provided by the webhook token"
            raise RestError("insufficient_scope", text if self._account == "direct" else "", 401)  # P1.15
        if {method.reads, name} & self._webhook.may_not_read:
            raise RestError("", "Access denied.")  # P2.19
        return method.run(self._portal, params)

    def _is_hit(self, kind: str, place: int | None = None) -> bool:
        fault = self._fault
        return fault is not None and fault.kind == kind and place in (None, fault.command)

    def _is_used_up(self, name: str) -> bool:
        operating = self._limits.operating
        return operating.kept and operating.spent(self._key(name)) + self._times.get(name, 0.0) >= operating.limit

    def _key(self, name: str) -> str:
        return f"{self._account} {name}"

    def _time(self, started: float, seconds: float, name: str) -> dict[str, Any]:
        """The `time` block of a good answer (P7.3)."""
        told = {
            "start": int(started),
            "finish": started + seconds,
            "duration": seconds,
            "processing": 0,
            "date_start": self._shown(started),
            "date_finish": self._shown(started + seconds),
        }
        operating = self._limits.operating
        if operating.kept:
            under_way = self._times.get(name, 0.0)
            told["operating"] = operating.spent(self._key(name)) + (
                under_way if under_way > operating.not_counted else 0.0
            )
            told["operating_reset_at"] = operating.reset_at(self._key(name))
        return told

    def _shown(self, seconds: float) -> str:
        return datetime.fromtimestamp(int(seconds), self._portal.wire.zone).isoformat()
