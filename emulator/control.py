"""The control API under `/emulator/…`, for programs that run beside the portal: the demo and the benchmark."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson

from .faults import Fault, Faults
from .messages import LogEntry, Response
from .store import Portal

PREFIX = "/emulator/"
_EDITS = (
    *("create", "update", "delete", "restore", "set_product_rows"),
    *("link_company", "unlink_company", "link_contact", "unlink_contact"),
)


class Control:
    """Statistics, edits and faults over HTTP."""

    def __init__(self, portal: Portal, faults: Faults, log: list[LogEntry]) -> None:
        self._portal = portal
        self._faults = faults
        self._log = log
        self._reset_at = 0

    def handle(self, method: str, path: str, body: bytes) -> Response:
        """GET statistics, log (time and methods of every request).

        POST statistics/reset, edits (a list of {"do": …}), faults (a list of {"kind": …}).
        """
        actions: dict[str, Callable[[], Any]] = {
            "GET statistics": self.statistics,
            "GET log": lambda: [{"at": entry.at, "methods": entry.methods} for entry in self._entries()],
            "POST statistics/reset": self._reset,
            "POST edits": lambda: [self.edit(edit) for edit in orjson.loads(body)],
            "POST faults": lambda: self._add_faults(orjson.loads(body)),
        }
        action = actions.get(f"{method} {path.removeprefix(PREFIX)}")
        if not action:
            return Response.json({"error": "no such control"}, 404)
        try:
            return Response.json(action())
        except (KeyError, TypeError, ValueError) as problem:
            return Response.json({"error": f"{type(problem).__name__}: {problem}"}, 400)

    def statistics(self) -> dict[str, Any]:
        """Totals since the last reset. `first_at`: when the first request arrived, in seconds since 1970."""
        entries = self._entries()
        methods: Counter[str] = Counter()
        for entry in entries:
            methods.update(entry.methods)
        return {
            "requests": len(entries),
            "commands": sum(methods.values()),
            "rows_sent": sum(entry.rows for entry in entries),
            "server_seconds": sum(entry.seconds for entry in entries),
            "queued_seconds": sum(entry.queued for entry in entries),
            "limit_errors": sum(entry.status in (429, 503) or entry.refused > 0 for entry in entries),
            "by_method": dict(methods),
            "first_at": entries[0].at if entries else None,
        }

    def edit(self, edit: dict[str, Any]) -> Any:
        """Run an edit such as {"do": "update", "name": "deal", "number": 5, "values": {…}}; return what `Portal` does.

        {"do": "touch", "name": "deal", "share": 0.01} edits that share of an object's rows and returns their number;
        {"do": "delete_share", …} deletes it.
        """
        arguments = dict(edit)
        name = arguments.pop("do")
        if name == "touch":
            return self._touch(**arguments)
        if name == "delete_share":
            return self._delete_share(**arguments)
        if name not in _EDITS:
            raise ValueError(f"no such edit: {name}")
        values = arguments.pop("values", {})
        return getattr(self._portal, name)(**arguments, **values)

    def _entries(self) -> list[LogEntry]:
        return self._log[self._reset_at :]

    def _add_faults(self, faults: list[dict[str, Any]]) -> None:
        for fault in faults:
            self._faults.add(Fault(**fault))

    def _touch(self, name: str, share: float) -> int:
        numbers = self._share(name, share)
        for number in numbers:
            self._portal.update(name, number, ORIGIN_ID=f"touched {self._portal.clock.now()}")
        return len(numbers)

    def _delete_share(self, name: str, share: float) -> int:
        numbers = self._share(name, share)
        for number in numbers:
            self._portal.delete(name, number)
        return len(numbers)

    def _share(self, name: str, share: float) -> list[int]:
        return list(self._portal.tables[name].ids)[:: max(1, round(1 / share))]

    def _reset(self) -> None:
        self._reset_at = len(self._log)
