"""The words behind codes: one dictionary a sync, which comes with the metadata."""

import logging
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from ..portal.batch import Command
from ..portal.errors import PortalError
from ..portal.keyset import Listing, Row, Span, chain_pages, read_all_pages
from ..portal.retry import retry
from .column import Column
from .label import Label, amount_of, currency_of, is_person, label_columns
from .metadata import Metadata
from .table import DEALS
from .user_field import as_map, text_of

log = logging.getLogger("airbyte.bitrix24")

DEAL_PIPELINES, ITEM_PIPELINES = "$pipelines", "$item_pipelines"
_PAGES = 50


class Words:
    """Makes labels. `users`: the list of users; `pipelines`: the commands for the pipelines of deals and of items."""

    def __init__(self, metadata: Metadata, users: Listing) -> None:
        self._metadata = metadata
        self._users = users
        self._failed: set[str] = set()

    @cached_property
    def has_people(self) -> bool:
        """Whether the webhook may read users; not where the portal does not say so."""
        return bool((self._metadata.scopes() or frozenset()) & {"user", "user_basic", "user_brief"})

    def columns_beside(self, column: Column) -> list[Column]:
        """Return the columns that are made of this one in this portal."""
        return [] if is_person(column) and not self.has_people else label_columns(column)

    def labels(self, column: Column, number: int | None) -> list[Label]:
        """Return what is made of a column. `number`: the entityTypeId of the items that it belongs to."""
        beside = label_columns(column)
        if column.portal_type == "money":
            parts: tuple[Callable[[Any], Any], ...] = (amount_of, currency_of)
            return [Label(one, column.name, part) for one, part in zip(beside, parts, strict=True)]
        return [Label(one, column.name, self._words_of(column, number).get) for one in beside]

    def _words_of(self, column: Column, number: int | None) -> Mapping[Any, str]:
        if column.options:
            return _by_number_and_text(column.options)
        if column.words in self._failed:
            return {}
        try:
            if is_person(column):
                return self._people
            if column.words in (DEAL_PIPELINES, ITEM_PIPELINES):
                return self._pipelines(DEALS if column.words == DEAL_PIPELINES else number or 0)
            return self._directory(column.words)
        except PortalError as error:
            self._failed.add(column.words)
            log.warning("The words for %s are not known, so its labels are empty: %s", column.name, error)
            return {}

    def _directory(self, pattern: str) -> Mapping[Any, str]:
        """Return the words of the directories whose names match a pattern."""
        rows = map(as_map, self._metadata.list_of(Command("crm.status.list")))
        return {
            str(row["STATUS_ID"]): text_of(row.get("NAME"), "")
            for row in rows
            if "STATUS_ID" in row and fnmatchcase(str(row.get("ENTITY_ID")), pattern)
        }

    def _pipelines(self, number: int) -> Mapping[Any, str]:
        rows = self._metadata.list_of(pipelines_of(number), "categories", "id")
        return {row["id"]: text_of(row.get("name"), "") for row in rows}

    @cached_property
    def _people(self) -> Mapping[Any, str]:
        """The names of all users by ID: the newest page comes with the metadata, further ones by themselves."""
        page = read_all_pages(self._users, Span(), {"p0": self._metadata.answer(first_users(self._users))})
        names = dict(map(_name_of, page.rows))
        client = self._metadata.client
        while page.left and page.rows:
            commands = chain_pages(self._users, page.left, _PAGES)
            answers = retry(client, lambda: client.batch(commands)).by_key  # noqa: B023
            if error := answers["p0"].error:
                raise error
            page = read_all_pages(self._users, page.left, answers)
            names |= dict(map(_name_of, page.rows))
        return {number: name for number, name in names.items() if name}


def first_users(users: Listing) -> Command:
    """Return the command for the newest users."""
    return chain_pages(users, Span(), 1)["p0"]


def pipelines_of(number: int) -> Command:
    """Return the command for the pipelines of a type of objects."""
    return Command("crm.category.list", {"entityTypeId": number})


def _name_of(row: Row) -> tuple[int, str]:
    return int(row["ID"]), " ".join(str(row[part]) for part in ("NAME", "LAST_NAME") if row.get(part))


def _by_number_and_text(options: Mapping[str, str]) -> Mapping[Any, str]:
    return {**options, **{int(code): text for code, text in options.items() if code.isdecimal()}}
