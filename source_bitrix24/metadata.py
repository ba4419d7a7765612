"""What the portal says of its own fields: custom columns, their names, and what their codes stand for."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from .portal.batch import Answer, Command
from .portal.client import PortalClient
from .portal.each import ask_each
from .portal.errors import BrokenPromise, PortalError
from .portal.keyset import Row
from .portal.threads import do, start
from .schema import PortalField
from .table import Table, Whole

_STATUSES = Command("crm.status.list")
_LABELS = ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL")
_WITHOUT_USER_FIELDS = ("product",)  # catalogue products have properties instead


class Metadata:
    """Asks the portal once, in one request, for all fields, directories and small tables of the given tables."""

    def __init__(self, client: PortalClient, tables: Sequence[Table], language: str) -> None:
        self._client = client
        self._language = language
        objects = dict.fromkeys(table.fields_of for table in tables if table.fields_of)
        self._commands = [self._fields(name) for name in objects]
        self._commands += [self._user_fields(name) for name in objects if name not in _WITHOUT_USER_FIELDS]
        self._commands += [_STATUSES, *(self._whole(table) for table in tables if isinstance(table, Whole))]
        self._answers: Future[dict[str, Answer]] | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Ask without waiting for the answers."""
        with self._lock:
            if not self._answers:
                self._answers = start(self._ask)

    def user_fields(self, name: str) -> list[PortalField]:
        """The custom fields of an object (`deal`), in the portal's order. Raises PortalError."""
        if name in _WITHOUT_USER_FIELDS:
            return []
        told = self._rows(self._user_fields(name))
        labels = self._map(self._fields(name))
        return [self._user_field(row, labels.get(row["FIELD_NAME"], {})) for row in told]

    def other_fields(self, name: str) -> list[PortalField]:
        """An object's links to smart processes and a product's properties. Raises PortalError."""
        fields = self._map(self._fields(name))
        return [
            PortalField(code, str(told.get("type", "")), bool(told.get("isMultiple")), str(told.get("title") or code))
            for code, told in fields.items()
            if code.startswith(("PARENT_ID_", "PROPERTY_"))
        ]

    def rows(self, table: Whole) -> list[Row]:
        """The rows of a small table. Raises PortalError."""
        return self._rows(self._whole(table), table.rows_in)

    def _user_field(self, told: Row, field_info: Mapping[str, Any]) -> PortalField:
        fallbacks = (field_info.get("formLabel"), field_info.get("listLabel"), told["FIELD_NAME"])
        label = next(text for text in (*(told.get(key) for key in _LABELS), *fallbacks) if text)
        return PortalField(
            told["FIELD_NAME"], str(told["USER_TYPE_ID"]), told.get("MULTIPLE") == "Y", str(label), self._texts(told)
        )

    def _texts(self, told: Row) -> dict[str, str]:
        if told["USER_TYPE_ID"] == "enumeration":
            return {str(option["ID"]): str(option["VALUE"]) for option in told.get("LIST") or []}
        if told["USER_TYPE_ID"] == "crm_status":
            settings = told.get("SETTINGS")
            directory = settings.get("ENTITY_TYPE") if isinstance(settings, dict) else None
            return {
                str(row["STATUS_ID"]): str(row["NAME"])
                for row in self._rows(_STATUSES)
                if directory and row["ENTITY_ID"] == directory
            }
        return {}

    def _fields(self, name: str) -> Command:
        return Command(f"crm.{name}.fields")

    def _user_fields(self, name: str) -> Command:
        # P10.1: labels come only with a language
        return Command(f"crm.{name}.userfield.list", {"filter": {"LANG": self._language}})

    def _whole(self, table: Whole) -> Command:
        language = {"filter": {"LANG": self._language}} if table.labelled else {}
        return Command(table.method, {**table.params, **language})

    def _rows(self, command: Command, rows_in: str = "") -> list[Row]:
        """All rows of an answer that the portal does not page; raises BrokenPromise if it did."""
        answer = self._answer(command)
        rows = answer.result.get(rows_in) if rows_in and isinstance(answer.result, dict) else answer.result
        if not isinstance(rows, list):
            raise BrokenPromise(command.method, "the answer is no list of rows")
        if answer.more or (answer.total or 0) > len(rows):
            raise BrokenPromise(
                command.method, f"only {len(rows)} of {answer.total} rows came, where all were expected"
            )
        return rows

    def _map(self, command: Command) -> dict[str, Any]:
        told = self._answer(command).result
        return told if isinstance(told, dict) else {}

    def _answer(self, command: Command) -> Answer:
        with self._lock:
            if not self._answers:
                self._answers = Future()
                do(self._ask, self._answers)
            try:
                answer = self._answers.result()[command.encoded()]
            except PortalError:
                self._answers = None  # whoever needs it next asks again
                raise
        if answer.error:
            raise answer.error
        return answer

    def _ask(self) -> dict[str, Answer]:
        return ask_each(self._client, {asked.encoded(): asked for asked in self._commands})
