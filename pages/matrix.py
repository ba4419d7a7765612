"""Portals that differ in one fact: whether the doctor notices it, and what two syncs of each come to."""

import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from demo.patient import patient
from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.limits import Latency
from emulator.twists import TWISTS, turn_round
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Row, Warehouse, differences, errors
from source_bitrix24.catalog.column import UNTYPED_VALUES
from source_bitrix24.doctor.examination import examination
from source_bitrix24.doctor.fact import FACTS, Verdict
from source_bitrix24.portal.webhook import Webhook

_SIZES = {"leads": 60, "contacts": 60, "companies": 30, "quotes": 20, "activities": 60}
_DEALS, _EDITED = 120, 9
HEAD = [
    "| the portal | fact | the doctor | the connector, in a first sync and a later one |",
    "| --- | --- | --- | --- |",
]
Messages = list[dict[str, Any]]


@dataclass(slots=True)
class Outcome:
    """What two syncs came to. `failed`: tables by the message with which they stopped; `wrong`: those of wrong rows.

    `untyped`: values in UNTYPED_VALUES; `renamed`: tables whose columns are spelled with other underscores; `unlabelled`:
    those that have right rows, some without labels.
    """

    failed: dict[str, list[str]]
    wrong: list[str]
    untyped: int
    renamed: list[str]
    unlabelled: list[str]

    @property
    def words(self) -> str:
        """The outcome in words."""
        if self.wrong:
            return f"**wrong rows in silence**: {', '.join(self.wrong)}"
        parts = [f"{_some(names)} stop{'s' * (len(names) == 1)}: {text}" for text, names in self.failed.items()]
        if self.untyped:
            parts.append(f"right rows; {self.untyped} values are in `UNTYPED_VALUES`")
        if self.renamed:
            parts.append(f"right rows, but columns of {_some(self.renamed)} have other names")
        if self.unlabelled:
            parts.append(f"right rows, but some labels of {_some(self.unlabelled)} are empty")
        return "; ".join(parts) or "right rows"


def markdown() -> str:
    """A line for each fact."""
    return "\n".join([*HEAD, *map(line, TWISTS)])


def line(name: str) -> str:
    """The line of a fact that is turned round."""
    cells = (TWISTS[name].says, FACTS[name].numbers, _noticed(name), outcome(name).words)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def outcome(name: str) -> Outcome:
    """Read all tables of a portal that is turned round, change some deals, and read again."""
    logging.disable(logging.CRITICAL)
    app = patient(_DEALS, **_SIZES)
    app.limits.latency = Latency()
    app.limits.bucket.enabled = False
    turn_round(app, name)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _synced(app, Connector(app, Path(folder)))
    finally:
        logging.disable(logging.NOTSET)


def _synced(app: App, connector: Connector) -> Outcome:
    streams = connector.streams()
    warehouse = Warehouse(streams)
    messages = connector.read()
    warehouse.take(messages)
    app.portal.clock.sleep(3600)
    for number in list(app.portal.tables["deal"].ids)[: _DEALS - 20 : _EDITED]:
        app.portal.update("deal", number, TITLE="Changed")
    app.portal.create("deal", TITLE="Another new deal")
    later = connector.read(state=warehouse.state)
    warehouse.take(later)
    failed = _failures([*messages, *later])
    stopped = {table for names in failed.values() for table in names}
    found = Outcome(failed, [], 0, [], [])
    for stream in streams:
        table, key = stream["name"], tuple(path[0] for path in stream["source_defined_primary_key"])
        ours, theirs = warehouse.rows(table), expected_rows(app.portal, table)
        found.untyped += sum(len(row.get(UNTYPED_VALUES.name, ())) for row in ours)
        if table in stopped:
            continue
        names = {name for row in theirs for name in row}
        renamed = {name.replace("_", ""): name for row in ours for name in row if name not in names}
        if renamed.keys() & {name.replace("_", "") for name in names}:
            theirs = [
                {renamed.get(name.replace("_", ""), name): value for name, value in row.items()} for row in theirs
            ]
            found.renamed.append(table)
        different = differences(map(_comparable, ours), _without(map(_comparable, theirs), ours, key), key)
        if different:
            only_labels = all("_LABEL: None, in the portal" in text for text in different)
            (found.unlabelled if only_labels else found.wrong).append(table)
    return found


def _failures(messages: Messages) -> dict[str, list[str]]:
    """The tables that stopped, by the sentence for the user."""
    failed: dict[str, list[str]] = {}
    for error in errors(messages):
        stream = (error.get("stream_descriptor") or {}).get("name")
        names = failed.setdefault(str(error["message"]).partition(" (")[0], [])
        if stream and stream not in names:
            names.append(stream)
    return {text: names for text, names in failed.items() if names}


def _comparable(row: Row) -> Row:
    """A row with moments in UTC, and without what is kept beside its columns."""
    kept = row.get(UNTYPED_VALUES.name, {})
    return {name: _moment(value) for name, value in row.items() if name != UNTYPED_VALUES.name and name not in kept}


def _without(theirs: Iterable[Row], ours: Iterable[Row], key: tuple[str, ...]) -> list[Row]:
    """Expected rows without the columns that our row keeps in UNTYPED_VALUES."""
    kept = {tuple(row[name] for name in key): row.get(UNTYPED_VALUES.name, {}) for row in ours}
    found = []
    for row in theirs:
        beside = kept.get(tuple(row.get(name) for name in key), {})
        found.append({name: value for name, value in row.items() if name not in beside})
    return found


def _moment(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 18 and value[10] == "T":
        try:
            return datetime.fromisoformat(value).astimezone(UTC).isoformat()
        except ValueError:
            return value
    return value


def _noticed(name: str) -> str:
    app = patient()
    turn_round(app, name)
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    found = examination(Webhook.parse(app.webhook_url), app.portal.clock, session)
    different = [one for one in FACTS if found.verdict(one) is Verdict.DIFFERENT]
    return "notices it" if different == [name] else f"sees a difference in {', '.join(different) or 'nothing'}"


def _some(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
