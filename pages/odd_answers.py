"""What an odd answer costs, measured by reading the emulator with each of a list of them."""

import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.harness import Connector, Row, errors, records
from integration_tests.odd_cases import CASES, PARENT, OddCase

HEAD = ["| the portal sends | it costs | what the user sees |", "| --- | --- | --- |"]
_DEALS = 12
_OTHER = "deal_pipelines"  # is read beside each table and must stay whole
_LEFT_OUT = "UNTYPED_VALUES"


def markdown() -> str:
    """A line for each odd answer."""
    return "\n".join([*HEAD, *map(line, CASES)])


def line(case: OddCase) -> str:
    """The line of an odd answer. Raises AssertionError if it costs anything else than the list says."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(sample_portal(PlayedClock(), deals=_DEALS, holes=0, products=8))
        app.limits.bucket.enabled = False
        app.portal.set_product_rows("deal", PARENT, [{"PRODUCT_NAME": "Row", "PRICE": 1, "QUANTITY": 1}])
        connector = Connector(app, Path(folder))
        connector.streams()
        before = connector.read(case.table, _OTHER)
        app.portal.odd.update(case.odd)
        app.webhook.refuses = dict(case.refuses)
        with _warnings() as said:
            after = connector.read(case.table, _OTHER)
    assert records(after, _OTHER) == records(before, _OTHER), f"{case.kind} costs {_OTHER}"
    failed = [f"{error['failure_type']}: {error['message']}" for error in errors(after)]
    costs, sees = _cost(records(before, case.table), records(after, case.table))
    if failed:
        costs = "the table"
    elif case.costs == "its set" and costs == "1 row":
        costs = "its set"
    assert costs == case.costs, f"{case.kind} costs {costs}"
    seen = "; ".join(failed[:1] or [*sees, *said]).replace("|", "\\|")
    return f"| {case.kind} | {costs} | {seen or ('the same rows' if costs == 'nothing' else 'all other rows')} |"


def _cost(before: list[Row], after: list[Row]) -> tuple[str, list[str]]:
    """What the copy lacks, and the first difference that is seen there."""
    if lost := len(before) - len(after):
        return f"{lost} row{'s'[: lost > 1]}", []
    changes = [_change(old, new) for old, new in zip(before, after, strict=True) if old != new]
    is_lost = any(_is_lost(old, new) for old, new in zip(before, after, strict=True))
    return "the value" if is_lost else "nothing", changes[:1]


def _is_lost(old: Row, new: Row) -> bool:
    return not old.keys() <= new.keys() or _LEFT_OUT in new


def _change(old: Row, new: Row) -> str:
    if _LEFT_OUT in new:
        return f"`{_LEFT_OUT}` is `{json.dumps(new[_LEFT_OUT])}`"
    column = next(name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name))
    return f"`{column}` is `{json.dumps(new.get(column))}`"


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """The warnings of the log."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: Any) -> None:
            if (text := record.getMessage()) not in said:
                said.append(text)

    disabled, handlers = logging.root.manager.disable, logging.root.handlers
    logging.root.handlers = [Listener(logging.WARNING)]
    logging.disable(logging.NOTSET)
    try:
        yield said
    finally:
        logging.disable(disabled)
        logging.root.handlers = handlers
