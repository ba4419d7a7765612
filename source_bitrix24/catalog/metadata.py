"""What the portal says about itself: custom columns, their labels and options, small tables, the webhook's user."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import orjson

from ..portal import profile
from ..portal.background import run_into, spawn
from ..portal.batch import Answer, Command
from ..portal.batch_all import fetch_all
from ..portal.client import Answers, PortalClient
from ..portal.errors import BrokenPromise, PortalError
from ..portal.keyset import Row
from ..portal.names import camel_name, upper_name
from ..portal.oddities import Oddities
from ..portal.partial_json import decode, entries_of
from ..portal.shared_batch import SharedBatch
from .column import Column
from .fetch_together import MAX_ATTEMPTS, fetch_together
from .portal_column import portal_column
from .table import CustomFieldValues, FieldOptions, Scanned, Table, Whole
from .user_field import UserField, as_map, text_of

T = TypeVar("T")
log = logging.getLogger("airbyte.bitrix24")

_STATUSES = Command("crm.status.list")
_PROFILE = Command(profile.METHOD)
_SCOPE = Command(profile.SCOPE)
_FIELDS = "crm.{}.fields"  # of an object
_WITHOUT_USER_FIELDS = ("product",)  # catalogue products have properties instead


class Metadata:
    """Asks the portal once, in one request, for all fields, directories and small tables of the given tables.

    `further`: commands whose answers somebody will want. Warns if the webhook's user, who is in the same request, is no
    administrator.
    """

    def __init__(
        self, client: PortalClient, tables: Sequence[Table], language: str, further: Iterable[Command] = ()
    ) -> None:
        self._client = client
        self._language = language
        objects = list(
            dict.fromkeys(
                table.fields_of
                for table in tables
                if isinstance(table, (Scanned, CustomFieldValues)) and table.fields_of
            )
        )
        commands = [_STATUSES, _PROFILE, _SCOPE, Command("crm.enum.ownertype")]
        commands += [Command(_FIELDS.format(name)) for name in objects]
        commands += [self._user_fields(name) for name in objects if name not in _WITHOUT_USER_FIELDS]
        wholes = [table for table in tables if isinstance(table, Whole)]
        wholes += [one for table in tables if isinstance(table, FieldOptions) for one in table.definitions]
        commands += [self._whole(table) for table in wholes]
        commands += further
        self._commands = {command.encoded(): command for command in commands}
        self._answers: Future[dict[str, Answer]] | None = None
        self._shared: Callable[[], Answers] | None = None
        self._lock = threading.Lock()
        self._entries: dict[str, list[Any]] = {}
        self._told: set[tuple[str, int]] = set()
        self._warned: set[str] = set()

    def share(self, shared: SharedBatch) -> None:
        """Let the commands be part of a request that others share, if they fit into one."""
        with self._lock:
            if not self._answers and not self._shared:
                self._shared = shared.add(self._commands)

    def prefetch(self) -> None:
        """Send the request without waiting for its answers."""
        with self._lock:
            if not self._answers:
                self._answers = spawn(self._fetch)

    def load(self) -> None:
        """Wait for the answers. Raises PortalError if there are none; a command that failed alone is no reason."""
        self._loaded()

    def user_is_administrator(self) -> bool:
        """Whether the webhook's user may read everything; False where the portal does not say so (P13.1)."""
        return profile.is_administrator(self._answer(_PROFILE).result)

    def is_known_administrator(self) -> bool:
        """Return the same without asking: False where it is not known yet."""
        answers = self._answers
        if not answers or not answers.done() or answers.exception():
            return False
        return profile.is_administrator(answers.result()[_PROFILE.encoded()].result)

    @property
    def client(self) -> PortalClient:
        """The portal."""
        return self._client

    def scopes(self) -> frozenset[str] | None:
        """Return what the webhook may use (P13.2); None where the portal does not say so. Raises as `load`."""
        answer = self._loaded()[_SCOPE.encoded()]
        return None if answer.error else profile.granted_scopes(answer.result)

    def ask(self, commands: Iterable[Command]) -> None:
        """Ask more, all that is not known yet in as few requests as possible. Raises PortalError if there are no answers."""
        answers = self._loaded()
        missing = {one.encoded(): one for one in commands if one.encoded() not in answers}
        if missing:
            answers.update(fetch_all(self._client, missing, max_attempts=MAX_ATTEMPTS))

    def answer(self, command: Command) -> Answer:
        """Return the answer to a command; ask it, if need be. Raises its error."""
        self.ask([command])
        return self._answer(command)

    def list_of(self, command: Command, rows_in: str = "", key: str = "ID") -> list[Row]:
        """Return the rows of a small list; ask for it, if need be. Raises PortalError."""
        self.ask([command])
        return self._rows(command, rows_in, (key,))

    def custom_columns(self, name: str) -> list[Column]:
        """Return the custom fields of an object (`deal`), in the portal's order. Raises PortalError."""
        if name in _WITHOUT_USER_FIELDS:
            return []
        rows = self._rows(self._user_fields(name), key=("FIELD_NAME",))
        fields = self._known(lambda: self._fields(name), f"The labels of some fields of {name}") or {}
        definitions = [definition for row in rows if (definition := UserField.parse(row, self._language))]
        columns = [self._custom_column(one, fields.get(one.name, {})) for one in definitions]
        return list({column.name: column for column in reversed(columns)}.values())[::-1]

    def undescribed_columns(self, name: str) -> list[Column]:
        """Return the custom fields as an object's fields tell them (P10.2): their types and names. Raises PortalError."""
        columns = []
        for code, info in self._fields(name).items():
            if code.startswith("UF_"):
                texts = (text_of(info.get(key), self._language) for key in ("formLabel", "listLabel"))
                label = next(filter(None, texts), code)
                columns.append(portal_column(code, str(info.get("type", "")), bool(info.get("isMultiple")), label))
        return columns

    def other_columns(self, name: str) -> list[Column]:
        """Return an object's links to smart processes and a product's properties. Raises PortalError."""
        columns = []
        for code, info in self._fields(name).items():
            if code.startswith(("PARENT_ID_", "PROPERTY_")):
                label = text_of(info.get("title"), self._language) or code
                columns.append(portal_column(code, str(info.get("type", "")), bool(info.get("isMultiple")), label))
        return columns

    def rows(self, table: Whole) -> list[Row]:
        """Return the rows of a small table. Raises PortalError."""
        rows_in, key = table.rows_in, table.key
        if not table.is_camel:
            return self._rows(self._whole(table), rows_in, key)
        rows = self._rows(self._whole(table), rows_in, [camel_name(column) for column in key])
        return [{upper_name(name): value for name, value in row.items()} for row in rows]

    def _custom_column(self, field: UserField, info: Mapping[str, Any]) -> Column:
        labels = (field.label, *(text_of(info.get(key), self._language) for key in ("formLabel", "listLabel")))
        label = next(filter(None, labels), field.name)
        return portal_column(field.name, field.type, field.multiple, label, self._options(field))

    def _options(self, field: UserField) -> Mapping[str, str]:
        if field.type != "crm_status":
            return field.options
        rows = self._known(lambda: self._rows(_STATUSES), "The words of directories") or []
        return {
            str(row["STATUS_ID"]): text_of(row.get("NAME"), self._language)
            for row in map(as_map, rows)
            if field.directory and row.get("ENTITY_ID") == field.directory and "STATUS_ID" in row
        }

    def _known(self, ask: Callable[[], T], what: str) -> T | None:
        """Return what the portal says; None, with a warning, where it refuses."""
        try:
            return ask()
        except PortalError as error:
            if what not in self._warned:
                self._warned.add(what)
                log.warning("%s are not known: %s", what, error)
            return None

    def _user_fields(self, name: str) -> Command:  # P10.1: labels come only with a language
        return Command(f"crm.{name}.userfield.list", {"filter": {"LANG": self._language}})

    def _whole(self, table: Whole) -> Command:
        language = {"filter": {"LANG": self._language}} if table.labelled else {}
        return Command(table.method, {**table.params, **language})

    def _rows(self, command: Command, rows_in: str = "", key: Sequence[str] = ("ID",)) -> list[Row]:
        """Return all rows of an answer, in pages or not. Raises BrokenPromise if some are missing.

        An entry without a `key` is left out, and the log says so once.
        """
        odd = Oddities()
        if command.encoded() not in self._entries:
            self._entries[command.encoded()] = self._all_pages(command, self._answer(command), rows_in, odd)
        entries = self._entries[command.encoded()]
        rows = [row for row in entries if isinstance(row, dict) and all(row.get(one) not in (None, "") for one in key)]
        odd.rows = len(entries) - len(rows)
        if (command.method, odd.rows) not in self._told:
            self._told.add((command.method, odd.rows))
            odd.tell(command.method)
        return rows

    def _all_pages(self, command: Command, answer: Answer, rows_in: str, odd: Oddities) -> list[Any]:
        entries = _entries(command.method, answer, rows_in, odd)
        seen, total = {orjson.dumps(entry) for entry in entries}, answer.total or 0
        while answer.more or total > len(entries):
            page = replace(command, params={**command.params, "start": len(entries)})
            answer = fetch_all(self._client, {"page": page}, max_attempts=MAX_ATTEMPTS)["page"]
            new = [one for one in _entries(command.method, answer, rows_in, odd) if orjson.dumps(one) not in seen]
            if not new:  # P10.1: `start` may be ignored
                break
            entries += new
            seen.update(map(orjson.dumps, new))
        if total > len(entries):
            raise BrokenPromise(command.method, f"only {len(entries)} of {total} rows came, all were expected")
        return entries

    def _fields(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Return what is said of each field of an object, by its name in capitals, as in rows. Raises PortalError."""
        fields = as_map(self._answer(Command(_FIELDS.format(name))).result)
        return {code.upper(): as_map(info) for code, info in fields.items()}

    def _answer(self, command: Command) -> Answer:
        answer = self._loaded()[command.encoded()]
        if answer.error:
            raise answer.error
        return answer

    def _loaded(self) -> dict[str, Answer]:
        with self._lock:
            answers = self._answers or Future()
            must_fetch, self._answers = self._answers is None, answers
        if must_fetch:
            run_into(answers, self._fetch)
        try:
            return answers.result()
        except PortalError:
            with self._lock:
                if self._answers is answers:
                    self._answers = None  # the next caller asks again
            raise

    def _fetch(self) -> dict[str, Answer]:
        shared, self._shared = self._shared, None
        answers = fetch_together(self._client, self._commands, first=shared)
        with suppress(PortalError):
            profile.warn_of_missing_records(answers[_PROFILE.encoded()].result, log)
        return answers


def _entries(method: str, answer: Answer, rows_in: str, odd: Oddities) -> list[Any]:
    """Return the entries of a list, also of one with holes (P1.11). Raises its error, or BrokenPromise."""
    if answer.error:
        raise answer.error
    result = decode(answer.raw, odd)
    entries = entries_of(as_map(result).get(rows_in) if rows_in else result)
    if entries is None:
        raise BrokenPromise(method, "the answer is no list of rows")
    return entries
