"""Rows that are gone from the portal are gone from the copy after the next sync."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.deletions import TABLES_OF_0_1
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from integration_tests.expected import expected_rows
from integration_tests.harness import Connector, Warehouse, differences, records, states, without_words
from source_bitrix24.catalog.table import Scanned
from source_bitrix24.catalog.tables import TABLES

TABLE = {table.name: table for table in TABLES}
LISTS = ("activities", "companies", "contacts", "deals", "leads", "quotes", "deal_stage_history")
FIELDS = tuple(f"{name}_custom_field_values" for name in ("company", "contact", "deal", "lead"))
DELETED = "_ab_cdc_deleted_at"


@pytest.fixture
def app() -> App:
    app = App(sample_portal(PlayedClock(), deals=700))
    app.limits.bucket.enabled = False
    for fields in app.portal.user_fields.values():
        del fields[4:]
    return app


class Copy:
    """A warehouse that is kept up to date by syncs of some tables."""

    def __init__(self, app: App, folder: Path, *names: str, **settings: Any) -> None:
        self.app = app
        self.names = names
        self.connector = Connector(app, folder, **settings)
        self.warehouse = Warehouse(self.connector.streams())
        self.printed: list[dict[str, Any]] = []

    def sync(self) -> list[dict[str, Any]]:
        self.app.log.clear()
        self.printed = self.connector.read(*self.names, state=self.warehouse.state)
        self.warehouse.take(self.printed)
        assert self.connector.exit_code == 0
        return self.printed

    def problems(self, *, words: bool = True) -> list[str]:
        """`words`: whether labels are compared."""
        found = []
        for name in self.names:
            ours, theirs = self.warehouse.rows(name), expected_rows(self.app.portal, name)
            if not words:
                ours, theirs = without_words(ours), without_words(theirs)
            found += [f"{name} {problem}" for problem in differences(ours, theirs, TABLE[name].key)]
        return found

    def tombstones(self, name: str) -> list[dict[str, Any]]:
        return [row for row in records(self.printed, name) if row.get(DELETED)]


def test_rows_that_are_gone_leave_the_copy(app: App, tmp_path: Path) -> None:
    copy = Copy(app, tmp_path, *LISTS, *FIELDS)
    copy.sync()
    assert copy.problems() == []
    app.portal.clock.sleep(3600)
    gone = {
        name: app.portal.tables[name].ids[7] for name in ("activity", "company", "contact", "deal", "lead", "quote")
    }
    for name, number in gone.items():
        app.portal.delete(name, number)
    copy.sync()
    assert copy.problems() == []
    assert [row["ID"] for row in copy.tombstones("deals")] == [gone["deal"]]
    assert {row["ID"] for row in copy.tombstones("deal_custom_field_values")} == {gone["deal"]}
    assert copy.sync()
    assert [name for name in copy.names if records(copy.printed, name)] == []


def test_rows_that_are_hidden_while_others_are_shown_are_read_again_when_they_are_back(
    app: App, tmp_path: Path
) -> None:
    ids = app.portal.tables["deal"].ids
    app.portal.user_is_admin = False
    app.portal.denied["deal"] = {*ids[0:30:5], *ids[80:100:5]}
    copy = Copy(app, tmp_path, "deals")
    copy.sync()
    app.portal.clock.sleep(86_400)
    app.portal.denied["deal"] = set(ids[1:30:5])  # as many as before of the first rows, none of the others
    app.portal.update("deal", ids[1], TITLE="Edited while it was hidden")
    app.portal.clock.sleep(2 * 86_400)
    copy.sync()
    assert copy.tombstones("deals") == []
    app.portal.clock.sleep(3600)
    app.portal.denied.clear()
    copy.sync()
    assert copy.problems(words=False) == []


def test_rows_that_are_gone_while_others_are_shown_leave_the_copy(app: App, tmp_path: Path) -> None:
    ids = app.portal.tables["deal"].ids
    app.portal.user_is_admin = False
    app.portal.denied["deal"] = {*ids[0:30:5], *ids[80:100:5]}
    copy = Copy(app, tmp_path, "deals", "deal_stage_history")
    copy.sync()
    app.portal.clock.sleep(86_400)
    for number in ids[1:30:5]:  # as many as are shown of the first rows
        app.portal.delete("deal", number)
    app.portal.user_is_admin = True
    copy.sync()
    assert copy.problems(words=False) == []
    app.portal.delete("deal", ids[1])
    app.log.clear()
    copy.sync()
    assert copy.problems(words=False) == []


def test_nothing_is_asked_where_deletions_are_not_to_be_detected(app: App, tmp_path: Path) -> None:
    copy = Copy(app, tmp_path, "deals", detect_deletions=False)
    copy.sync()
    requests = len(app.log)
    app.portal.delete("deal", app.portal.tables["deal"].ids[7])
    copy.sync()
    assert (requests, len(app.log), copy.tombstones("deals")) == (3, 1, [])  # the words of labels are a request
    assert "rows" not in states(copy.printed, "deals")[-1]
    assert len(copy.problems()) == 1


def test_a_full_refresh_has_no_tombstones_and_asks_for_nothing_more(app: App, tmp_path: Path) -> None:
    connector = Connector(app, tmp_path)
    connector.streams()
    app.log.clear()
    printed = connector.read("deals", sync_mode="full_refresh")
    assert len(app.log) == 3  # the words of labels are one of them
    assert "rows" not in states(printed, "deals")[-1]


def test_a_tombstone_has_the_portals_time_and_is_no_older_than_its_row(app: App, tmp_path: Path) -> None:
    app.portal.database_skew = 7_200  # P8.8: rows are dated two hours ahead
    copy = Copy(app, tmp_path, "deals")
    deal = app.portal.create("deal", TITLE="Dated ahead")
    copy.sync()
    app.portal.clock.sleep(60)
    app.portal.delete("deal", deal)
    copy.sync()
    (tombstone,) = copy.tombstones("deals")
    assert tombstone[DELETED] == app.portal.wire.moment(app.portal.now())
    assert tombstone["DATE_MODIFY"] > tombstone[DELETED]
    assert copy.problems() == []


def test_a_state_of_version_0_1_learns_the_ids_at_its_first_check(app: App, tmp_path: Path) -> None:
    copy = Copy(app, tmp_path, *LISTS, *FIELDS)
    copy.sync()
    for state in copy.warehouse.state:
        state["stream"]["stream_state"].pop("rows")
    app.portal.clock.sleep(3600)
    copy.sync()
    assert [name for name in copy.names if copy.tombstones(name)] == []
    for name in ("activity", "company", "contact", "deal", "lead", "quote"):
        app.portal.delete(name, app.portal.tables[name].ids[9])
    copy.sync()
    assert copy.problems() == []


def test_rows_older_than_the_start_date_are_neither_printed_nor_taken_back(app: App, tmp_path: Path) -> None:
    start = (app.portal.now() - timedelta(days=200)).strftime("%Y-%m-%d")
    copy = Copy(app, tmp_path, "deals", start_date=start)
    copy.sync()
    printed = {row["ID"] for row in copy.warehouse.rows("deals")}
    older = [number for number in app.portal.tables["deal"].ids if number not in printed]
    assert 50 < len(printed) < 650
    app.portal.clock.sleep(3600)
    app.portal.delete("deal", older[3])
    app.portal.delete("deal", min(printed))
    app.portal.update("deal", older[4], TITLE="Changed")
    copy.sync()
    assert [row["ID"] for row in copy.tombstones("deals")] == [min(printed)]
    assert {row["ID"] for row in copy.warehouse.rows("deals")} == printed - {min(printed)} | {older[4]}
    app.portal.delete("deal", older[4])
    copy.sync()
    assert [row["ID"] for row in copy.tombstones("deals")] == [older[4]]


def test_a_custom_field_that_is_removed_takes_its_rows_with_it(app: App, tmp_path: Path) -> None:
    copy = Copy(app, tmp_path, "deal_custom_field_values")
    copy.sync()
    field = app.portal.user_fields["deal"][1].name
    assert any(row["FIELD_NAME"] == field for row in copy.warehouse.rows("deal_custom_field_values"))
    app.portal.remove_user_field("deal", field)
    copy.sync()
    assert copy.problems() == []
    copy.sync()
    assert records(copy.printed, "deal_custom_field_values") == []


# rights


def test_of_rows_that_a_user_may_not_see_any_more_only_those_that_are_gone_are_taken_back(
    app: App, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = Copy(app, tmp_path, "deals", "deal_custom_field_values")
    app.portal.user_is_admin = False
    copy.sync()
    ids = app.portal.tables["deal"].ids
    gone = {ids[120], ids[300]}
    app.portal.denied = {"deal": set(ids[100:150])}
    for number in gone:
        app.portal.delete("deal", number)
    app.portal.clock.sleep(3600)
    copy.sync()
    assert {row["ID"] for row in copy.tombstones("deals")} == gone
    assert "49 of 700 rows are not in the list any more" in caplog.text
    # changed while the user could not see them, and the date of the change is behind the mark when he can
    app.portal.update("deal", ids[110], TITLE="Changed unseen")
    app.portal.clock.sleep(86_400)
    copy.sync()
    app.portal.denied = {}
    copy.sync()
    assert copy.problems(words=False) == []


def test_more_than_half_of_a_table_is_not_believed_to_be_gone(
    app: App, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = Copy(app, tmp_path, "deals", "deal_stage_history")
    app.portal.user_is_admin = False
    copy.sync()
    rows = {name: len(copy.warehouse.rows(name)) for name in copy.names}
    app.portal.denied = {"deal": set(app.portal.tables["deal"].ids)}
    app.portal.delete("deal", app.portal.tables["deal"].ids[7])
    copy.sync()
    assert (copy.tombstones("deals"), copy.tombstones("deal_stage_history")) == ([], [])
    assert "use a webhook that an administrator has created" in caplog.text
    app.portal.denied = {}
    app.portal.user_is_admin = True
    copy.sync()
    assert copy.problems() == []
    assert len(copy.warehouse.rows("deals")) == rows["deals"] - 1


@pytest.mark.parametrize("table", ["activities", "deal_stage_history"])
def test_what_cannot_be_asked_for_is_taken_back_for_administrators_only(
    app: App, tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    copy = Copy(app, tmp_path, table)
    app.portal.user_is_admin = False
    copy.sync()
    app.portal.delete("activity", app.portal.tables["activity"].ids[7])
    app.portal.delete("deal", app.portal.tables["deal"].ids[7])
    copy.sync()
    assert copy.tombstones(table) == []
    assert "nothing proves that they are gone" in caplog.text
    app.portal.user_is_admin = True
    copy.sync()
    assert copy.problems(words=False) == []


def test_rights_that_change_during_the_check_prove_nothing(app: App, tmp_path: Path) -> None:
    copy = Copy(app, tmp_path, "activities")
    copy.sync()
    denied = {"activity": set(app.portal.tables["activity"].ids[5:9])}
    app.portal.denied, app.portal.user_is_admin = denied, True
    app.before("crm.activity.list", 3, lambda: setattr(app.portal, "user_is_admin", False))
    copy.sync()
    assert copy.tombstones("activities") == []


def test_a_list_that_is_refused_takes_nothing_back(app: App, tmp_path: Path) -> None:
    copy = Copy(app, tmp_path, "deals")
    copy.sync()
    app.webhook.may_not_read = {"deal"}
    printed = copy.connector.read("deals", state=copy.warehouse.state)
    assert (copy.connector.exit_code, records(printed, "deals")) == (1, [])


@pytest.mark.parametrize("table", ["deals", "activities"])
def test_a_row_that_the_portal_sends_as_none_is_not_taken_back(
    app: App, tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    copy = Copy(app, tmp_path, table)
    copy.sync()
    name = {"deals": "deal", "activities": "activity"}[table]
    ids = app.portal.tables[name].ids
    odd, gone = str(ids[50]), ids[51]  # so close that their number comes with their IDs
    app.portal.odd[f"crm.{name}.list"] = lambda rows: [None if row["ID"] == odd else row for row in rows]
    app.portal.clock.sleep(86_400)
    app.portal.delete(name, gone)
    copy.sync()
    assert [row["ID"] for row in copy.tombstones(table)] == ([gone] if table == "deals" else [])
    assert "the portal's row counts do not match its IDs" in caplog.text


# kills


def test_a_row_that_was_printed_behind_the_last_state_and_is_gone_is_taken_back(tmp_path: Path) -> None:
    app = App(sample_portal(PlayedClock(), deals=1_500))
    app.limits.bucket.enabled = False
    del app.portal.user_fields["deal"][:]
    copy = Copy(app, tmp_path, "deals")
    for kill_after in (0, 10, 400, 700, 1_200, 1_499):
        copy.warehouse = Warehouse(copy.connector.streams())
        lines = copy.connector.read_lines("deals")
        count = 0
        for message in lines:
            copy.warehouse.take([message])
            count += message["type"] == "RECORD"
            if count > kill_after:
                break
        lines.close()  # type: ignore[attr-defined]
        for row in copy.warehouse.rows("deals")[:3]:
            app.portal.delete("deal", row["ID"])
        copy.sync()
        copy.sync()
        assert copy.problems() == []


def test_the_text_of_states_stays_small_beside_the_records(tmp_path: Path) -> None:
    app = App(sample_portal(PlayedClock(), deals=4_000, holes=0.66))
    app.limits.bucket.enabled = False
    connector = Connector(app, tmp_path)
    lines = list(connector.lines("read", catalog=connector.catalog(["deal_stage_history"])))
    text = {
        kind: sum(len(line) for line in lines if line.startswith(f'{{"type":"{kind}"')) for kind in ("STATE", "RECORD")
    }
    assert text["STATE"] < 0.05 * text["RECORD"]


# cost


@pytest.mark.parametrize(
    ("names", "requests"), [(TABLES_OF_0_1, 2), (tuple(TABLE), 10)], ids=["twenty tables", "all tables"]
)
def test_a_sync_without_news_costs_few_requests(
    app: App, tmp_path: Path, names: tuple[str, ...], requests: int
) -> None:
    copy = Copy(app, tmp_path, *names, concurrent_requests=4)
    for _ in range(3):  # the first checks of a table prove what the portal tells
        copy.sync()
        app.portal.clock.sleep(86_400)
    copy.sync()
    reads_again = {name for name, table in TABLE.items() if isinstance(table, Scanned) and table.edited_for}
    printed = {name for name in names if TABLE[name].cursor and records(copy.printed, name)}
    assert printed <= reads_again
    assert len(app.log) <= requests


def test_a_deletion_is_found_among_many_rows_with_few_requests(tmp_path: Path) -> None:
    app = App(sample_portal(PlayedClock(), deals=30_000, holes=0.3))
    app.limits.bucket.enabled = False
    copy = Copy(app, tmp_path, "deals")
    copy.connector.columns_left_out = tuple(
        name
        for name in copy.connector.catalog(["deals"])["streams"][0]["stream"]["json_schema"]["properties"]
        if name not in ("ID", "DATE_MODIFY", DELETED)
    )
    copy.sync()
    app.portal.clock.sleep(86_400)
    app.portal.delete("deal", app.portal.tables["deal"].ids[11_111])
    copy.sync()
    assert len(copy.tombstones("deals")) == 1
    assert len(app.log) <= 7
