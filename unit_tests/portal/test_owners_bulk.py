"""Sets of owners found in bulk: always those that the owners have alone, or left to be asked alone."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import closing
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.registry import RestError
from emulator.store import sample_portal
from source_bitrix24.portal.keyset import Row
from source_bitrix24.portal.owners import OwnerSets
from source_bitrix24.portal.owners_bulk import METHOD as LIST
from source_bitrix24.portal.owners_bulk import BulkRows, Mode
from source_bitrix24.portal.scan_context import ScanContext
from unit_tests.mounted import client_of, methods_sent

GET = "crm.lead.productrows.get"
IN_BOTH = (
    "ID",
    "OWNER_ID",
    "PRODUCT_NAME",
    "PRICE",
    "QUANTITY",
    "SORT",
    "TAX_INCLUDED",
    "MEASURE_CODE",
    "MEASURE_NAME",
    "TYPE",
)
ONLY_ALONE = "PRODUCT_DESCRIPTION"
WITH_ONLY_ALONE = (*IN_BOTH, ONLY_ALONE)


def portal_of(owners: int) -> App:
    app = App(sample_portal(PlayedClock(), deals=0, leads=owners, holes=0))
    app.limits.bucket.enabled = False
    return app


def typed(row: Row) -> Row:
    return {name: float(value) if str(value)[:1].isdecimal() else value for name, value in row.items()}


class Reader:
    """Reads the sets of all leads of a portal, as a job does: in bulk, and alone what the bulk leaves."""

    def __init__(
        self, app: App, columns: Collection[str] = IN_BOTH, lanes: int = 1, *, is_allowed: bool = True
    ) -> None:
        self.app = app
        self.context = ScanContext(client_of(app, lanes=lanes))
        self.permissions_checked = 0
        self.rows: list[Row] = []

        def allowed() -> bool:
            self.permissions_checked += 1
            return is_allowed

        self.bulk = BulkRows(self.context, GET, "L", columns, typed, allowed)

    def sets(self) -> dict[int, list[int]]:
        """Return the IDs of each owner's rows, the owners in the order in which they come."""
        known = self.bulk.sets({"ID": str(owner)} for owner in self.app.portal.tables["lead"].ids[::-1])
        with closing(self.bulk), closing(OwnerSets(self.context, GET, known, LIST)) as sets:
            found = list(chain.from_iterable(chunk for chunk in sets.chunks() if isinstance(chunk, list)))
        self.rows = [typed(row) for _, rows in found for row in rows or ()]
        owners = [int(owner["ID"]) for owner, _ in found]
        assert owners == sorted(set(owners), reverse=True)
        return {int(owner["ID"]): [int(row["ID"]) for row in rows or ()] for owner, rows in found}

    @property
    def asked_alone(self) -> int:
        return methods_sent(self.app)[GET]

    @property
    def pages(self) -> int:
        return methods_sent(self.app)[LIST]


def held(app: App) -> dict[int, list[int]]:
    """Return the IDs of each owner's rows in the portal."""
    return {
        owner: [row["ID"] for row in app.portal.product_rows("lead", owner)] for owner in app.portal.tables["lead"].ids
    }


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("columns", [IN_BOTH, WITH_ONLY_ALONE], ids=["all columns", "a column missing"])
@pytest.mark.parametrize("lists_of_owners", ["pass", "refuse", "first", "some"])
@pytest.mark.parametrize("owners", [0, 1, 49, 50, 51, 700])
def test_every_set_is_complete_however_the_portal_answers_lists_of_owners(
    owners: int, lists_of_owners: str, columns: tuple[str, ...], lanes: int
) -> None:
    app = portal_of(owners)
    app.portal.lists_of_owners = lists_of_owners
    assert Reader(app, columns, lanes).sets() == held(app)


def test_fifty_owners_are_asked_alone_in_one_request_without_a_look_at_permissions() -> None:
    reader = Reader(portal_of(50))
    reader.sets()
    assert (len(reader.app.log), reader.asked_alone, reader.pages) == (1, 50, 0)
    assert reader.permissions_checked == 0


def test_a_webhook_that_is_not_an_administrators_never_uses_the_list() -> None:
    """It leaves out, without an error, the rows that its user may not see (P2.19)."""
    reader = Reader(portal_of(300), is_allowed=False)
    assert reader.sets() == held(reader.app)
    assert (reader.bulk.mode, reader.asked_alone, reader.pages) == (Mode.OFF, 300, 0)
    assert reader.permissions_checked == 1


def test_the_rows_of_hundreds_of_owners_come_in_one_request() -> None:
    reader = Reader(portal_of(5000))
    rows = sum(map(len, reader.sets().values()))
    assert rows > 4500
    assert reader.bulk.mode is Mode.ROWS
    assert len(reader.app.log) <= rows / 2500 * 1.2 + 3
    assert reader.asked_alone <= 49 + len(reader.app.log)


def test_rows_in_bulk_have_the_values_that_they_have_alone() -> None:
    in_bulk, alone = Reader(portal_of(300)), Reader(portal_of(300), is_allowed=False)
    assert in_bulk.sets() == alone.sets()
    assert [{name: row[name] for name in IN_BOTH} for row in in_bulk.rows] == [
        {name: row[name] for name in IN_BOTH} for row in alone.rows
    ]


def test_a_list_that_lacks_a_column_finds_the_owners_with_rows_and_only_these_are_asked() -> None:
    reader = Reader(portal_of(1000), WITH_ONLY_ALONE)
    assert reader.sets() == held(reader.app)
    assert reader.bulk.mode is Mode.OWNERS_ONLY
    assert all(ONLY_ALONE in row for row in reader.rows)
    with_rows = sum(map(bool, held(reader.app).values()))
    assert reader.asked_alone <= with_rows + 60
    assert len(reader.app.log) <= with_rows / 50 + 8


def test_a_list_that_is_refused_is_tried_once() -> None:
    app = portal_of(300)
    app.portal.lists_of_owners = "refuse"
    reader = Reader(app)
    reader.sets()
    assert (reader.bulk.mode, reader.asked_alone, reader.pages) == (Mode.OFF, 300, 1)


@pytest.mark.parametrize("lists_of_owners", ["first", "some"])
def test_a_list_that_does_not_honour_all_owners_is_not_used(lists_of_owners: str) -> None:
    app = portal_of(300)
    app.portal.lists_of_owners = lists_of_owners
    reader = Reader(app)
    assert reader.sets() == held(app)
    assert (reader.bulk.mode, reader.asked_alone) == (Mode.OFF, 300)


def test_where_too_few_owners_have_rows_to_compare_all_are_asked_alone() -> None:
    app = portal_of(300)
    for owner in range(1, 301):
        app.portal.set_product_rows("lead", owner, [])
    reader = Reader(app)
    assert reader.sets() == held(app)
    assert (reader.bulk.mode, reader.asked_alone) == (Mode.PROBING, 300)
    assert reader.permissions_checked == 1


# rows as they were written long ago, or by other programs
OLD_ROWS: list[Row] = [
    {"PRODUCT_NAME": ""},
    {"PRODUCT_NAME": None},
    {"MEASURE_CODE": None, "MEASURE_NAME": None},
    {"MEASURE_CODE": 0, "MEASURE_NAME": ""},
    {"PRICE": Decimal("12.345")},
    {"QUANTITY": Decimal("0.33333")},
    {"PRICE": None, "QUANTITY": Decimal(1)},
    {"TAX_INCLUDED": None},
    {"TYPE": None},
    {"SORT": None},
]


@pytest.mark.parametrize("old", OLD_ROWS, ids=str)
def test_a_set_with_a_row_that_shows_other_values_alone_is_asked_alone(old: Row) -> None:
    """P4.9: most of the rows of each request and all that are compared are new, so no sample shows it."""
    app = portal_of(400)
    owner = next(lead for lead in app.portal.tables["lead"].ids if len(app.portal.product_rows("lead", lead)) > 1)
    kept = app.portal.product_rows("lead", owner)
    app.portal._row_sets["lead", owner] = [{**kept[0], "PRODUCT_ID": 5, **old}, *kept[1:]]
    in_bulk, alone = Reader(app), Reader(app, is_allowed=False)
    assert in_bulk.sets() == alone.sets()
    assert in_bulk.bulk.mode is Mode.ROWS
    columns = [[{name: row[name] for name in IN_BOTH} for row in reader.rows] for reader in (in_bulk, alone)]
    assert columns[0] == columns[1]


def test_the_warehouse_is_never_taken_from_the_list() -> None:
    reader = Reader(portal_of(300), (*IN_BOTH, "STORE_ID"))
    assert reader.sets() == held(reader.app)
    assert reader.bulk.mode is Mode.OWNERS_ONLY


@pytest.mark.parametrize("lists_of_owners", ["refuse", "first", "some"])
@pytest.mark.parametrize("lanes", [1, 4])
def test_no_row_is_lost_on_a_portal_that_changes_its_lists_while_they_are_read(
    lists_of_owners: str, lanes: int
) -> None:
    app = portal_of(1200)
    app.before(LIST, 3, lambda: setattr(app.portal, "lists_of_owners", lists_of_owners))
    found = Reader(app, lanes=lanes).sets()
    if lists_of_owners == "some":  # one owner of a request is compared: what is left out among the others may not show
        found = {owner: rows for owner, rows in found.items() if owner % 7 or rows}
    assert found.items() <= held(app).items()
    if lists_of_owners != "some":
        assert found == held(app)


def test_an_owner_that_is_deleted_while_sets_are_read_has_no_rows() -> None:
    app = portal_of(300)
    app.before(GET, 10, lambda: app.portal.delete("lead", 200))
    before = held(app)
    assert Reader(app).sets() == {**before, 200: []}


@pytest.mark.parametrize("columns", [IN_BOTH, WITH_ONLY_ALONE], ids=["all columns", "a column missing"])
@pytest.mark.parametrize("kind", ["reset", "html", "gateway_timeout", "internal_error", "too_many_requests", "hang"])
def test_requests_that_fail_are_made_up_for_and_no_set_is_lost(kind: str, columns: tuple[str, ...]) -> None:
    app = portal_of(900)
    for at in (1, 2, 4):
        app.fault(kind, at=at)
    assert Reader(app, columns, lanes=2).sets() == held(app)


@pytest.mark.parametrize(("kind", "times"), [("command_missing", 3), ("command_error", 2), ("command_time_limit", 3)])
@pytest.mark.parametrize("command", [0, 3, 20, 49])
def test_commands_that_fail_are_made_up_for_and_no_set_is_lost(kind: str, times: int, command: int) -> None:
    app = portal_of(900)
    app.fault(kind, command=command, times=times)
    assert Reader(app).sets() == held(app)


@pytest.mark.parametrize("at", [1, 2])
def test_rows_in_the_wrong_order_end_the_use_of_the_list(at: int) -> None:
    app = portal_of(900)
    app.fault("rows_reversed", at=at)
    reader = Reader(app)
    sets = {owner: sorted(rows) for owner, rows in reader.sets().items()}
    assert sets == {owner: sorted(rows) for owner, rows in held(app).items()}
    assert reader.bulk.mode is Mode.OFF


def test_a_slow_portal_gets_smaller_requests() -> None:
    app = portal_of(600)
    app.limits.latency.page = 4.0
    app.limits.operating.kept = False
    assert Reader(app).sets() == held(app)
    assert app.log[-1].status == 200


@pytest.mark.parametrize("place", [0, 30, 48, 49, 120])
def test_an_owner_that_is_refused_costs_no_other_its_set(place: int) -> None:
    app = portal_of(130)
    owner = app.portal.tables["lead"].ids[::-1][place]
    app.webhook.refuses = {f"{GET}?id={owner}": RestError("", "Access denied.")}
    found, whole = Reader(app).sets(), held(app)
    assert found.pop(owner) in ([], whole[owner])  # the list may hold them
    del whole[owner]
    assert found == whole


EDITS = st.lists(
    st.tuples(
        st.sampled_from([GET, LIST]),
        st.integers(1, 80),
        st.integers(1, 210),
        st.sampled_from(["replace", "delete"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS, columns=st.sampled_from([IN_BOTH, WITH_ONLY_ALONE]))
def test_a_set_that_is_edited_while_sets_are_read_comes_as_it_was_or_its_owner_has_changed(
    edits: list[tuple[str, int, int, str]], columns: tuple[str, ...]
) -> None:
    """A set that changes between two pages can come incomplete: its owner's date moves, and the next sync reads it."""
    app = portal_of(210)
    versions: dict[int, list[list[int]]] = defaultdict(list)
    dates = {owner: app.portal.tables["lead"].row(owner)["DATE_MODIFY"] for owner in app.portal.tables["lead"].ids}

    def edit(owner: int, kind: str) -> None:
        portal = app.portal
        if owner not in portal.tables["lead"]:
            return
        if kind == "delete":
            portal.delete("lead", owner)
        else:
            kept: list[Any] = portal.product_rows("lead", owner)
            portal.clock.sleep(1)
            portal.set_product_rows("lead", owner, [*kept[1:], *[{"PRICE": Decimal(7), "QUANTITY": Decimal(3)}] * 2])
        versions[owner].append([row["ID"] for row in portal.product_rows("lead", owner)])

    for owner, rows in held(app).items():
        versions[owner].append(rows)
    for method, nth, owner, kind in edits:
        app.before(method, nth, lambda owner=owner, kind=kind: edit(owner, kind))  # type: ignore[misc]
    found = Reader(app, columns).sets()
    assert found.keys() == versions.keys()
    unlike_all_versions = {owner for owner, rows in found.items() if rows not in versions[owner]}
    leads = app.portal.tables["lead"]
    assert {owner for owner in unlike_all_versions if owner in leads} == {
        owner for owner in unlike_all_versions if owner in leads and leads.row(owner)["DATE_MODIFY"] != dates[owner]
    }
