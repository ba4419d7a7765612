"""One request in, one response out: the portal's front end, and the log of what went through it."""

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from .calls import PATH, Call, Webhook
from .control import Control
from .faults import ANSWERS, CONNECTION, ConnectionFault, Fault, Faults
from .limits import Limits
from .messages import Logged, Request, Response
from .store import Portal

SAMPLE_TOKEN = "emu1ator0webh00k"  # noqa: S105  # opens nothing but this program


class App:
    """A portal behind one webhook. It serves a socket or a mounted session alike, from any thread.

    `moved_to`: the address a renamed portal redirects to (P7.12). `log`: one entry a request.
    """

    def __init__(self, portal: Portal, origin: str = "https://portal.test", token: str = SAMPLE_TOKEN) -> None:
        self.portal = portal
        self.origin = origin
        self.webhook = Webhook(1, token)
        self.limits = Limits(portal.clock)
        self.faults = Faults()
        self.moved_to = ""
        self.log: list[Logged] = []
        self.on_logged: Callable[[Logged], object] = lambda logged: None
        self._lock = threading.RLock()
        self._control = Control(self)

    @property
    def webhook_url(self) -> str:
        """The address to paste."""
        return f"{self.origin}/rest/{self.webhook.user}/{self.webhook.token}/"

    def fault(self, kind: str, **when: Any) -> None:
        """Script a fault: `app.fault("reset", at=3)`; see faults.Fault."""
        with self._lock:
            self.faults.add(Fault(kind, **when))

    def before(self, method: str, nth: int, action: Callable[[], object]) -> None:
        """Run Python before the n-th call of a method from now on: what users do while a sync runs."""
        with self._lock:
            self.faults.before(method, nth, action)

    def statistics(self) -> dict[str, Any]:
        """What was asked since the last reset."""
        return self._control.statistics()

    def handle(self, request: Request) -> Response:
        """Answer a request. Raises ConnectionFault where no whole answer gets through."""
        url = urlsplit(request.path)
        clock = self.portal.clock
        began = clock.monotonic()
        with self._lock:
            if url.path.startswith("/emulator/"):
                return self._control.handle(request.method, url.path, request.body)
            response, logged = self._answer(request, url.path, url.query)
            self.log.append(logged)
        # what this program itself took is a part of the time, not added to it
        clock.sleep(max(0.0, min(logged.seconds, self.limits.cut_after) - (clock.monotonic() - began)))
        self.on_logged(logged)
        if logged.fault in CONNECTION:
            raise ConnectionFault(logged.fault, response.body)
        return response

    def _answer(self, request: Request, path: str, query: str) -> tuple[Response, Logged]:
        params = request.parameters(query)
        match = PATH.fullmatch(path)
        name = match["method"].lower() if match else ""
        logged = Logged(self.portal.clock.now(), name)
        logged.methods.update(_methods_inside(name, params))
        fault = self.faults.hitting(list(logged.methods))
        logged.fault = fault.kind if fault else ""
        response = self._front_end(request, fault)
        if response is None:
            response = Call(self.portal, self.webhook, self.limits, self.faults, fault, logged).answer(match, params)
        if logged.seconds > self.limits.cut_after:
            response = Response.text(*ANSWERS["gateway_timeout"])  # P7.6
        if fault and fault.kind == "cut_body":
            response = Response(response.status, response.headers, response.body[: len(response.body) // 2])
        logged.status = response.status
        return response, logged

    def _front_end(self, request: Request, fault: Fault | None) -> Response | None:
        """What never reaches the methods (P7.1, P7.12, P7.13)."""
        if fault and fault.kind in ANSWERS:
            return Response.text(*ANSWERS[fault.kind])
        if fault and fault.kind in CONNECTION and fault.kind != "cut_connection":
            return Response.text(200, "")
        if not self.limits.bucket.admits():
            return Response.text(*ANSWERS["too_many_requests"])
        if self.moved_to and request.header("Host") != self.moved_to.partition("://")[2]:
            return Response(
                302, {"Location": self.moved_to + request.path, "Content-Type": "text/html"}, b"<html></html>"
            )
        return None


def _methods_inside(name: str, params: Mapping[str, Any]) -> list[str]:
    commands = params.get("cmd") if name == "batch" else None
    if commands is None:
        return [name]
    texts = commands.values() if isinstance(commands, dict) else commands if isinstance(commands, list) else []
    return [text.partition("?")[0].lower() for text in texts if isinstance(text, str)]
