"""The side door `/emulator/…` for programs that run beside the portal: the demo and the benchmark."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from .faults import Fault
from .messages import Response

if TYPE_CHECKING:
    from .app import App

_EDITS = ("create", "update", "delete", "restore", "set_product_rows", "link_company", "unlink_company")


class Control:
    """Statistics, edits and faults over HTTP."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._from = 0

    def handle(self, method: str, path: str, body: bytes) -> Response:
        """GET statistics, log (time and methods of every request).

        POST statistics/reset, edits (a list of {"do": …}), faults (a list of {"kind": …}).
        """
        actions: dict[str, Callable[[], Any]] = {
            "GET /emulator/statistics": self.statistics,
            "GET /emulator/log": lambda: [
                {"at": one.at, "methods": one.methods} for one in self._app.log[self._from :]
            ],
            "POST /emulator/statistics/reset": self._reset,
            "POST /emulator/edits": lambda: [self.edit(one) for one in orjson.loads(body)],
            "POST /emulator/faults": lambda: self._script(orjson.loads(body)),
        }
        action = actions.get(f"{method} {path}")
        if not action:
            return Response.json({"error": "no such control"}, 404)
        try:
            return Response.json(action())
        except (KeyError, TypeError, ValueError) as problem:
            return Response.json({"error": f"{type(problem).__name__}: {problem}"}, 400)

    def statistics(self) -> dict[str, Any]:
        """What was asked since the last reset."""
        logs = self._app.log[self._from :]
        methods: Counter[str] = Counter()
        for logged in logs:
            methods.update(logged.methods)
        return {
            "requests": len(logs),
            "commands": sum(methods.values()),
            "rows_sent": sum(logged.rows for logged in logs),
            "server_seconds": sum(logged.seconds for logged in logs),
            "limit_errors": sum(logged.status in (429, 503) or logged.refused > 0 for logged in logs),
            "by_method": dict(methods),
        }

    def edit(self, one: dict[str, Any]) -> Any:
        """One edit: {"do": "update", "name": "deal", "number": 5, "values": {…}}; answers with what the portal returns.

        {"do": "touch", "name": "deal", "share": 0.01} edits that share of an object's rows and answers with their number.
        """
        asked = dict(one)
        do = asked.pop("do")
        if do == "touch":
            return self._touch(**asked)
        if do not in _EDITS:
            raise ValueError(f"no such edit: {do}")
        values = asked.pop("values", {})
        return getattr(self._app.portal, do)(**asked, **values)

    def _script(self, faults: list[dict[str, Any]]) -> None:
        for one in faults:
            self._app.faults.add(Fault(**one))

    def _touch(self, name: str, share: float) -> int:
        numbers = list(self._app.portal.tables[name].ids)[:: max(1, round(1 / share))]
        for number in numbers:
            self._app.portal.update(name, number, ORIGIN_ID=f"touched {self._app.portal.clock.now()}")
        return len(numbers)

    def _reset(self) -> None:
        self._from = len(self._app.log)
