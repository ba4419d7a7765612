"""Links of deals, leads and quotes to contacts (P6). No date of a record moves when they change (P8.2)."""

from collections.abc import Mapping
from typing import Any

from .table import Table

Row = dict[str, Any]
LINKED = ("deal", "lead", "quote")


class ContactLinks:
    """The links of each record in their order, the primary one first unless another was made so."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._edited: dict[tuple[str, int], list[int]] = {}

    def of(self, name: str, number: int) -> list[Row]:
        """The links of a record to contacts that exist; empty if there is no such record."""
        if number not in self._tables[name]:
            return []
        contacts = [one for one in self._contacts(name, number) if one in self._tables["contact"]]
        return [
            {"CONTACT_ID": contact, "SORT": 10 + 10 * place, "ROLE_ID": 0, "IS_PRIMARY": place == 0}
            for place, contact in enumerate(contacts)
        ]

    def link(self, name: str, number: int, contact: int) -> None:
        """Link a contact behind the others."""
        self._edited[name, number] = [*(one for one in self._contacts(name, number) if one != contact), contact]

    def unlink(self, name: str, number: int, contact: int) -> None:
        """Remove a link; the next one becomes the primary one, if it was that."""
        self._edited[name, number] = [one for one in self._contacts(name, number) if one != contact]

    def _contacts(self, name: str, number: int) -> list[int]:
        if (name, number) in self._edited:
            return self._edited[name, number]
        table, contacts = self._tables[name], self._tables["contact"]
        primary = table.row(number).get("CONTACT_ID")
        if not primary:
            return []
        draw = table.sample.hash(number)
        ids = contacts.sample.ids  # not those of today: links do not change with other contacts
        others = [ids[(draw >> shift) % len(ids)] for shift in (8, 16)[: (0, 0, 0, 1, 2)[draw % 5]]] if ids else []
        return list(dict.fromkeys([primary, *others]))
