from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.store import sample_portal
from source_bitrix24.portal import errors
from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.client import Transport
from source_bitrix24.portal.dialect import ITEMS
from source_bitrix24.portal.keyset import NEWEST, Listing, Span
from source_bitrix24.portal.limits import ENTERPRISE
from source_bitrix24.portal.reply import Reply
from source_bitrix24.portal.scan import Scan
from source_bitrix24.portal.scan_context import Chunk, News, Part, ScanContext
from source_bitrix24.portal.shared_batch import SharedBatch
from unit_tests.mounted import client_of, commands_sent, eventually, transport_of

LEADS = Listing("crm.lead.list", ("ID",))
OLD = datetime(2026, 1, 1)
SINCE = OLD + timedelta(days=1)
CHANGED = Listing("crm.lead.list", ("ID",), {">=DATE_MODIFY": SINCE.isoformat()})
ALL = (Part(LEADS, Span()),)
UNHURRIED = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def portal_of(ids: Iterable[int], changed: Iterable[int] = ()) -> App:
    """Return a portal that holds just these leads, the changed ones with a new date."""
    app = App(sample_portal(PlayedClock(), deals=0))
    table, changed = app.portal.tables["lead"], set(changed)
    for number in ids:
        table.put({"ID": number, "DATE_MODIFY": SINCE if number in changed else OLD})
    return app


def context_of(app: App, transport: Transport | None = None, lanes: int = 1) -> ScanContext:
    client = client_of(app, rate=ENTERPRISE, transport=transport, lanes=lanes)
    return ScanContext(client)


def chunks_of(context: ScanContext, parts: Sequence[Part] = ALL) -> Iterator[Chunk]:
    """Yield the chunks of a scan, without its news."""
    with closing(Scan(context, parts)) as scan:
        yield from (chunk for chunk in scan.chunks() if isinstance(chunk, Chunk))


def read(app: App, parts: Sequence[Part] = ALL, lanes: int = 1) -> list[Chunk]:
    return list(chunks_of(context_of(app, lanes=lanes), parts))


def ids_of(chunks: Iterable[Chunk]) -> list[int]:
    return [int(row["ID"]) for chunk in chunks for row in chunk.rows]


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


@UNHURRIED
@given(runs=RUNS, lanes=st.integers(1, 4))
@example(runs=[], lanes=1)
@example(runs=[(1, 0, 0)], lanes=4)
def test_every_row_of_a_table_comes_once_whatever_the_gaps_between_ids(
    runs: list[tuple[int, int, int]], lanes: int
) -> None:
    ids = ids_from(runs)
    chunks = read(portal_of(ids), lanes=lanes)
    assert ids_of(chunks) == ids[::-1]
    assert_chunks_say_what_is_left(chunks)


@pytest.mark.parametrize("rows", [0, 1, 49, 50, 51, 99, 100, 101, 499, 500, 501, 2499, 2500, 2501, 2999, 3000, 3001])
@pytest.mark.parametrize("lanes", [1, 4])
def test_pages_and_requests_that_are_exactly_full_neither_end_a_scan_nor_repeat_rows(rows: int, lanes: int) -> None:
    app = portal_of(range(1, rows + 1))
    chunks = read(app, lanes=lanes)
    assert ids_of(chunks) == list(range(rows, 0, -1))
    assert_chunks_say_what_is_left(chunks)


@pytest.mark.parametrize("rows", [120, 2500, 5000])
def test_history_is_read_through_its_own_references(rows: int) -> None:
    """P5.3, and P1.8: past a short page its references are errors."""
    app = App(sample_portal(PlayedClock(), deals=rows // 3, holes=0.2))
    history = Listing("crm.stagehistory.list", params={"entityTypeId": 2}, dialect=ITEMS)
    entries = app.portal.tables["stage_history"].ids
    assert ids_of(read(app, (Part(history, Span()),), lanes=2)) == list(reversed(entries))


@UNHURRIED
@given(runs=RUNS, data=st.data(), lanes=st.integers(1, 4))
def test_new_rows_and_changed_rows_come_once_each_in_two_parts(
    runs: list[tuple[int, int, int]], data: st.DataObject, lanes: int
) -> None:
    ids = ids_from(runs)
    known = data.draw(st.sampled_from([0, *ids]))
    every = data.draw(st.integers(1, 60))
    app = portal_of(ids, changed=ids[::every])
    parts = (Part(LEADS, Span(known, NEWEST)), Part(CHANGED, Span(0, known + 1)))
    chunks = read(app, parts, lanes)
    assert ids_of(chunks) == [number for number in reversed(ids) if number > known or number in set(ids[::every])]
    assert_chunks_say_what_is_left(chunks)


def test_two_parts_with_few_rows_share_one_request_and_its_time() -> None:
    app = portal_of(range(1, 400), changed=[5, 7])
    parts = (Part(LEADS, Span(390, NEWEST)), Part(CHANGED, Span(0, 391)))
    before = datetime.fromtimestamp(app.portal.clock.now(), app.portal.wire.zone)
    with closing(Scan(context_of(app), parts)) as scan:
        opening = scan.open()
        assert (opening.found_rows, opening.portal_time) == (True, before)
        chunks = [chunk for chunk in scan.chunks() if isinstance(chunk, Chunk)]
    assert chunks == [
        Chunk([{"ID": str(number)} for number in range(399, 390, -1)], below=391, read_at=opening.read_at),
        Chunk([{"ID": "7"}, {"ID": "5"}], below=1, read_at=opening.read_at),
    ]
    assert len(app.log) == 1


@pytest.mark.parametrize("changed", [[1999], [1998, 1999], [*range(1960, 2000)], [5, 1999]])
def test_a_short_page_without_a_proof_of_the_end_costs_one_request_more(changed: list[int]) -> None:
    app = portal_of(range(1, 3000), changed=changed)
    shared = SharedBatch(client_of(app), readers=20)
    with closing(
        Scan(context_of(app, lanes=4), (Part(CHANGED, Span(0, 2001)),), {"probe": Command("profile")})
    ) as scan:
        assert scan.share(shared)
        assert ids_of(chunk for chunk in scan.chunks() if isinstance(chunk, Chunk)) == changed[::-1]
    assert len(app.log) == 2


@pytest.mark.parametrize("lanes", [1, 2])
def test_the_time_of_a_scan_is_that_before_its_first_request_also_after_a_retry(lanes: int) -> None:
    app = portal_of(range(1, 3101))
    app.limits.latency.request = 1
    app.fault("reset")
    before = datetime.fromtimestamp(app.portal.clock.now(), app.portal.wire.zone)
    with closing(Scan(context_of(app, lanes=lanes), ALL)) as scan:
        portal_time = scan.open().portal_time
        assert len(list(scan.chunks())) > 2
        assert scan.open().portal_time == portal_time
    assert portal_time
    assert portal_time - before <= timedelta(seconds=3)
    assert len(app.log) >= 3


def test_a_list_without_matching_rows_has_none_to_read() -> None:
    with closing(Scan(context_of(portal_of([1, 2])), (Part(CHANGED, Span()),))) as scan:
        assert not scan.open().found_rows
        assert ids_of(chunk for chunk in scan.chunks() if isinstance(chunk, Chunk)) == []


def test_a_part_without_ids_costs_no_request() -> None:
    app = portal_of([1, 2])
    assert read(app, ()) == []
    assert read(app, (Part(LEADS, Span(5, 6)),)) == []
    assert app.log == []


def test_a_part_begins_and_ends_at_its_bounds() -> None:
    chunks = read(portal_of(range(1, 2000)), (Part(LEADS, Span(100, 900)),), lanes=3)
    assert ids_of(chunks) == list(range(899, 100, -1))
    assert chunks[-1].below == 101


@UNHURRIED
@given(
    edits=st.lists(
        st.tuples(st.integers(1, 45), st.integers(1, 1800), st.sampled_from(["delete", "create"])), max_size=9
    )
)
def test_rows_that_stay_come_once_while_others_are_deleted_and_created(edits: list[tuple[int, int, str]]) -> None:
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
def test_rows_in_the_wrong_order_are_an_error(at: int) -> None:
    app = portal_of(range(1, 1001))
    app.fault("rows_reversed", at=at)
    with pytest.raises(errors.BrokenPromise):
        read(app)


class IgnoresFilter:
    """A portal that does not know the name of a filter, and ignores it without an error (P2.10)."""

    def __init__(self, app: App, name: bytes) -> None:
        self._transport = transport_of(app)
        self._name = name

    def post(self, url: str, body: bytes, on_first_byte: Callable[[], None]) -> Reply:
        assert self._name in body
        return self._transport.post(url, body.replace(self._name, b"filter%5B%3CNOTHING%5D"), on_first_byte)


@pytest.mark.parametrize("bound", [b"filter%5B%3CID%5D", b"filter%5B%3EID%5D"], ids=["below", "above"])
def test_a_portal_that_ignores_a_bound_is_an_error(bound: bytes) -> None:
    app = portal_of(range(1, 1001))
    with pytest.raises(errors.BrokenPromise):
        list(chunks_of(context_of(app, IgnoresFilter(app, bound)), [Part(LEADS, Span(900, 990))]))


@pytest.mark.parametrize(("kind", "times"), [("command_missing", 3), ("command_error", 2), ("command_time_limit", 3)])
@pytest.mark.parametrize("command", [0, 1, 9])
@pytest.mark.parametrize("lanes", [1, 3])
def test_commands_that_fail_are_retried_and_no_row_is_lost(kind: str, times: int, command: int, lanes: int) -> None:
    """P1.3, P1.8, P1.13: rows before the failure count, the pages behind it are read again."""
    app = portal_of(range(1, 4001))
    app.fault(kind, command=command, times=times)
    chunks = read(app, lanes=lanes)
    assert ids_of(chunks) == list(range(4000, 0, -1))
    assert_chunks_say_what_is_left(chunks)


@pytest.mark.parametrize("kind", ["reset", "hang", "empty", "html", "cut_body", "internal_error", "too_many_requests"])
def test_requests_that_fail_are_retried_and_no_row_is_lost(kind: str) -> None:
    app = portal_of(range(1, 4001))
    for at in (1, 3, 4):
        app.fault(kind, at=at)
    assert ids_of(read(app, lanes=2)) == list(range(4000, 0, -1))


def test_a_refusal_ends_the_scan_after_chunks_that_stay_true() -> None:
    app = portal_of(range(1, 4001))
    app.before("crm.lead.list", 15, lambda: app.webhook.may_not_read.add("lead"))
    given: list[Chunk] = []
    with pytest.raises(errors.NoAccess):
        given.extend(chunks_of(context_of(app)))
    assert given[0].below == 3551  # nine pages; the tenth is the foot
    assert ids_of(given) == list(range(4000, given[-1].below - 1, -1))
    assert 3301 <= given[-1].below < 3551


@pytest.mark.parametrize("kind", ["too_long", "gateway_timeout", "hang", "internal_error"])
def test_a_request_that_breaks_the_portal_is_retried_with_half_its_pages(kind: str) -> None:
    """P7.6"""
    app = portal_of(range(1, 9001))
    app.fault(kind, at=2, times=2)
    assert ids_of(read(app)) == list(range(9000, 0, -1))
    assert commands_sent(app)[:4] == [10, 50, 25, 12]


def test_requests_aim_at_ten_seconds_of_server_time_also_when_the_portal_gets_slower() -> None:
    app = portal_of(range(1, 6001))
    latency = app.limits.latency
    latency.page = 0.5
    app.before("crm.lead.list", 31, lambda: setattr(latency, "page", 1.0))
    read(app)
    assert commands_sent(app)[:4] == [10, 20, 20, 10]
    assert all(logged.seconds <= 10 for logged in [*app.log[:2], *app.log[3:]])


@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize("rows", [400, 501, 2900, 5400, 12_000])
def test_a_dense_table_costs_a_first_request_and_one_for_every_2425_rows(rows: int, lanes: int) -> None:
    app = portal_of(range(1, rows + 1))
    read(app, lanes=lanes)
    one_to_split_the_tail = 1 if lanes > 1 else 0
    assert len(app.log) <= 1 + max(0, ceil((rows - 500) / 2425)) + one_to_split_the_tail


def test_each_page_is_a_chunk_and_the_end_of_each_request_is_marked() -> None:
    chunks = read(portal_of(range(1, 3001)))
    assert {len(chunk.rows) for chunk in chunks[1:]} <= {0, 50}
    assert len([chunk for chunk in chunks if chunk.completes_request]) == 3
    assert chunks[0].completes_request
    assert (len(chunks[-1].rows), chunks[-1].below) == (50, 1)  # the foot, which came with the first request
    assert chunks[-1].completes_request


def test_a_scan_says_how_many_requests_it_still_waits_for_once_it_has_sent_the_last_one() -> None:
    app = portal_of(range(1, 6001))
    app.limits.bucket.enabled = False
    with closing(Scan(context_of(app, lanes=4), ALL)) as scan:
        found = list(scan.chunks())
    in_flight = [one.in_flight for one in found if isinstance(one, News)]
    assert in_flight[0]
    assert in_flight == sorted(in_flight, key=lambda pending: -(pending or 0))
    assert in_flight[-1] == 0


def test_what_is_behind_the_first_request_can_be_sent_before_the_rows_are_needed() -> None:
    app = portal_of(range(1, 1_201))
    with closing(Scan(context_of(app, lanes=4), ALL)) as scan:
        assert scan.prefetch_rest()
        scan.prefetch()
        assert eventually(scan.prefetch_rest)
        assert eventually(lambda: len(app.log) == 2)
        chunks = [chunk for chunk in scan.chunks() if isinstance(chunk, Chunk)]
    assert len(app.log) == 2
    assert ids_of(chunks) == list(range(1_200, 0, -1))


def test_a_first_request_that_failed_is_sent_again_by_the_reader() -> None:
    app = portal_of(range(1, 1_201))
    app.fault("internal_error", at=1)
    with closing(Scan(context_of(app, lanes=4), ALL)) as scan:
        scan.prefetch()
        assert eventually(scan.prefetch_rest)
        assert len(app.log) == 1
        assert len(ids_of(chunk for chunk in scan.chunks() if isinstance(chunk, Chunk))) == 1_200


def test_a_scan_says_until_when_its_method_has_no_operating_time() -> None:
    app = portal_of(range(1, 9001))
    context = context_of(app)
    app.before("crm.lead.list", 15, lambda: app.limits.operating.add("batch crm.lead.list", 460.0))
    app.limits.latency.page = 0.2
    with closing(Scan(context, ALL)) as scan:
        found = list(scan.chunks())
    assert ids_of(one for one in found if isinstance(one, Chunk)) == list(range(9000, 0, -1))
    assert any(one.not_before > 0 for one in found if isinstance(one, News))


def test_a_scan_reads_ahead_of_the_consumer_as_far_as_its_depth() -> None:
    app = portal_of(range(1, 60_001))
    app.limits.bucket.enabled = False
    context = context_of(app, lanes=2)
    with closing(Scan(context, ALL)) as scan:
        next(scan.chunks())
        depth = 2 * context.client.lanes.limit
        assert eventually(lambda: len(app.log) == 1 + depth)
        assert not eventually(lambda: len(app.log) > 1 + depth, seconds=0.02)
