from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulator.adapter import EmulatorAdapter
from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.client import PortalClient, Transport
from source_bitrix24.portal.dialect import ITEMS
from source_bitrix24.portal.keyset import NEWEST, Listing, Span
from source_bitrix24.portal.limits import ENTERPRISE, RateLimiter
from source_bitrix24.portal.reply import Reply
from source_bitrix24.portal.scan import Chunk, Part, Reading, Scan
from source_bitrix24.portal.webhook import Webhook
from source_bitrix24.airbyte.transport import HttpTransport

LEADS = Listing("crm.lead.list", ("ID",))
OLD = datetime(2026, 1, 1)
SINCE = OLD + timedelta(days=1)
CHANGED = Listing("crm.lead.list", ("ID",), {">=DATE_MODIFY": SINCE.isoformat()})
ALL = (Part(LEADS, Span()),)
AS_LONG_AS_IT_TAKES = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def portal_of(ids: Iterable[int], changed: Iterable[int] = ()) -> App:
    """A portal that holds just these leads, the changed ones with a new date."""
    app = App(sample_portal(PlayedClock(), deals=0))
    table, changed = app.portal.tables["lead"], set(changed)
    for number in ids:
        table.put({"ID": number, "DATE_MODIFY": SINCE if number in changed else OLD})
    return app


def transport_of(app: App) -> HttpTransport:
    session = requests.Session()
    session.mount("https://", EmulatorAdapter(app))
    return HttpTransport(Webhook.parse(app.webhook_url), 90, session)


def reading_of(app: App, transport: Transport | None = None, width: int = 1) -> Reading:
    webhook, clock = Webhook.parse(app.webhook_url), app.portal.clock
    limiter = RateLimiter(ENTERPRISE, clock)
    client = PortalClient(webhook, transport or transport_of(app), limiter, clock, patience=3000, at_once=width)
    return Reading(client, width)


def scan(reading: Reading, parts: Sequence[Part] = ALL) -> Iterator[Chunk]:
    return Scan(reading, parts).chunks()


def read(app: App, parts: Sequence[Part] = ALL, width: int = 1) -> list[Chunk]:
    return list(scan(reading_of(app, width=width), parts))


def ids_of(chunks: Iterable[Chunk]) -> list[int]:
    return [int(row["ID"]) for chunk in chunks for row in chunk.rows]


def pages_asked(app: App) -> list[int]:
    """How many pages each request asked for."""
    return [logged.methods["crm.lead.list"] for logged in app.log]


def assert_chunks_say_what_is_left(chunks: list[Chunk]) -> None:
    """Rows fall, and below each chunk's bound lie just the rows that come after it."""
    assert [number for number, below in pairwise(ids_of(chunks)) if number <= below] == []
    for place, chunk in enumerate(chunks):
        assert all(int(row["ID"]) >= chunk.below for row in chunk.rows)
        assert all(number < chunk.below for number in ids_of(chunks[place + 1 :]))
    assert chunks[-1].below == 1


# runs of IDs with holes between them: (rows, what is left out behind each, hole behind all)
RUNS = st.lists(st.tuples(st.integers(1, 900), st.sampled_from([0, 0, 1, 9]), st.integers(0, 20_000)), max_size=4)


def ids_from(runs: list[tuple[int, int, int]]) -> list[int]:
    ids: list[int] = []
    last = 0
    for rows, step, hole in runs:
        ids += range(last + 1, last + 1 + rows * (step + 1), step + 1)
        last = ids[-1] + hole
    return ids


@AS_LONG_AS_IT_TAKES
@given(runs=RUNS, width=st.integers(1, 4))
@example(runs=[], width=1)
@example(runs=[(1, 0, 0)], width=4)
def test_every_row_of_a_table_comes_once_whatever_its_holes(runs: list[tuple[int, int, int]], width: int) -> None:
    ids = ids_from(runs)
    chunks = read(portal_of(ids), width=width)
    assert ids_of(chunks) == ids[::-1]
    assert_chunks_say_what_is_left(chunks)


@pytest.mark.parametrize("rows", [0, 1, 49, 50, 51, 99, 100, 101, 499, 500, 501, 2499, 2500, 2501, 2999, 3000, 3001])
@pytest.mark.parametrize("width", [1, 4])
def test_pages_and_requests_that_are_just_full_are_no_end_and_no_repetition(rows: int, width: int) -> None:
    app = portal_of(range(1, rows + 1))
    chunks = read(app, width=width)
    assert ids_of(chunks) == list(range(rows, 0, -1))
    assert_chunks_say_what_is_left(chunks)


@pytest.mark.parametrize("rows", [120, 2500, 5000])
def test_history_is_read_through_its_own_references(rows: int) -> None:
    """P5.3, and P1.8: past a short page its references are errors."""
    app = App(sample_portal(PlayedClock(), deals=rows // 3, holes=0.2))
    history = Listing("crm.stagehistory.list", params={"entityTypeId": 2}, dialect=ITEMS)
    entries = app.portal.tables["stage_history"].ids
    assert ids_of(read(app, (Part(history, Span()),), width=2)) == list(reversed(entries))


@AS_LONG_AS_IT_TAKES
@given(runs=RUNS, data=st.data(), width=st.integers(1, 4))
def test_new_rows_and_changed_rows_come_once_each_in_two_parts(
    runs: list[tuple[int, int, int]], data: st.DataObject, width: int
) -> None:
    ids = ids_from(runs)
    known = data.draw(st.sampled_from([0, *ids]))
    every = data.draw(st.integers(1, 60))
    app = portal_of(ids, changed=ids[::every])
    parts = (Part(LEADS, Span(known, NEWEST)), Part(CHANGED, Span(0, known + 1)))
    chunks = read(app, parts, width)
    assert ids_of(chunks) == [number for number in reversed(ids) if number > known or number in set(ids[::every])]
    assert_chunks_say_what_is_left(chunks)


def test_two_parts_with_few_rows_share_one_request_and_its_time() -> None:
    app = portal_of(range(1, 400), changed=[5, 7])
    parts = (Part(LEADS, Span(390, NEWEST)), Part(CHANGED, Span(0, 391)))
    asked_at = datetime.fromtimestamp(app.portal.clock.now(), app.portal.wire.zone)
    assert read(app, parts) == [
        Chunk([{"ID": str(number)} for number in range(399, 390, -1)], below=391, asked_at=asked_at),
        Chunk([{"ID": "7"}, {"ID": "5"}], below=1, asked_at=asked_at),
    ]
    assert len(app.log) == 1


def test_only_the_first_request_tells_the_time() -> None:
    app = portal_of(range(1, 3101))
    app.limits.latency.request = 1
    begun = datetime.fromtimestamp(app.portal.clock.now(), app.portal.wire.zone)
    assert [chunk.asked_at for chunk in read(app)] == [begun, None, None]


def test_an_empty_part_asks_nothing() -> None:
    app = portal_of([1, 2])
    assert read(app, ()) == []
    assert read(app, (Part(LEADS, Span(5, 6)),)) == []
    assert app.log == []


def test_a_part_begins_and_ends_at_its_bounds() -> None:
    chunks = read(portal_of(range(1, 2000)), (Part(LEADS, Span(100, 900)),), width=3)
    assert ids_of(chunks) == list(range(899, 100, -1))
    assert chunks[-1].below == 101


@AS_LONG_AS_IT_TAKES
@given(
    edits=st.lists(
        st.tuples(st.integers(1, 45), st.integers(1, 1800), st.sampled_from(["delete", "create"])), max_size=9
    )
)
def test_what_stays_comes_once_whoever_deletes_and_creates_meanwhile(edits: list[tuple[int, int, str]]) -> None:
    ids = range(1, 1801)
    app = portal_of(ids)
    table = app.portal.tables["lead"]

    def edit(number: int, kind: str) -> None:
        if kind == "create":
            app.portal.create("lead")
        elif number in table:
            app.portal.delete("lead", number)

    for page, number, kind in edits:
        app.before("crm.lead.list", page, lambda number=number, kind=kind: edit(number, kind))  # type: ignore[misc]
    chunks = read(app)
    assert_chunks_say_what_is_left(chunks)
    assert set(ids_of(chunks)) >= {number for number in table.ids if number <= 1800}
    assert set(ids_of(chunks)) <= {*ids, *table.ids}


@pytest.mark.parametrize("at", [1, 2])
def test_rows_in_the_wrong_order_are_not_believed(at: int) -> None:
    app = portal_of(range(1, 1001))
    app.fault("rows_reversed", at=at)
    with pytest.raises(errors.BrokenPromise):
        read(app)


class Deaf:
    """A portal that does not know the name of a filter, and so leaves it out without a word (P2.10)."""

    def __init__(self, app: App, name: bytes) -> None:
        self._transport = transport_of(app)
        self._name = name

    def post(self, url: str, body: bytes, on_answer: Callable[[], None]) -> Reply:
        assert self._name in body
        return self._transport.post(url, body.replace(self._name, b"filter%5B%3CNOTHING%5D"), on_answer)


@pytest.mark.parametrize("bound", [b"filter%5B%3CID%5D", b"filter%5B%3EID%5D"], ids=["below", "above"])
def test_a_portal_that_ignores_a_bound_is_not_believed(bound: bytes) -> None:
    app = portal_of(range(1, 1001))
    with pytest.raises(errors.BrokenPromise):
        list(scan(reading_of(app, Deaf(app, bound)), [Part(LEADS, Span(900, 990))]))


@pytest.mark.parametrize("kind", ["command_missing", "command_error", "command_time_limit"])
@pytest.mark.parametrize("command", [0, 1, 9])
@pytest.mark.parametrize("width", [1, 3])
def test_commands_that_fail_are_repeated_and_no_row_is_lost(kind: str, command: int, width: int) -> None:
    """P1.3, P1.8, P1.13: rows before the failure count, rows behind it are asked for again."""
    app = portal_of(range(1, 4001))
    app.fault(kind, command=command, times=3)
    chunks = read(app, width=width)
    assert ids_of(chunks) == list(range(4000, 0, -1))
    assert_chunks_say_what_is_left(chunks)


@pytest.mark.parametrize("kind", ["reset", "hang", "empty", "html", "cut_body", "internal_error", "too_many_requests"])
def test_requests_that_fail_are_repeated_and_no_row_is_lost(kind: str) -> None:
    app = portal_of(range(1, 4001))
    for at in (1, 3, 4):
        app.fault(kind, at=at)
    assert ids_of(read(app, width=2)) == list(range(4000, 0, -1))


def test_a_refusal_ends_the_scan_after_chunks_that_stay_true() -> None:
    app = portal_of(range(1, 4001))
    app.before("crm.lead.list", 15, lambda: app.webhook.may_not_read.add("lead"))
    chunks = scan(reading_of(app))
    given = [next(chunks), next(chunks)]
    with pytest.raises(errors.NoAccess):
        next(chunks)
    assert [chunk.below for chunk in given] == [3501, 3301]
    assert ids_of(given) == list(range(4000, 3300, -1))


@pytest.mark.parametrize("kind", ["too_long", "gateway_timeout", "hang", "internal_error"])
def test_a_request_that_breaks_the_portal_is_repeated_with_half_its_pages(kind: str) -> None:
    """P7.6"""
    app = portal_of(range(1, 9001))
    app.fault(kind, at=2, times=2)
    assert ids_of(read(app)) == list(range(9000, 0, -1))
    assert pages_asked(app)[:4] == [10, 50, 25, 12]


def test_requests_aim_at_ten_seconds_of_server_time_also_when_the_portal_gets_slower() -> None:
    app = portal_of(range(1, 6001))
    latency = app.limits.latency
    latency.page = 0.5
    app.before("crm.lead.list", 31, lambda: setattr(latency, "page", 1.0))
    read(app)
    assert pages_asked(app)[:4] == [10, 20, 20, 10]
    assert all(logged.seconds <= 10 for logged in [*app.log[:2], *app.log[3:]])


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("rows", [400, 501, 2900, 5400, 12_000])
def test_a_dense_table_costs_a_first_request_and_one_for_every_2425_rows(rows: int, width: int) -> None:
    app = portal_of(range(1, rows + 1))
    read(app, width=width)
    one_to_share_the_end_out = 1 if width > 1 else 0
    assert len(app.log) <= 1 + max(0, ceil((rows - 500) / 2425)) + one_to_share_the_end_out
