"""Sets of product rows: whole, in the owners' order, one owner after the other or many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.keyset import Row
from source_bitrix24.portal.limits import STANDARD, RateLimiter
from source_bitrix24.portal.owned import Owned, OwnedRows
from source_bitrix24.portal.scan import Reading
from source_bitrix24.portal.webhook import Webhook
from source_bitrix24.airbyte.transport import HttpTransport

GET, LIST = "crm.lead.productrows.get", "crm.productrow.list"
IN_BOTH = ("ID", "OWNER_ID", "PRODUCT_NAME", "PRICE", "QUANTITY", "SORT", "STORE_ID")
ONLY_ALONE = "PRODUCT_DESCRIPTION"


def portal_of(owners: int, without_rows: Collection[int] = ()) -> App:
    app = App(sample_portal(PlayedClock(), deals=0, leads=owners, holes=0))
    app.limits.bucket.enabled = False
    for owner in without_rows:
        app.portal.set_product_rows("lead", owner, [])
    return app


def typed(row: Row) -> Row:
    return {name: float(value) if str(value)[:1].isdecimal() else value for name, value in row.items()}


def reader(app: App, wanted: Collection[str] = IN_BOTH, width: int = 1, patience: float = 3000) -> OwnedRows:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    webhook, clock = Webhook.parse(app.webhook_url), app.portal.clock
    limiter = RateLimiter(STANDARD, clock)
    client = PortalClient(webhook, HttpTransport(webhook, 90, session), limiter, clock, patience, at_once=width)
    owners: Iterator[Row] = ({"ID": str(owner)} for owner in app.portal.tables["lead"].ids[::-1])
    return OwnedRows(Reading(client, width), Owned(GET, "L", wanted, typed), owners)


def read(app: App, wanted: Collection[str] = IN_BOTH, width: int = 1) -> dict[int, list[int]]:
    """The IDs of each owner's rows, the owners in the order in which they came."""
    told = list(chain.from_iterable(reader(app, wanted, width).sets()))
    owners = [int(owner["ID"]) for owner, _ in told]
    assert owners == sorted(set(owners), reverse=True)
    return {int(owner["ID"]): [int(row["ID"]) for row in rows] for owner, rows in told}


def held(app: App) -> dict[int, list[int]]:
    return {
        owner: [row["ID"] for row in app.portal.product_rows("lead", owner)] for owner in app.portal.tables["lead"].ids
    }


def asked(app: App) -> list[tuple[int, int]]:
    """How many owners each request asked alone, and how many pages of many together."""
    return [(logged.methods[GET], logged.methods[LIST]) for logged in app.log]


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("wanted", [IN_BOTH, (*IN_BOTH, ONLY_ALONE)], ids=["all told", "owners told"])
@pytest.mark.parametrize("mended", ["pass", "refuse", "first", "some"])
@pytest.mark.parametrize("owners", [0, 1, 49, 50, 51, 700])
def test_every_set_is_whole_whatever_the_portal_says_to_lists_of_owners(
    owners: int, mended: str, wanted: tuple[str, ...], width: int
) -> None:
    app = portal_of(owners)
    app.portal.lists_of_owners = mended
    assert read(app, wanted, width) == held(app)


def test_few_owners_are_asked_alone_in_one_request() -> None:
    app = portal_of(50)
    read(app)
    assert asked(app) == [(50, 0)]


def test_a_list_that_tells_all_brings_the_rows_of_hundreds_of_owners_in_a_request() -> None:
    app = portal_of(10_000)
    told = list(chain.from_iterable(reader(app).sets()))
    rows = sum(len(rows) for _, rows in told)
    assert rows > 9000
    assert asked(app)[0] == (49, 1)
    assert all(alone <= 1 for alone, _ in asked(app)[1:])
    assert len(app.log) <= rows / 2500 * 1.2 + 3


def test_rows_that_came_together_hold_what_those_that_came_alone_do() -> None:
    app, other = portal_of(300), portal_of(300)
    other.portal.lists_of_owners = "refuse"
    together, alone = (
        [typed(row) for _, rows in chain.from_iterable(reader(one).sets()) for row in rows] for one in (app, other)
    )
    assert [{name: row[name] for name in IN_BOTH} for row in together] == [
        {name: row[name] for name in IN_BOTH} for row in alone
    ]


def test_a_list_that_lacks_a_column_spares_the_questions_to_those_without_rows() -> None:
    app = portal_of(1000)
    read(app, (*IN_BOTH, ONLY_ALONE))
    with_rows = sum(map(bool, held(app).values()))
    assert sum(alone for alone, _ in asked(app)) <= with_rows + 60
    assert len(app.log) <= with_rows / 50 + 5


def test_where_nearly_all_have_rows_nobody_looks_for_those_without() -> None:
    app = portal_of(400)
    for owner in app.portal.tables["lead"].ids:
        app.portal.set_product_rows("lead", owner, [{"PRICE": Decimal(1), "QUANTITY": Decimal(1)}])
    read(app, (*IN_BOTH, ONLY_ALONE))
    assert asked(app) == [(49, 1), *[(50, 0)] * 7, (1, 0)]


def test_a_list_that_is_refused_is_asked_once() -> None:
    app = portal_of(300)
    app.portal.lists_of_owners = "refuse"
    read(app)
    assert asked(app) == [(49, 1), *[(50, 0)] * 5, (1, 0)]


def test_where_too_few_have_rows_to_judge_everybody_is_asked_alone() -> None:
    app = portal_of(300, without_rows=range(1, 301))
    assert read(app) == held(app)
    assert sum(alone for alone, _ in asked(app)) == 300
    assert len(app.log) == 7


@pytest.mark.parametrize("mended", ["refuse", "first", "some"])
@pytest.mark.parametrize("width", [1, 4])
def test_a_portal_that_is_mended_while_it_is_read_loses_no_row(mended: str, width: int) -> None:
    app = portal_of(1200)
    app.before(LIST, 3, lambda: setattr(app.portal, "lists_of_owners", mended))
    told = read(app, width=width)
    if mended == "some":  # one owner a request is compared: what is left out among the others may not show
        told = {owner: rows for owner, rows in told.items() if owner % 7 or rows}
    assert told.items() <= held(app).items()
    if mended != "some":
        assert told == held(app)


def test_an_owner_that_is_deleted_meanwhile_has_no_rows() -> None:
    app = portal_of(300)
    app.before(GET, 10, lambda: app.portal.delete("lead", 200))
    assert read(app) == {**held(app), 200: []}


@pytest.mark.parametrize("wanted", [IN_BOTH, (*IN_BOTH, ONLY_ALONE)], ids=["all told", "owners told"])
@pytest.mark.parametrize("kind", ["reset", "html", "gateway_timeout", "internal_error", "too_many_requests", "hang"])
def test_requests_that_fail_are_repeated_and_no_set_is_lost(kind: str, wanted: tuple[str, ...]) -> None:
    app = portal_of(900)
    for at in (1, 2, 4):
        app.fault(kind, at=at)
    assert read(app, wanted, width=2) == held(app)


@pytest.mark.parametrize("kind", ["command_missing", "command_error", "command_time_limit"])
@pytest.mark.parametrize("command", [0, 3, 20, 49])
def test_commands_that_fail_are_repeated_and_no_set_is_lost(kind: str, command: int) -> None:
    app = portal_of(900)
    app.fault(kind, command=command, times=3)
    assert read(app) == held(app)


def test_a_portal_too_slow_for_many_owners_at_once_is_asked_for_less() -> None:
    app = portal_of(600)
    app.limits.latency.page = 4.0
    app.limits.operating.kept = False
    assert read(app) == held(app)
    assert app.log[-1].status == 200


def test_a_refusal_to_tell_even_one_owners_rows_is_raised() -> None:
    app = portal_of(60)
    app.webhook.may_not_read = {"lead"}
    with pytest.raises(errors.NoAccess):
        read(app)


EDITS = st.lists(
    st.tuples(
        st.sampled_from([GET, LIST]),
        st.integers(1, 80),
        st.integers(1, 420),
        st.sampled_from(["replace", "add", "delete"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(edits=EDITS, wanted=st.sampled_from([IN_BOTH, (*IN_BOTH, ONLY_ALONE)]))
def test_a_set_comes_as_it_was_at_some_moment_whoever_edits_sets_meanwhile(
    edits: list[tuple[str, int, int, str]], wanted: tuple[str, ...]
) -> None:
    """P8.2: a replaced set need not move its owner's date, so nobody would come back for what is missing."""
    app = portal_of(420)
    versions: dict[int, list[list[int]]] = defaultdict(list)

    def edit(owner: int, kind: str) -> None:
        portal = app.portal
        if owner not in portal.tables["lead"]:
            return
        if kind == "delete":
            portal.delete("lead", owner)
        else:
            kept: list[Any] = portal.product_rows("lead", owner) if kind == "add" else []
            portal.set_product_rows("lead", owner, [*kept, *[{"PRICE": Decimal(1), "QUANTITY": Decimal(1)}] * 2])
        versions[owner].append([row["ID"] for row in portal.product_rows("lead", owner)])

    for owner, rows in held(app).items():
        versions[owner].append(rows)
    for method, nth, owner, kind in edits:
        app.before(method, nth, lambda owner=owner, kind=kind: edit(owner, kind))  # type: ignore[misc]
    told = read(app, wanted)
    assert told.keys() == versions.keys()
    assert {owner: rows for owner, rows in told.items() if rows not in versions[owner]} == {}
