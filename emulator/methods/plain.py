"""Plain lists: each file in `emulator/rows`, named after its method, holds rows as the portal sends them.

    {"facts": "P2", "rows": [{"ID": "1", "NAME": "First"}]}

All rows come in one answer with a `total`; with `"paged": true` they come as the classic lists send them. `rows_in` names
the key under `result` that holds the rows, `scope` the permission that the method needs (crm).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from ..fields import Field
from ..filters import Condition, comparable, conditions, ordered, selected
from ..php import int_cast
from ..registry import METHODS, PAGE, Outcome, method
from ..store import Portal
from ..wire import Row
from .classic import parameter

FOLDER = Path(__file__).parent.parent / "rows"


@dataclass(frozen=True, slots=True)
class PlainList:
    """The rows of a method, and how they come."""

    rows: Sequence[Row]
    rows_in: str = ""
    paged: bool = False
    facts: str = "P2"
    scope: str = "crm"

    @property
    def fields(self) -> dict[str, Field]:
        """The columns, by types that the values show."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: Field(name, _type_of([row.get(name) for row in self.rows])) for name in names}


def read_folder(folder: Path) -> dict[str, PlainList]:
    """The plain lists of a folder, by method."""
    return {path.stem: PlainList(**json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.json")}


def run_plain(plain: PlainList, portal: Portal, params: dict[str, Any]) -> Outcome:
    """All rows, or a page of 50 that meets the filter."""
    outcome = _page(plain, portal, params) if plain.paged else Outcome(list(plain.rows), len(plain.rows))
    outcome.rows = len(outcome.result)
    if plain.rows_in:
        outcome.result = {plain.rows_in: outcome.result}
    return outcome


def _page(plain: PlainList, portal: Portal, params: dict[str, Any]) -> Outcome:
    fields, zone = plain.fields, portal.wire.zone
    found = conditions(parameter(params, "filter"), fields, zone, portal.now())
    rows = [row for row in plain.rows if all(_meets(condition, row, portal) for condition in found)]
    for field, descending in reversed(ordered(parameter(params, "order"), fields)):
        rows.sort(key=partial(_sort_key, field, portal), reverse=descending)
    columns = [field.name for field in selected(parameter(params, "select"), fields)]
    start = int_cast(params.get("start", 0))
    offset = max(0, start) // PAGE * PAGE
    page = [{name: row[name] for name in columns if name in row} for row in rows[offset : offset + PAGE]]
    if start < 0:
        return Outcome(page, 0)  # P2.5
    following = offset + PAGE if offset + PAGE < len(rows) else None
    return Outcome(page, len(rows), following, counted=True, offset=min(offset, len(rows)))


def _meets(condition: Condition, row: Row, portal: Portal) -> bool:
    return condition.test(_held(condition.field, row.get(condition.field.name), portal))


def _sort_key(field: Field, portal: Portal, row: Row) -> tuple[bool, Any]:
    value = comparable(field, _held(field, row.get(field.name), portal))
    return value is not None, value


def _held(field: Field, sent: Any, portal: Portal) -> Any:
    """What the database holds for a value that is sent."""
    if sent is None or field.type == "string":
        return sent
    if field.type == "integer":
        return int(sent)
    return datetime.fromisoformat(sent).astimezone(portal.wire.zone).replace(tzinfo=None)


def _type_of(values: Sequence[Any]) -> str:
    texts = [str(value) for value in values if value is not None]
    if texts and all(text == str(int(text)) if text.lstrip("-").isdecimal() else False for text in texts):
        return "integer"
    return "datetime" if texts and all(_is_moment(text) for text in texts) else "string"


def _is_moment(text: str) -> bool:
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def register(lists: Mapping[str, PlainList]) -> None:
    """Register each list as a REST method, unless it is emulated in code."""
    for name, plain in lists.items():
        if name not in METHODS:
            method(name, scope=plain.scope, facts=plain.facts)(partial(run_plain, plain))


PLAIN = read_folder(FOLDER)
register(PLAIN)
