"""Sets that hang on a parent: after a sync, or after reconciliation, the copy has neither more nor less than the portal."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import Portal, sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, records, states
from integration_tests.seeded_defects import a_length_is_kept_only_behind_its_rows
from source_bitrix24.catalog.tables import TABLES
from source_bitrix24.sync.reconciliation import Allowance

TABLES_OF_SETS = ("deal_products", "contact_companies")
_KEYS = {table.name: table.key for table in TABLES}
_DAY = 86_400


class Copy:
    """A portal, and a warehouse that syncs keep."""

    def __init__(self, folder: Path, deals: int = 130, **settings: Any) -> None:
        self.portal: Portal = sample_portal(PlayedClock(), deals, contacts=70, companies=20)
        self.portal.clock.sleep(_DAY)
        self.connector = Connector(App(self.portal), folder, **settings)
        self.warehouse = Warehouse(self.connector.streams())

    def sync(self, kill_after: int | None = None) -> list[dict[str, Any]]:
        """Read the changes, up to a line if the process is killed behind it; return the messages."""
        state = self.warehouse.state
        messages = []
        for message in self.connector.read_lines(*TABLES_OF_SETS, state=state):
            messages.append(message)
            if kill_after is not None and len(messages) > kill_after:
                break
        self.warehouse.take(messages)
        self.portal.clock.sleep(3600)
        return messages

    def problems(self) -> list[str]:
        """All differences between the copy and the portal."""
        return [
            f"{name} {problem}"
            for name in TABLES_OF_SETS
            for problem in differences(self.warehouse.rows(name), expected_rows(self.portal, name), _KEYS[name])
        ]

    def deal_with(self, rows: int) -> int:
        """A deal with so many product rows."""
        visible: Iterator[int] = (row["ID"] for row in self.portal.visible("deal"))
        return next(deal for deal in visible if len(self.portal.product_rows("deal", deal)) == rows)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    copy = Copy(tmp_path)
    copy.sync()
    assert copy.problems() == []
    return copy


def _row(price: int, **values: Any) -> dict[str, Any]:
    return {"PRODUCT_NAME": "Row", "PRICE": Decimal(price), "QUANTITY": Decimal(1), **values}


@pytest.mark.parametrize("left", [0, 1, 2])
def test_rows_behind_the_end_of_a_set_are_taken_back_and_come_again_when_it_grows(copy: Copy, left: int) -> None:
    deal = copy.deal_with(3)
    rows = copy.portal.product_rows("deal", deal)
    copy.portal.set_product_rows("deal", deal, rows[3 - left :])
    messages = copy.sync()
    gone = [row for row in records(messages, "deal_products") if "_ab_cdc_deleted_at" in row]
    assert [(row["OWNER_ID"], row["POSITION"]) for row in gone] == [(deal, place) for place in range(left + 1, 4)]
    date = copy.portal.wire.moment(copy.portal.tables["deal"].row(deal)["DATE_MODIFY"])
    assert {row["DATE_MODIFY"] for row in gone} == {date}
    assert copy.problems() == []
    copy.portal.set_product_rows("deal", deal, [_row(1000 + place) for place in range(5)])
    copy.sync()
    assert copy.problems() == []


@pytest.mark.parametrize("is_administrator", [True, False])
def test_the_rows_of_a_parent_that_is_gone_are_taken_back(copy: Copy, is_administrator: bool) -> None:
    portal = copy.portal
    portal.user_is_admin = is_administrator
    deals = [copy.deal_with(3), copy.deal_with(1), copy.deal_with(0)]
    contact = next(row["ID"] for row in portal.visible("contact") if portal.companies_of(row["ID"]))
    for deal in deals:
        portal.delete("deal", deal)
    portal.delete("contact", contact)
    gone = [row for row in records(copy.sync(), "deal_products") if "_ab_cdc_deleted_at" in row]
    assert {(row["OWNER_ID"], row["POSITION"]) for row in gone} == {
        *((deals[0], place) for place in (1, 2, 3)),
        (deals[1], 1),
    }
    assert all(row["DATE_MODIFY"] == row["_ab_cdc_deleted_at"] for row in gone)
    assert copy.problems() == []
    assert records(copy.sync(), "deal_products") == []


def test_what_moves_no_date_is_right_after_reconciliation(copy: Copy) -> None:
    portal = copy.portal
    shorter, longer, other = copy.deal_with(3), copy.deal_with(2), copy.deal_with(1)
    rows = portal.product_rows("deal", shorter)
    total = sum(row["PRICE"] * row["QUANTITY"] for row in rows)
    portal.update("deal", shorter, OPPORTUNITY=total)
    two = portal.product_rows("deal", longer)
    portal.update("deal", longer, OPPORTUNITY=sum(row["PRICE"] * row["QUANTITY"] for row in two))
    one = portal.product_rows("deal", other)
    copy.sync()
    portal.set_product_rows("deal", shorter, [_row(0, PRICE=total)])
    portal.set_product_rows("deal", longer, two[::-1])
    linked = next(row["ID"] for row in portal.visible("contact") if portal.companies_of(row["ID"]))
    portal.unlink_company(linked, portal.companies_of(linked)[0]["COMPANY_ID"])
    alone = next(row["ID"] for row in portal.visible("contact") if not portal.companies_of(row["ID"]))
    portal.link_company(alone, portal.tables["company"].ids[2])
    assert one
    copy.sync()
    assert copy.problems()
    portal.clock.sleep(6 * _DAY)
    copy.sync()
    assert copy.problems()
    portal.clock.sleep(_DAY)
    copy.sync()
    assert copy.problems() == []
    assert records(copy.sync(), "deal_products") == []


def test_a_reconciliation_is_spread_over_syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Allowance, "is_used_up", True)
    copy = Copy(tmp_path, deals=1500)
    copy.sync()
    portal = copy.portal
    linked = next(row["ID"] for row in portal.visible("contact") if portal.companies_of(row["ID"]))
    portal.unlink_company(linked, portal.companies_of(linked)[0]["COMPANY_ID"])
    portal.clock.sleep(8 * _DAY)
    belows = []
    for _ in range(10):
        messages = copy.sync()
        again = states(messages, "deal_products")[-1]["sets"].get("again")
        if not again:
            break
        belows.append(again["below"])
    assert len(belows) >= 2
    assert belows == sorted(belows, reverse=True)
    assert copy.problems() == []


@pytest.mark.parametrize("kill_after", range(0, 250, 7))
def test_a_kill_behind_any_line_leaves_no_row_that_is_gone(tmp_path: Path, kill_after: int) -> None:
    assert problems_after_kills(tmp_path, kill_after) == []


def test_a_length_that_is_kept_only_behind_its_rows_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_length_is_kept_only_behind_its_rows(monkeypatch)
    assert any(problems_after_kills(tmp_path, kill_after) for kill_after in range(0, 250, 7))


def problems_after_kills(folder: Path, kill_after: int) -> list[str]:
    """Shorten and empty sets and cut links between two syncs that are killed; return what a third one leaves wrong."""
    copy = Copy(folder)
    copy.sync(kill_after)
    for deal in copy.portal.tables["deal"].ids:
        copy.portal.set_product_rows("deal", deal, copy.portal.product_rows("deal", deal)[:1])
    copy.sync(kill_after // 2)
    for deal in copy.portal.tables["deal"].ids[::2]:
        copy.portal.set_product_rows("deal", deal, [])
    for contact in copy.portal.tables["contact"].ids:
        for link in copy.portal.companies_of(contact):
            copy.portal.unlink_company(contact, link["COMPANY_ID"])
            copy.portal.update("contact", contact, NAME=f"Edited {kill_after}")
    copy.sync()
    return copy.problems()


def test_without_the_setting_no_row_is_taken_back_and_no_length_is_kept(tmp_path: Path) -> None:
    copy = Copy(tmp_path, detect_deletions=False)
    copy.sync()
    deal = copy.deal_with(3)
    copy.portal.set_product_rows("deal", deal, [])
    messages = copy.sync()
    assert [row for row in records(messages, "deal_products") if "_ab_cdc_deleted_at" in row] == []
    assert all("sets" not in state for state in states(messages, "deal_products"))


def test_a_state_of_version_01_reads_all_sets_again(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.sync()
    for state in copy.warehouse.state:
        del state["stream"]["stream_state"]["sets"]
    copy.warehouse.tables["deal_products"].clear()
    copy.warehouse.tables["contact_companies"].clear()
    copy.sync()
    assert copy.problems() == []


def test_the_text_of_states_stays_small_beside_that_of_records(copy: Copy) -> None:
    copy.portal.clock.sleep(8 * _DAY)
    messages = copy.sync()
    text = {"STATE": 0, "RECORD": 0}
    for message in messages:
        if message["type"] in text:
            text[message["type"]] += len(json.dumps(message))
    assert text["STATE"] < 0.2 * text["RECORD"]
