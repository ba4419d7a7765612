"""The portal as an HTTP application: one request in, one response out."""

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .control import PREFIX, Control
from .faults import ANSWERS, CONNECTION, LOGIN, ConnectionFault, Fault, Faults
from .limits import Limits
from .messages import LogEntry, Request, Response
from .request_handler import RequestHandler
from .store import Portal
from .webhook import PATH, SAMPLE_TOKEN, Webhook

__all__ = ["SAMPLE_TOKEN", "App"]


class App:
    """A portal behind one webhook. It can be served on a socket or mounted on a session, and called from any thread.

    `moved_to`: the address that a renamed portal redirects to (P7.12). `adds_slash`: whether its web server redirects to the
    method with a slash; `redirects_to_http`: whether that redirect names plain http, as behind a proxy (P7.12). `log`: an
    entry for each request in the order of arrival. `on_logged` is called with each entry when its request is done.
    """

    def __init__(self, portal: Portal, origin: str = "https://portal.test", token: str = SAMPLE_TOKEN) -> None:
        self.portal = portal
        self.origin = origin
        self.webhook = Webhook(1, token)
        self.limits = Limits(portal.clock)
        self.faults = Faults()
        self.moved_to = ""
        self.adds_slash = False
        self.redirects_to_http = False
        self.log: list[LogEntry] = []
        self.on_logged: Callable[[LogEntry], object] = lambda entry: None
        self._lock = threading.RLock()
        self._control = Control(portal, self.faults, self.log)

    @property
    def webhook_url(self) -> str:
        """The address that a user pastes."""
        return f"{self.origin}/rest/{self.webhook.user}/{self.webhook.token}/"

    def fault(self, kind: str, **when: Any) -> None:
        """Script a fault: `app.fault("reset", at=3)`; see faults.Fault."""
        with self._lock:
            self.faults.add(Fault(kind, **when))

    def before(self, method: str, nth: int, action: Callable[[], object]) -> None:
        """Run `action` before the n-th call of a method, counted from now: an edit in the middle of a sync."""
        with self._lock:
            self.faults.before(method, nth, action)

    def statistics(self) -> dict[str, Any]:
        """Totals since the last reset; see Control."""
        return self._control.statistics()

    def handle(self, request: Request) -> Response:
        """Answer a request when its time has passed. Raises ConnectionFault if no whole answer gets through."""
        url = urlsplit(request.path)
        if url.path.startswith(PREFIX):
            with self._lock:
                return self._control.handle(request.method, url.path, request.body)
        path = PATH.fullmatch(url.path)
        params = request.parameters(url.query)
        clock, network = self.portal.clock, self.limits.latency.network
        clock.sleep(network / 2)
        with self._lock:
            entry, fault = self._arrive(path, params)
            response = self._front_end(request, fault)
        if response is None:
            response = self._run(path, params, entry, fault)
        if fault and fault.kind == "cut_body":
            response = Response(response.status, response.headers, response.body[: len(response.body) // 2])
        entry.status = response.status
        clock.sleep(network / 2)
        self.on_logged(entry)
        if entry.fault in CONNECTION:
            raise ConnectionFault(entry.fault, response.body)
        return response

    def _arrive(self, path: "re.Match[str] | None", params: Mapping[str, Any]) -> tuple[LogEntry, Fault | None]:
        name = path["method"].lower() if path else ""
        entry = LogEntry(self.portal.clock.now(), name)
        entry.methods.update(_called_methods(name, params))
        fault = self.faults.next_for(list(entry.methods))
        entry.fault = fault.kind if fault else ""
        self.log.append(entry)
        return entry, fault

    def _front_end(self, request: Request, fault: Fault | None) -> Response | None:
        """The answer to a request that does not reach the methods (P7.1, P7.12, P7.13)."""
        if fault and fault.kind in ANSWERS:
            answer = Response.text(*ANSWERS[fault.kind])
            return _redirect(LOGIN) if fault.kind == "login_redirect" else answer
        if fault and fault.kind in CONNECTION and fault.kind != "cut_connection":
            return Response.text(200, "")
        if not self.limits.bucket.admits():
            return Response.text(*ANSWERS["too_many_requests"])
        if self.moved_to and request.header("Host") != self.moved_to.partition("://")[2]:
            return _redirect(self.moved_to + request.path)
        if self.adds_slash and not request.path.endswith("/"):
            host = f"http://{request.header('Host')}" if self.redirects_to_http else ""
            return _redirect(f"{host}{request.path}/", 301)
        return None

    def _run(
        self, path: "re.Match[str] | None", params: dict[str, Any], entry: LogEntry, fault: Fault | None
    ) -> Response:
        clock = self.portal.clock
        arrived = clock.monotonic()
        with self.limits.workers.one(clock, arrived + self.limits.cut_after) as worker:
            entry.queued = worker.started - arrived
            handler = RequestHandler(self.portal, self.webhook, self.limits, self.faults, fault, entry)
            with self._lock:
                handler.run(path, params)
            handler.work(worker)
            return handler.response()


def _redirect(location: str, status: int = 302) -> Response:
    return Response(status, {"Location": location, "Content-Type": "text/html"}, b"<html></html>")


def _called_methods(name: str, params: Mapping[str, Any]) -> list[str]:
    commands = params.get("cmd") if name == "batch" else None
    if commands is None:
        return [name]
    texts = commands.values() if isinstance(commands, dict) else commands if isinstance(commands, list) else []
    return [text.partition("?")[0].lower() for text in texts if isinstance(text, str)]
