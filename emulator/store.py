"""The data of a portal: the sample company plus all edits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .clock import Clock
from .company import Company
from .company_rows import history_ids
from .company_staff import sample_departments
from .contact_links import ContactLinks
from .fields import CREATED, DATE_STAYS, MODIFIED
from .product_rows import OWNER_TYPES, empty_row, sample_rows
from .reference import LEAD_SEMANTICS, Pipeline, sample_pipelines
from .rules import OwnerLists as OwnerLists
from .rules import Rules
from .sample_tables import sample_tables
from .smart_types import SMART_NAMES, sample_types
from .table import Table
from .userfields import OBJECTS, UserField
from .wire import Row, Wire, wire_of

_HISTORIES = {"deal": "stage_history", "lead": "lead_history"}


@dataclass(frozen=True, slots=True)
class _Deleted:
    """A row in the recycle bin, with what hung on it."""

    row: Row
    product_rows: list[Row]
    links: list[Row]


class Portal:
    """A portal's data and the ways to edit it. Times are local and have no zone, as in its database (P2.15).

    `database_skew`: seconds by which the clock of its database is ahead of that of its web server (P8.8).
    """

    def __init__(self, tables: dict[str, Table], pipelines: list[Pipeline], clock: Clock, wire: Wire) -> None:
        self.tables = tables
        self.pipelines = pipelines
        self.user_fields: dict[str, list[UserField]] = {name: list(tables[name].user_fields) for name in OBJECTS}
        for name in OBJECTS:
            tables[name].user_fields = self.user_fields[name]
        self.clock = clock
        self.wire = wire
        self.user_is_admin = True
        self.user_is_active = True
        self.lists_of_owners: str = OwnerLists.ACCEPT
        self.database_skew = 0.0
        self.denied: dict[str, set[int]] = {}  # by object, IDs that only administrators may see
        self.greatest_total: int | None = None  # that a list tells (P2.6)
        self.scopes = {"crm", "department", "task", "telephony", "user"}
        self.departments = sample_departments()
        self.smart_types = {type_.number: type_ for type_ in sample_types()}
        for name in SMART_NAMES.values():
            tables[name].user_fields = self.user_fields[name] = list(tables[name].user_fields)
        self.odd: dict[str, Callable[[Any], Any]] = {}  # by method, what becomes of its result; see odd.py
        self.rules = Rules()
        self.page_sizes: dict[str, int] = {}  # of methods that answer in pages, though P12.1 knows of none
        self._row_sets: dict[tuple[str, int], list[Row]] = {}
        self._links: dict[int, list[Row]] = {}
        self.contact_links = ContactLinks(tables)
        self._bin: dict[tuple[str, int], _Deleted] = {}
        self._deleted_companies: set[int] = set()
        self._new_row_id = 900_000_000

    def now(self) -> datetime:
        """The portal's local time, in whole seconds."""
        return datetime.fromtimestamp(int(self.clock.now()), self.wire.zone).replace(tzinfo=None, fold=0)

    def database_now(self) -> datetime:
        """The time that the database gives to rows."""
        return self.now() + timedelta(seconds=int(self.database_skew))

    def create(self, name: str, **values: Any) -> int:
        """Create a row now; return its ID."""
        now = self.database_now()
        times = {column: now for column in (CREATED[name], MODIFIED[name]) if column}
        return self.import_row(name, **(times | values))

    def import_row(self, name: str, **values: Any) -> int:
        """Create a row with the given times (P8.3); return its ID."""
        table = self.tables[name]
        defaults: Row = {"IS_RECURRING": False} if name == "deal" else {}
        if name in ("deal", "lead"):
            defaults |= {"CATEGORY_ID": 0, "STAGE_ID": "NEW"} if name == "deal" else {"STATUS_ID": "NEW"}
        if name in ("contact", "company"):
            defaults["CATEGORY_ID"] = 0
        number = table.next_id()
        row: Row = {**dict.fromkeys(table.fields), **defaults, **values, "ID": number}
        table.put(row)
        if name in _HISTORIES:
            self._add_history(name, row, kind=1)
        return number

    def update(self, name: str, number: int, **values: Any) -> bool:
        """Edit a row; return whether a value changed. Only then its modification time moves (P8.2)."""
        before = self.tables[name].row(number)
        if all(before.get(column) == value for column, value in values.items()):
            return False
        moves_date = MODIFIED[name] and name not in DATE_STAYS
        row = before | values | ({MODIFIED[name]: self.database_now()} if moves_date else {})
        self.tables[name].put(row)
        if name in _HISTORIES and _place(name, before) != _place(name, row):
            self._add_history(name, row, kind=5 if before.get("CATEGORY_ID") != row.get("CATEGORY_ID") else 2)
        return True

    def delete(self, name: str, number: int) -> None:
        """Delete a row with its product rows, links and history (P5.5, P8.1). No date of another row moves."""
        row = self.tables[name].row(number)
        product_rows = self.product_rows(name, number) if name in OWNER_TYPES else []
        links = self.companies_of(number) if name == "contact" else []
        self._bin[name, number] = _Deleted(row, product_rows, links)
        self.tables[name].remove(number)
        if name in OWNER_TYPES:
            self._row_sets[name, number] = []
        if name == "contact":
            self._links[number] = []
        if name == "company":
            self._deleted_companies.add(number)
        if name in _HISTORIES:
            history = self.tables[_HISTORIES[name]]
            added = [entry for entry, row in history.edited.items() if row["OWNER_ID"] == number]
            for entry in {*history_ids(name, number), *added}:
                if entry in history and history.row(entry)["OWNER_ID"] == number:
                    history.remove(entry)

    def restore(self, name: str, number: int) -> int:
        """Restore a row from the recycle bin under a new ID, which is returned; its times stay (P8.3).

        Its product rows come back with their IDs, its links with it. The old history is lost: it begins anew (P5.6).
        """
        deleted = self._bin.pop((name, number))
        new = self.tables[name].next_id()
        row = deleted.row | {"ID": new}
        self.tables[name].put(row)
        if name in OWNER_TYPES:
            self._row_sets[name, new] = [product_row | {"OWNER_ID": new} for product_row in deleted.product_rows]
        if name == "contact":
            self._links[new] = deleted.links
        if name == "deal":
            self._add_stage_history(row, kind=1)
        return new

    def product_rows(self, name: str, owner: int) -> list[Row]:
        """The product rows of an owner in their order; empty if there is no such owner."""
        if owner not in self.tables[name]:
            return []
        rows = self._row_sets.get((name, owner))
        if rows is None:
            return sample_rows(name, owner, self.tables["product"].sample.ids)
        return sorted(map(dict, rows), key=lambda row: (row["SORT"] or 0, row["ID"]))

    def set_product_rows(self, name: str, owner: int, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Replace an owner's product rows; return their IDs. Known IDs are kept, other rows get new ones (P4.6).

        The owner's modification time moves only if its total does (P8.2).
        """
        known = {row["ID"] for row in self.product_rows(name, owner)}
        kept = []
        for sort, row in enumerate(rows, 1):
            number = int(row.get("ID") or 0)
            if number not in known:
                self._new_row_id += 1
                number = self._new_row_id
            kept.append({**empty_row(owner, name, number, sort * 10), **row, "ID": number})
        self._row_sets[name, owner] = kept
        total = sum((Decimal(str(row["PRICE"])) * Decimal(str(row["QUANTITY"])) for row in kept), Decimal(0))
        self.update(name, owner, OPPORTUNITY=total.quantize(Decimal("0.01")))
        return [row["ID"] for row in kept]

    def companies_of(self, contact: int) -> list[Row]:
        """A contact's links to companies, the primary link first."""
        if contact not in self.tables["contact"]:
            return []
        if contact in self._links:
            return [dict(link) for link in self._links[contact] if link["COMPANY_ID"] not in self._deleted_companies]
        primary = self.tables["contact"].row(contact).get("COMPANY_ID")
        if not primary:
            return []
        links = [_link(primary, 10, first=True)]
        second = self.tables["company"].sample.hash(contact)
        ids = self.tables["company"].ids
        if second % 5 == 0 and ids and (other := ids[second % len(ids)]) != primary:
            links.append(_link(other, 20, first=False))
        return [link for link in links if link["COMPANY_ID"] not in self._deleted_companies]

    def link_company(self, contact: int, company: int) -> None:
        """Link a company to a contact. No modification time moves (P8.2)."""
        links = [link for link in self.companies_of(contact) if link["COMPANY_ID"] != company]
        self._links[contact] = [*links, _link(company, 10 * len(links) + 10, first=not links)]

    def unlink_company(self, contact: int, company: int) -> None:
        """Remove a contact's link to a company; the next one becomes the primary one, if it was that.

        No modification time moves (P8.2).
        """
        links = [link for link in self.companies_of(contact) if link["COMPANY_ID"] != company]
        if links and not any(link["IS_PRIMARY"] for link in links):
            links[0]["IS_PRIMARY"] = True
        self._links[contact] = links

    def link_contact(self, name: str, number: int, contact: int) -> None:
        """Link a contact to a deal, lead or quote. No modification time moves (P8.2)."""
        self.contact_links.link(name, number, contact)

    def unlink_contact(self, name: str, number: int, contact: int) -> None:
        """Remove such a link. No modification time moves (P8.2)."""
        self.contact_links.unlink(name, number, contact)

    def add_user_field(self, name: str, code: str, type_: str, *, multiple: bool = False, **labels: str) -> UserField:
        """Add a custom field to an object."""
        identifier = max(field.id for fields in self.user_fields.values() for field in fields) + 1
        added = UserField(identifier, name, code, type_, multiple, labels)
        self.user_fields[name].append(added)
        return added

    def remove_user_field(self, name: str, code: str) -> None:
        """Remove a custom field with all its values. No date moves."""
        self.user_fields[name][:] = [field for field in self.user_fields[name] if field.name != code]

    def visible(self, name: str) -> Iterator[Row]:
        """The rows of a list without a filter: no recurring deals, only contacts and companies of category 0 (P2.18)."""
        hiding_column = {"deal": self.rules.hides_deals_by, "contact": "CATEGORY_ID", "company": "CATEGORY_ID"}.get(
            name, ""
        )
        denied = self.denied_ids(name)
        return (row for row in self.tables[name] if not row.get(hiding_column) and row["ID"] not in denied)

    def denied_ids(self, name: str) -> frozenset[int]:
        """The IDs of the rows that the webhook's user may not see; the history goes with its deals."""
        if self.user_is_admin or not self.denied:
            return frozenset()
        if name == "stage_history":
            deals = self.denied.get("deal", set())
            return frozenset(row["ID"] for row in self.tables[name] if deals and row["OWNER_ID"] in deals)
        return frozenset(self.denied.get(name, ()))

    def _add_history(self, name: str, row: Row, kind: int) -> None:
        if name == "deal":
            self._add_stage_history(row, kind)
            return
        semantics = LEAD_SEMANTICS.get(row["STATUS_ID"], "P")
        self.create(
            "lead_history",
            TYPE_ID=3 if kind == 2 and semantics != "P" else kind,
            OWNER_ID=row["ID"],
            STATUS_ID=row["STATUS_ID"],
            STATUS_SEMANTIC_ID=semantics,
        )

    def _add_stage_history(self, deal: Row, kind: int) -> None:
        pipeline = next(pipeline for pipeline in self.pipelines if pipeline.id == deal["CATEGORY_ID"])
        stage = next((stage for stage in pipeline.stages if stage.code == deal["STAGE_ID"]), None)
        semantics = stage.semantics if stage else None
        self.create(
            "stage_history",
            TYPE_ID=3 if kind == 2 and semantics else kind,
            OWNER_ID=deal["ID"],
            CATEGORY_ID=deal["CATEGORY_ID"],
            STAGE_ID=deal["STAGE_ID"],
            STAGE_SEMANTIC_ID=semantics or "P",
        )


def _place(name: str, row: Row) -> tuple[Any, ...]:
    """The stage that a row is in."""
    return (row["STAGE_ID"], row["CATEGORY_ID"]) if name == "deal" else (row["STATUS_ID"],)


def _link(company: int, sort: int, *, first: bool) -> Row:
    return {"COMPANY_ID": company, "SORT": sort, "ROLE_ID": 0, "IS_PRIMARY": first}


def sample_portal(
    clock: Clock, deals: int = 300, seed: int = 1, holes: float = 0.1, zone: str = "Europe/Moscow", **sizes: int
) -> Portal:
    """A portal with `deals` sample deals. `sizes` sets the number of other rows (`leads=…`), by default in proportion.

    `holes`: share of IDs that are missing.
    """
    wire = wire_of(zone)
    start = datetime.fromtimestamp(int(clock.now()), ZoneInfo(zone)).replace(tzinfo=None)
    pipelines = sample_pipelines()
    tables = sample_tables(Company(seed, start, pipelines), deals, holes, sizes)
    portal = Portal(tables, pipelines, clock, wire)
    portal.import_row("deal", TITLE="Monthly fee (template)", IS_RECURRING=True, DATE_CREATE=start, DATE_MODIFY=start)
    portal.import_row("contact", NAME="Vendor", CATEGORY_ID=12, DATE_CREATE=start, DATE_MODIFY=start)
    return portal
