"""A portal that users edit, and a warehouse that is kept up to date by syncs with faults, races and kills."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.methods.products import ONLY_IN_GET
from emulator.store import Portal, sample_portal
from emulator.wire import Row
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.catalog.tombstone import DELETED_AT

STREAMS = (
    "contact_companies",
    "contacts",
    "deal_contacts",
    "deal_custom_field_values",
    "deal_products",
    "deal_stage_history",
    "deals",
    "products",
)
# columns of product rows that only crm.<owner>.productrows.get shows as they are (P4.7, P4.9)
GET_ONLY_COLUMNS = (*ONLY_IN_GET, "STORE_ID")
METHODS = (
    "crm.deal.list",
    "crm.contact.list",
    "crm.contact.company.items.get",
    "crm.deal.contact.items.get",
    "crm.item.list",
    "crm.deal.productrows.get",
    "crm.productrow.list",
    "crm.stagehistory.list",
    "crm.product.list",
    "profile",
    "batch",
)
_KEYS = {table.name: table.key for table in TABLES}
_RECONCILIATION = 8 * 86_400.0
_STATE_BYTES = 2048
_ADDED = "UF_CRM_ADDED_"
_NO_WORD = re.compile(r"LABELS?: (None|\[.*None.*\]), in the portal")
_MADE = ("_LABEL", "_AMOUNT", "_CURRENCY")  # ends of the names of columns that are made of others
_LONGEST_TRANSACTION = timedelta(minutes=5)  # P8.4


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """A fault during a sync: it hits `times` requests from the `at`-th on."""

    kind: str
    at: int
    times: int


@dataclass(frozen=True, slots=True)
class Race:
    """An edit during a sync, right before the `nth` call of a method."""

    method: str
    nth: int
    edit: str
    pick: int


class History:
    """A portal and its copy. Numbers choose each edit, so that hypothesis or a random seed can drive it."""

    EDITS: ClassVar[dict[str, "Callable[[History, int], object]"]] = {
        "create": lambda self, pick: self.portal.create("deal", TITLE=f"New {pick}", CURRENCY_ID="EUR"),
        "edit": lambda self, pick: self._update("deal", pick, TITLE=f"Edited {self._timestamp()}"),
        "move": lambda self, pick: self._update("deal", pick, STAGE_ID="WON" if pick % 2 else "LOSE", CATEGORY_ID=0),
        "delete": lambda self, pick: self.portal.delete("deal", self._any("deal", pick)),
        "delete_new": lambda self, pick: self._delete_new(),
        "delete_contact": lambda self, pick: self._delete_contact(pick),
        "restore": lambda self, pick: self._restore(pick),
        "import": lambda self, pick: self._import(pick),
        "set_rows": lambda self, pick: self._set_rows(pick),
        "empty_rows": lambda self, pick: self._empty_rows(pick),
        "reorder_rows": lambda self, pick: self._reorder_rows(pick),
        "link": lambda self, pick: self._link(pick),
        "cut": lambda self, pick: self._cut(pick),
        "link_contact": lambda self, pick: self._link_contact(pick),
        "cut_contact": lambda self, pick: self._cut_contact(pick),
        "edit_contact": lambda self, pick: self._update("contact", pick, NAME=f"Edited {self._timestamp()}"),
        "edit_product": lambda self, pick: self._update("product", pick, NAME=f"Edited {self._timestamp()}"),
        "commit_late": lambda self, pick: self._commit_late(pick),
        "begin_create": lambda self, pick: self._begin_create(pick),
        "commit_create": lambda self, pick: self._commit_create(),
        "wait": lambda self, pick: self.pass_time(pick % 1000),
        "add_field": lambda self, pick: self._add_field(pick),
        "remove_field": lambda self, pick: self._remove_field(pick),
        "empty": lambda self, pick: self._empty(pick),
        "spend": lambda self, pick: self._spend_operating_time(pick),
    }

    def __init__(
        self,
        folder: Path,
        start: float = 1_796_000_000.0,
        zone: str = "Europe/Moscow",
        deals: int = 130,
        *,
        in_flight: int = 1,
        columns_left_out: tuple[str, ...] = (),
        database_skew: float = 0.0,
    ) -> None:
        self.clock = PlayedClock(start)
        sizes = {"contacts": 70, "companies": 20, "leads": 1, "quotes": 1, "activities": 1, "products": 60}
        self.portal: Portal = sample_portal(self.clock, deals, zone=zone, **sizes)
        self.portal.database_skew = database_skew
        fields = self.portal.user_fields["deal"]
        fields[:] = fields[::3]  # a few of each type: each field adds a row per deal to deal_custom_field_values
        self.app = App(self.portal)
        self.connector = Connector(self.app, folder, concurrent_requests=in_flight)
        self.connector.columns_left_out = columns_left_out
        # destinations keep the older of two edits in an hour that clocks repeat
        self.warehouse = Warehouse(self.connector.streams(), latest_line_wins=zone != "Europe/Moscow")
        self.printed: list[str] = []
        self._uncommitted: list[tuple[datetime, dict[str, Any]]] = []
        self._removed: set[str] = set()  # custom fields
        self._once_denied: set[int] = set()  # deals
        self._has_finished = True  # the last sync
        self._needs_reconciliation = False
        self._words_may_lack = False  # a sync may have found no words for labels

    def edit(self, name: str, pick: int) -> None:
        """Make an edit as a user of the portal."""
        self.EDITS[name](self, pick)

    def pass_time(self, seconds: float) -> None:
        """Let time pass without edits."""
        self.clock.sleep(seconds)

    def sync(self, faults: Sequence[FaultPlan] = (), races: Sequence[Race] = (), kill_after: int | None = None) -> bool:
        """Run a sync; return whether it finished. Lines printed before a kill are in the warehouse."""
        self._words_may_lack |= bool(faults)
        for fault in faults:
            self.app.fault(fault.kind, at=fault.at, times=fault.times)
        for race in races:
            self.app.before(race.method, race.nth, lambda race=race: self.edit(race.edit, race.pick))  # type: ignore[misc]
        lines = self.connector.lines("read", catalog=self.connector.catalog(STREAMS), state=self.warehouse.state)
        killed = False
        for count, line in enumerate(lines):
            assert self.app.webhook.token not in line
            self.printed.append(line)
            self.warehouse.take([json.loads(line)])
            if kill_after is not None and count >= kill_after:
                killed = True
                break
        lines.close()  # type: ignore[attr-defined]
        self.app.faults.clear()
        self._has_finished = not killed and self.connector.exit_code == 0
        return self._has_finished

    def take_rights(self, pick: int) -> None:
        """The webhook's user is no administrator any more, and may not see some deals."""
        ids = self.portal.tables["deal"].ids
        self.portal.user_is_admin, self._words_may_lack = False, True
        # as many as come and go at once cannot be seen by numbers, so none come
        denied = self.portal.denied.setdefault("deal", set())
        denied |= {number for number in ids if (number + pick) % 5 == 0}
        self._once_denied |= denied

    def give_rights(self) -> None:
        """The user is an administrator again. That is seen if a sync has finished since the rights were taken."""
        if not self.portal.user_is_admin and not self._has_finished:
            self.sync()
        self.portal.user_is_admin = True
        self.portal.denied.clear()

    def problems(self) -> list[str]:
        """Run a sync without faults; return all differences between copy and portal."""
        self.give_rights()
        self.printed.clear()
        if not self.sync():
            return ["a sync without faults does not finish"]
        problems = [f"{key} printed more than once" for key, count in self._keys_printed().items() if count > 1]
        if self._needs_reconciliation:  # what updates no modification date is right after reconciliation
            self.pass_time(_RECONCILIATION)
            if not self.sync():
                return ["a sync without faults does not finish"]
            self._needs_reconciliation = False
        problems += [
            f"{name} {problem}"
            for name in STREAMS
            for problem in differences(
                self._compared(self.warehouse.rows(name)), self._compared(expected_rows(self.portal, name)), _KEYS[name]
            )
        ]
        if self._words_may_lack:
            problems = [problem for problem in problems if not _NO_WORD.search(problem)]
        problems += [f"a state of {len(state)} bytes" for state in _states(self.printed) if len(state) > _STATE_BYTES]
        return problems

    def _compared(self, rows: list[Row]) -> list[Row]:
        """Without deselected columns, and without changes that move no modification date: new fields, labels of fields."""
        removed = [f"{name}{end}" for name in self._removed for end in ("", *_MADE)]
        left_out = {*self.connector.columns_left_out, "FIELD_LABEL", *removed}
        return [
            {name: value for name, value in row.items() if name not in left_out}
            for row in rows
            if not str(row.get("FIELD_NAME")).startswith(_ADDED)
            and not ("CREATED_TIME" in row and row["OWNER_ID"] in self._once_denied)
        ]

    def _keys_printed(self) -> Counter[tuple[Any, ...]]:
        records = [json.loads(line)["record"] for line in self.printed if line.startswith('{"type":"RECORD"')]
        return Counter(
            (record["stream"], *(record["data"][key] for key in _KEYS[record["stream"]]))
            for record in records
            if DELETED_AT.name not in record["data"]
        )

    def _update(self, name: str, pick: int, **values: Any) -> None:
        self.portal.update(name, self._any(name, pick), **values)

    def _any(self, name: str, pick: int) -> int:
        ids = self.portal.tables[name].ids
        return ids[pick % len(ids)]

    def _timestamp(self) -> str:
        return f"{self.clock.now():.0f} {len(self.app.log)}"

    def _delete_new(self) -> None:
        self.portal.delete("deal", self.portal.tables["deal"].ids[-1])

    def _delete_contact(self, pick: int) -> None:
        if len(self.portal.tables["contact"]) > 20:
            self.portal.delete("contact", self._any("contact", pick))
            self._needs_reconciliation = True  # its links to deals are gone, and no date of a deal moves (P8.2)

    def _remove_field(self, pick: int) -> None:
        fields = self.portal.user_fields["deal"]
        if len(fields) > 3:
            removed = fields[pick % len(fields)].name
            self._removed.add(removed)
            self.portal.remove_user_field("deal", removed)

    def _restore(self, pick: int) -> None:
        binned = sorted(number for name, number in self.portal._bin if name == "deal")
        if binned:
            self.portal.restore("deal", binned[pick % len(binned)])

    def _import(self, pick: int) -> None:
        old = self.portal.database_now() - timedelta(days=30 + pick % 300)
        self.portal.import_row("deal", TITLE=f"Imported {pick}", DATE_CREATE=old, DATE_MODIFY=old)

    def _set_rows(self, pick: int) -> None:
        deal = self._any("deal", pick)
        kept = self.portal.product_rows("deal", deal)[: pick % 3]
        # a new total moves the modification date of the deal (P8.2)
        price = Decimal(len(self.app.log) * 1000 + pick % 997 + 1)
        self.portal.set_product_rows(
            "deal", deal, [*kept, {"PRODUCT_NAME": "Row", "PRICE": price, "QUANTITY": Decimal(1)}]
        )

    def _empty_rows(self, pick: int) -> None:
        self.portal.set_product_rows("deal", self._any("deal", pick), [])
        self._needs_reconciliation = True  # the date moves only if the total does (P8.2)

    def _reorder_rows(self, pick: int) -> None:
        deal = self._any("deal", pick)
        rows = self.portal.product_rows("deal", deal)[::-1]
        self.portal.set_product_rows("deal", deal, [row | {"SORT": place} for place, row in enumerate(rows)])
        self._needs_reconciliation = True

    def _cut(self, pick: int) -> None:
        contact = self._any("contact", pick)
        for link in self.portal.companies_of(contact)[:1]:
            self.portal.unlink_company(contact, link["COMPANY_ID"])
        self._needs_reconciliation = True

    def _link_contact(self, pick: int) -> None:
        self.portal.link_contact("deal", self._any("deal", pick), self._any("contact", pick))
        if pick % 2:
            self.edit("edit", pick)
        self._needs_reconciliation = True

    def _cut_contact(self, pick: int) -> None:
        deal = self._any("deal", pick)
        links = self.portal.contact_links.of("deal", deal)
        for link in links[-1:] if pick % 3 else links:
            self.portal.unlink_contact("deal", deal, link["CONTACT_ID"])
        if pick % 2:
            self.edit("edit", pick)
        self._needs_reconciliation = True

    def _link(self, pick: int) -> None:
        contact = self._any("contact", pick)
        self.portal.link_company(contact, self._any("company", pick))
        self.edit("edit_contact", pick)

    def _commit_late(self, pick: int) -> None:
        table = self.portal.tables["deal"]
        written = self.portal.database_now() - timedelta(seconds=pick % 290)
        row = table.row(self._any("deal", pick))
        if written >= row["DATE_MODIFY"]:
            table.put(row | {"TITLE": f"Late {self._timestamp()}", "DATE_MODIFY": written})

    def _begin_create(self, pick: int) -> None:
        table = self.portal.tables["deal"]
        row = table.row(self.portal.create("deal", TITLE=f"Uncommitted {pick}"))
        table.remove(row["ID"])
        self._uncommitted.append((self.portal.database_now(), row))

    def _commit_create(self) -> None:
        while self._uncommitted:
            written, row = self._uncommitted.pop()
            if abs(self.portal.database_now() - written) < _LONGEST_TRANSACTION:
                self.portal.tables["deal"].put(row)

    def _spend_operating_time(self, pick: int) -> None:
        """Another client nearly uses up the operating time of the lists, or of the methods that read one owner."""
        lists = pick % 3 == 0
        for method in METHODS[:-1]:
            if method.endswith(".list") == lists:
                account = f"batch {method}"
                self.app.limits.operating.add(account, 470.0 - self.app.limits.operating.spent(account))

    def _empty(self, pick: int) -> None:
        """Empty the custom fields of one of the deals, most often one of the newest."""
        ids = self.portal.tables["deal"].ids
        deal = ids[-1 - pick % len(ids)]
        self.portal.update(
            "deal", deal, **{one.name: [] if one.multiple else None for one in self.portal.user_fields["deal"]}
        )

    def _add_field(self, pick: int) -> None:
        code = f"{_ADDED}{len(self.portal.user_fields['deal'])}"
        self.portal.add_user_field("deal", code, "string", en="Added")
        self.portal.update("deal", self._any("deal", pick), **{code: "filled"})


def _states(lines: Sequence[str]) -> list[str]:
    return [found[0] for line in lines if (found := re.search(r'"stream_state":\{.*\}', line))]
