"""What the portal says about itself: custom columns, their labels and options, small tables, the webhook's user."""

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from ..portal import profile
from ..portal.background import run_into, spawn
from ..portal.batch import Answer, Command
from ..portal.batch_all import fetch_all
from ..portal.client import PortalClient
from ..portal.errors import BrokenPromise, PortalError
from ..portal.keyset import Row
from ..portal.oddities import Oddities
from ..portal.partial_json import decode, entries_of
from .column import Column
from .table import CustomFieldValues, Scanned, Table, Whole

log = logging.getLogger("airbyte.bitrix24")

_STATUSES = Command("crm.status.list")
_PROFILE = Command(profile.METHOD)
_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
_WITHOUT_USER_FIELDS = ("product",)  # catalogue products have properties instead
_FILE = (Column("id", "integer"), Column("showUrl"), Column("downloadUrl"))

# P10.4, P11: every other type, also one that an application brings, is text
COLUMN_TYPES: Mapping[str, str] = {
    "integer": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "enumeration": "integer",
    "employee": "integer",
    "iblock_element": "integer",
    "iblock_section": "integer",
    "file": "object",
    "crm_entity": "reference",
    "product_property": "object",
}


class Metadata:
    """Asks the portal once, in one request, for all fields, directories and small tables of the given tables.

    Warns if the webhook's user, who is in the same request, is no administrator.
    """

    def __init__(self, client: PortalClient, tables: Sequence[Table], language: str) -> None:
        self._client = client
        self._language = language
        objects = list(
            dict.fromkeys(
                table.fields_of
                for table in tables
                if isinstance(table, (Scanned, CustomFieldValues)) and table.fields_of
            )
        )
        commands = [_STATUSES, _PROFILE]
        commands += [_fields(name) for name in objects]
        commands += [self._user_fields(name) for name in objects if name not in _WITHOUT_USER_FIELDS]
        commands += [self._whole(table) for table in tables if isinstance(table, Whole)]
        self._commands = {command.encoded(): command for command in commands}
        self._answers: Future[dict[str, Answer]] | None = None
        self._lock = threading.Lock()
        self._told: set[str] = set()

    def prefetch(self) -> None:
        """Send the request without waiting for its answers."""
        with self._lock:
            if not self._answers:
                self._answers = spawn(self._fetch)

    def user_is_administrator(self) -> bool:
        """Whether the webhook's user may read everything; False where the portal does not say so (P13.1)."""
        return profile.is_administrator(self._answer(_PROFILE).result)

    def custom_columns(self, name: str) -> list[Column]:
        """Return the custom fields of an object (`deal`), in the portal's order. Raises PortalError."""
        if name in _WITHOUT_USER_FIELDS:
            return []
        fields = self._map(_fields(name))
        rows = self._rows(self._user_fields(name), key=("FIELD_NAME",))
        return [self._custom_column(row, _map(fields.get(row["FIELD_NAME"]))) for row in rows]

    def other_columns(self, name: str) -> list[Column]:
        """Return an object's links to smart processes and a product's properties. Raises PortalError."""
        return [
            _column(code, str(info.get("type", "")), bool(info.get("isMultiple")), str(info.get("title") or code))
            for code, info in ((code, _map(info)) for code, info in self._map(_fields(name)).items())
            if code.startswith(("PARENT_ID_", "PROPERTY_"))
        ]

    def rows(self, table: Whole) -> list[Row]:
        """Return the rows of a small table. Raises PortalError."""
        return self._rows(self._whole(table), table.rows_in, table.key)

    def _custom_column(self, row: Row, info: Mapping[str, Any]) -> Column:
        fallbacks = (info.get("formLabel"), info.get("listLabel"), row["FIELD_NAME"])
        label = next(text for text in (*(row.get(key) for key in _LABELS), *fallbacks) if text)
        multiple = row.get("MULTIPLE") == "Y"
        return _column(
            str(row["FIELD_NAME"]), str(row.get("USER_TYPE_ID") or ""), multiple, str(label), self._options(row)
        )

    def _options(self, row: Row) -> dict[str, str]:
        if row.get("USER_TYPE_ID") == "enumeration":
            return _words(row.get("LIST"), "ID", "VALUE")
        if row.get("USER_TYPE_ID") == "crm_status":
            settings = row.get("SETTINGS")
            directory = settings.get("ENTITY_TYPE") if isinstance(settings, dict) else None
            statuses = self._rows(_STATUSES) if directory else []
            return _words([one for one in statuses if one.get("ENTITY_ID") == directory], "STATUS_ID", "NAME")
        return {}

    def _user_fields(self, name: str) -> Command:
        # P10.1: labels come only with a language
        return Command(f"crm.{name}.userfield.list", {"filter": {"LANG": self._language}})

    def _whole(self, table: Whole) -> Command:
        language = {"filter": {"LANG": self._language}} if table.labelled else {}
        return Command(table.method, {**table.params, **language})

    def _rows(self, command: Command, rows_in: str = "", key: Sequence[str] = ("ID",)) -> list[Row]:
        """Return all rows of an answer that the portal does not page. Raises BrokenPromise if it did.

        An entry without a `key` is left out, and the log says so once.
        """
        answer, odd = self._answer(command), Oddities()
        result = decode(answer.raw, odd)
        entries = entries_of(result.get(rows_in) if rows_in and isinstance(result, dict) else result)
        if entries is None:
            raise BrokenPromise(command.method, "the answer is no list of rows")
        if answer.more or (answer.total or 0) > len(entries):
            raise BrokenPromise(command.method, f"only {len(entries)} of {answer.total} rows came, all were expected")
        rows = [
            row for row in entries if isinstance(row, dict) and all(row.get(name) not in (None, "") for name in key)
        ]
        if command.method not in self._told:
            self._told.add(command.method)
            odd.rows = len(entries) - len(rows)
            odd.tell(command.method)
        return rows

    def _map(self, command: Command) -> dict[str, Any]:
        return _map(self._answer(command).result)

    def _answer(self, command: Command) -> Answer:
        with self._lock:
            answers = self._answers or Future()
            must_fetch, self._answers = self._answers is None, answers
        if must_fetch:
            run_into(answers, self._fetch)
        try:
            answer = answers.result()[command.encoded()]
        except PortalError:
            with self._lock:
                if self._answers is answers:
                    self._answers = None  # the next caller asks again
            raise
        if answer.error:
            raise answer.error
        return answer

    def _fetch(self) -> dict[str, Answer]:
        answers = fetch_all(self._client, self._commands)
        with suppress(PortalError):
            profile.warn_of_missing_records(answers[_PROFILE.encoded()].result, log)
        return answers


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(rows: Any, code: str, word: str) -> dict[str, str]:
    """Return the words behind codes; an entry that is no row, or has no word, has none."""
    entries = rows.values() if isinstance(rows, dict) else rows if isinstance(rows, list) else ()
    words = [(row.get(code), row.get(word)) for row in entries if isinstance(row, dict)]
    return {str(key): str(text) for key, text in words if key is not None and text is not None}


def _fields(name: str) -> Command:
    return Command(f"crm.{name}.fields")


def _column(
    name: str, portal_type: str, multiple: bool, label: str, options: Mapping[str, str] | None = None
) -> Column:
    return Column(
        name,
        COLUMN_TYPES.get(portal_type, "text"),
        multiple,
        parts=_FILE if portal_type == "file" else (),
        label=label,
        options=options or {},
        portal_type=portal_type,
    )
