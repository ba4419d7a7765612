"""One REST request behind the front end: run its methods, let their server time pass, write the answer (P1, P7)."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from .batch import run_batch
from .faults import ANSWERS, Fault, Faults
from .limits import Limits
from .messages import LogEntry, Response
from .methods import METHODS
from .methods.paging import page_of
from .php import int_cast, values
from .registry import Outcome, RegisteredMethod, RestError, shortened
from .store import Portal
from .webhook import Webhook
from .workers import Worker

_Run = Callable[[dict[str, Any]], Outcome]


def _wrapped(
    wrap: Callable[[str, dict[str, Any], _Run], Outcome], name: str, run: _Run, params: dict[str, Any]
) -> Outcome:
    return wrap(name, params, run)


@dataclass(slots=True)
class _Call:
    """A call of a method: the server seconds that it takes, and its `time` block, filled in by `response`."""

    method: str
    seconds: float
    starts_at: float = 0.0
    time: dict[str, Any] = field(default_factory=dict)


class RequestHandler:
    """Handles one request: `run`, then `work`, then `response`. Only `run` reads the portal's data."""

    def __init__(
        self, portal: Portal, webhook: Webhook, limits: Limits, faults: Faults, fault: Fault | None, entry: LogEntry
    ) -> None:
        self._portal = portal
        self._webhook = webhook
        self._limits = limits
        self._faults = faults
        self._fault = fault
        self._entry = entry
        self._method = ""
        self._body: dict[str, Any] = {}
        self._error: RestError | None = None
        self._attempts = 0
        self._calls: list[_Call] = []
        self._started_at = portal.clock.now()

    def run(self, path: "re.Match[str] | None", params: dict[str, Any]) -> None:
        """Compute the answer."""
        try:
            self._method = self._webhook.check(path)
            self._body = self._batch(params) if self._method == "batch" else self._direct(params)
        except RestError as error:
            self._error = error

    def work(self, worker: Worker) -> None:
        """Let the server time pass."""
        worker.work(self._limits.latency.request)
        for call in self._calls:
            call.starts_at = self._started_at + worker.seconds
            call.seconds = worker.work(call.seconds)
        if self._is_hit("too_long"):
            worker.work(self._limits.cut_after + 1)
        self._entry.seconds = worker.seconds
        worker.finish()

    def response(self) -> Response:
        """Charge the operating time and write the answer."""
        operating = self._limits.operating
        spent: defaultdict[str, float] = defaultdict(float)
        for call in self._calls:
            account = self._account(call.method)
            spent[account] += call.seconds
            call.time.update(self._time(call.starts_at, call.seconds))
            call.time.update(operating.of_command(account, spent[account]))
        for account, seconds in spent.items():
            operating.add(account, seconds)
        if self._entry.queued + self._entry.seconds > self._limits.cut_after:
            return Response.text(*ANSWERS["gateway_timeout"])  # P7.6
        if self._error:
            body = {"error": self._error.code, "error_description": self._error.text}
            return Response.json(body, self._error.status)
        time = self._time(self._started_at, self._entry.seconds) | operating.of_request(
            self._account(self._method) if self._method != "batch" else "direct batch"
        )
        return Response.json({**self._body, "time": self._portal.rules.odd_time(time)})

    def _direct(self, params: dict[str, Any]) -> dict[str, Any]:
        answer = self._call(self._method, params)
        # written here, in time that is a part of the server time
        return answer | {"result": orjson.Fragment(orjson.dumps(answer["result"]))}

    def _batch(self, params: dict[str, Any]) -> dict[str, Any]:
        if self._limits.operating.charges_batches_whole:
            self._check_operating_time("batch")
        result = run_batch(params, self._command, rules=self._portal.rules.batch)
        maps = [part for part in result.values() if isinstance(part, dict)]
        if self._is_hit("command_missing") and self._fault:
            missing = list(params["cmd"])[self._fault.command % len(params["cmd"])]
            for part in maps:
                part.pop(missing, None)
        if self._is_hit("rows_reversed"):
            for rows in values(result["result"]):
                if isinstance(rows, list):
                    rows.reverse()
        return {"result": result | {"result": orjson.Fragment(orjson.dumps(result["result"]))}}

    def _command(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        answer = self._call(name, params)
        return answer | {"time": self._calls[-1].time}

    def _call(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        place = self._attempts
        self._attempts += 1
        if self._is_hit("command_error", place):
            raise RestError("", "Something went wrong inside the portal.")
        if self._is_hit("command_time_limit", place):
            self._refuse_for_operating_time()
        if not (self._method == "batch" and self._limits.operating.charges_batches_whole):
            self._check_operating_time(name)
        self._faults.before_call(name)
        if self._is_filter_hit("filter_ignored", name) and isinstance(params.get("filter"), Mapping):
            params = {**params, "filter": {key: value for key, value in params["filter"].items() if key.endswith("ID")}}
        if self._is_filter_hit("filter_null", name) and isinstance(params.get("filter"), Mapping):
            filter_ = {key: value if key.endswith("ID") else "no date" for key, value in params["filter"].items()}
            params = {**params, "filter": filter_}  # P2.14
        outcome = self._outcome(name, params)
        if self._is_hit("short_page", place) and "start" in params:
            outcome = shortened(outcome)
        seconds = self._limits.latency.of(outcome.rows, counted=outcome.counted, offset=outcome.offset)
        self._calls.append(_Call(name, seconds))
        self._entry.rows += outcome.rows
        total, most = outcome.total, self._portal.greatest_total
        if total is not None and most is not None:
            total = min(total, most)  # P2.6
        answer = {"result": outcome.result, "total": total, "next": outcome.next}
        return {key: value for key, value in answer.items() if key == "result" or value is not None}

    def _outcome(self, name: str, params: dict[str, Any]) -> Outcome:
        method = METHODS.get(name)
        if method is None:
            raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
        if method.scope and method.scope not in self._portal.scopes:
            text = "The request requires higher privileges than provided by the webhook token"
            raise RestError(
                self._portal.rules.code_of_missing_scope, "" if self._method == "batch" else text, 401
            )  # P1.15
        self._webhook.check_access(name, method.reads, params.get("id"))
        outcome = self._around(name, method)(params)
        if size := self._portal.page_sizes.get(name):
            outcome = page_of(outcome, int_cast(params.get("start")), size)
        if odd := self._portal.odd.get(name):
            outcome.result = odd(outcome.result)
        return outcome

    def _around(self, name: str, method: RegisteredMethod) -> Callable[[dict[str, Any]], Outcome]:
        """A method with everything that twists have put around it."""

        def run(params: dict[str, Any]) -> Outcome:
            return method.run(self._portal, params)

        for wrap in self._portal.rules.around:
            run = partial(_wrapped, wrap, name, run)
        return run

    def _is_hit(self, kind: str, place: int | None = None) -> bool:
        fault = self._fault
        return fault is not None and fault.kind == kind and place in (None, fault.command)

    def _is_filter_hit(self, kind: str, method: str) -> bool:
        return self._is_hit(kind) and self._fault is not None and self._fault.method in ("", method)

    def _account(self, method: str) -> str:
        """The account that a call is charged to (P7.4, P7.14)."""
        if self._method != "batch":
            return f"batch {method}" if self._limits.operating.shares_direct_calls else f"direct {method}"
        return "direct batch" if self._limits.operating.charges_batches_whole else f"batch {method}"

    def _check_operating_time(self, method: str) -> None:
        account = self._account(method)
        running = sum(call.seconds for call in self._calls if self._account(call.method) == account)
        if self._limits.operating.is_used_up(account, running):
            self._refuse_for_operating_time()

    def _refuse_for_operating_time(self) -> None:
        self._entry.refused += 1
        text = "Method is blocked due to operation time limit."
        raise RestError("OPERATION_TIME_LIMIT", text, 429)  # P1.13, P7.5

    def _time(self, started_at: float, seconds: float) -> dict[str, Any]:
        """The `time` block of a good answer, without operating time (P7.3)."""
        return {
            "start": int(started_at),
            "finish": started_at + seconds,
            "duration": seconds,
            "processing": 0,
            "date_start": self._local(started_at),
            "date_finish": self._local(started_at + seconds),
        }

    def _local(self, seconds: float) -> str:
        return datetime.fromtimestamp(int(seconds), self._portal.wire.zone).isoformat()
