"""The survey: who the webhook's user is, which lists the portal has, how many rows, and how fast a page of each comes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ..catalog.discovered import allowed_tables
from ..catalog.metadata import Metadata
from ..catalog.smart_types import SmartTypes
from ..catalog.table import INVOICES, ByType, CustomFieldValues, Items, PerParent, Scanned
from ..portal import profile
from ..portal.batch import MOST_COMMANDS, Command
from ..portal.errors import PortalError
from ..portal.keyset import NEWEST, PAGE, Listing, Row, Span, chain_pages
from ..portal.reply import portal_time
from .fact import Reply, ids_of, rows_of
from .known import CANDIDATES, Known, KnownList, Sample, Sets, key_of
from .line import Line, seconds_of
from .small_tables import answers_of, read_small_tables

_LISTS_AT_ONCE = 6  # with all columns in one request
_COUNTS_AT_ONCE = 12
_LARGE = 200_000  # IDs: such a table is counted in a request of its own, since a count can take long (P2.4)
_SAMPLE_PAGES, _SAMPLE_TRIES = 3, 4
_OWNERS = 20  # whose rows are asked, of each table that hangs on another one


def survey(known: Known, line: Line) -> None:
    """Fill in what is known, step by step. Raises a PortalError if the portal cannot be used, or Enough."""
    _ask_who(known, line)
    _find_tables(known, line)
    known.lists += _lists_of(known)
    _read_newest_pages(known.lists, line)
    _count(known.lists, line)
    known.sample = _sample_of(known, line)
    _read_sets(known, line)
    read_small_tables(known, line)


def _find_tables(known: Known, line: Line) -> None:
    """Find out which tables the webhook's scopes allow, and which smart processes there are."""
    offered = allowed_tables(known.scopes or None)
    known.lacking = [table for table in known.tables if table not in offered]
    types = SmartTypes(Metadata(line.client, (), known.language))
    items = types.tables()
    known.tables = [*offered, *items]
    fields = {}
    for number in (INVOICES, *(one.number for one in items)):
        try:
            known.types[number], fields[number] = types.names(number), types.fields(number)
        except PortalError:
            continue  # the list of its items says why
    for table in offered:
        if isinstance(table, ByType):
            known.parts[table.name] = [table.of(number) for number in fields if table.has_field in fields[number]]


def _ask_who(known: Known, line: Line) -> None:
    commands = {"user": Command(profile.METHOD), "scopes": Command(profile.SCOPE), "clock": Command("server.time")}
    reply = line.send(commands)
    if not reply["user"].error:
        known.user = reply["user"].result
    if not reply["scopes"].error:
        known.scopes = profile.granted_scopes(reply["scopes"].result) or frozenset()
    told = None if reply["clock"].error else portal_time(reply["clock"].result)
    known.now = told or portal_time(reply.time.get("date_finish"))


def _lists_of(known: Known) -> list[KnownList]:
    """Return each list that tables are made of, once; with the columns of the table that has most of them."""
    found: dict[str, KnownList] = {}
    tables = [*known.tables, *(part for parts in known.parts.values() for part in parts)]
    for kind in (Scanned, CustomFieldValues):
        for table in tables:
            if not isinstance(table, kind):
                continue
            listing: Listing = table.listing
            if isinstance(table, Items) and (names := known.types.get(table.number)):
                listing = replace(listing, select=tuple(names), names=names)
            key = f"{listing.method} {sorted(listing.params.items())}"
            if key in found:
                found[key].tables = (*found[key].tables, table.name)
            else:
                found[key] = KnownList(listing, (table.name,), table.cursor)
    return list(found.values())


def _read_newest_pages(lists: Sequence[KnownList], line: Line) -> None:
    for start in range(0, len(lists), _LISTS_AT_ONCE):
        block = {f"newest{start + place}": one for place, one in enumerate(lists[start : start + _LISTS_AT_ONCE])}
        commands = {key: chain_pages(one.listing, Span(), 1, key)[f"{key}0"] for key, one in block.items()}
        reply = answers_of(commands, line)
        for key, one in block.items():
            _take_newest(one, reply, key)


def _take_newest(one: KnownList, reply: Reply, key: str) -> None:
    answer, dialect = reply[key], one.listing.dialect
    one.error = answer.error
    if answer.error:
        return
    result = answer.result
    entries = result.get(dialect.rows_in) if dialect.rows_in and isinstance(result, dict) else result
    one.rows = [row for row in entries if isinstance(row, dict)] if isinstance(entries, list) else []
    one.max_id = max(ids_of(answer, dialect.rows_in, key_of(dialect)), default=0)
    if one.rows:
        share = len(one.rows) / PAGE
        one.page_seconds = seconds_of(reply.times.get(key, {})) / share
        one.page_bytes = int(memoryview(answer.raw or b"").nbytes / share)


def _count(lists: Sequence[KnownList], line: Line) -> None:
    """Count the rows of each list; a short page has counted itself."""
    for one in lists:
        if not one.error and len(one.rows) < PAGE:
            one.count = len(one.rows)
    left = sorted((one for one in lists if not one.error and one.count is None), key=lambda one: one.max_id)
    small = [one for one in left if one.max_id <= _LARGE]
    blocks = [small[start : start + _COUNTS_AT_ONCE] for start in range(0, len(small), _COUNTS_AT_ONCE)]
    for block in [*blocks, *([one] for one in left if one.max_id > _LARGE)]:
        reply = answers_of({f"count{place}": counting(one.listing) for place, one in enumerate(block)}, line)
        for place, one in enumerate(block):
            one.count = reply[f"count{place}"].total
            one.count_seconds = seconds_of(reply.times.get(f"count{place}", {}))


def counting(listing: Listing, above: int = 0, upto: int | None = None) -> Command:
    """Return the command whose answer has the number of rows in a window of IDs as its total (P2.4)."""
    narrow = replace(listing, select=(listing.dialect.id,))
    command = chain_pages(narrow, Span(above), 1)["p0"]
    dialect = listing.dialect
    bounds = {} if upto is None else {f"<={key_of(dialect)}": upto}
    filter_ = {**command.params.get(dialect.filter, {}), **bounds}
    return Command(command.method, {**command.params, dialect.filter: filter_, "start": dialect.counting_start})


def _read_sets(known: Known, line: Line) -> None:
    """Ask some of the newest owners of every table that hangs on another one; of all types together."""
    groups = [[table] for table in known.tables if isinstance(table, PerParent)]
    groups += [[part for part in parts if isinstance(part, PerParent)] for parts in known.parts.values()]
    for group in groups:
        each = max(1, _OWNERS // max(1, len(group)))
        owners = [
            (table, row[key_of(one.listing.dialect)])
            for table in group
            if (one := known.owners_of(table))
            for row in one.rows[:each]
        ][:MOST_COMMANDS]
        if not owners or owners[0][0].method in known.sets:
            continue
        commands = {
            f"set{place}": table.question.command(table.method, owner) for place, (table, owner) in enumerate(owners)
        }
        reply = answers_of(commands, line)
        sets = known.sets[owners[0][0].method] = Sets()
        for place, (table, owner) in enumerate(owners):
            answer = reply[f"set{place}"]
            if answer.error:
                sets.error = answer.error
            else:
                sets.by_owner[place if len(group) > 1 else int(owner)] = rows_of(answer, table.question.rows_in)
        sets.seconds = sum(map(seconds_of, reply.times.values())) / len(commands)


def _sample_of(known: Known, line: Line) -> Sample | None:
    """Return the newest rows of the first list that is long enough, or of the longest one."""
    candidates = [
        (one, number) for method, number in CANDIDATES if (one := known.list_of(method)) and one.rows and one.cursor
    ]
    long = [pair for pair in candidates if (pair[0].count or pair[0].max_id) > _SAMPLE_PAGES * PAGE]
    chosen = next(iter(long), max(candidates, key=lambda pair: len(pair[0].rows), default=None))
    if chosen is None:
        return None
    one, number = chosen
    assert one.cursor
    return _sample(one, number, *_newest_rows(replace(one.listing, select=("ID", one.cursor)), line))


def _newest_rows(listing: Listing, line: Line) -> tuple[list[Row], int]:
    """Return the newest rows, and how many short pages had others below them."""
    rows: list[Row] = []
    below, short_pages = NEWEST, 0
    for _ in range(_SAMPLE_TRIES):
        chain = chain_pages(listing, Span(0, below), _SAMPLE_PAGES + 1, "sample")
        reply = line.send({key: command for key, command in chain.items() if not key.endswith("foot")})
        found, ends_short = _pages(reply)
        if not found:
            break
        short_pages += below != NEWEST
        rows += found
        below = min(int(row["ID"]) for row in found)
        if not ends_short or len(rows) >= _SAMPLE_PAGES * PAGE:
            break
    return rows, short_pages


def _pages(reply: Reply) -> tuple[list[Row], bool]:
    """Return the rows of a chain up to its first short page, and whether there was one."""
    rows: list[Row] = []
    for place in range(_SAMPLE_PAGES):
        page = [] if reply[f"sample{place}"].error else rows_of(reply[f"sample{place}"])
        rows += [row for row in page if str(row.get("ID")).isdecimal()]
        if len(page) < PAGE:
            return rows, True
    return rows, False


def _sample(one: KnownList, number: int, rows: Iterable[Row], short_pages: int) -> Sample | None:
    dates: dict[int, datetime] = {}
    assert one.cursor
    for row in rows:
        date = portal_time(row.get(one.cursor))
        if date and str(row.get("ID")).isdecimal():
            dates[int(row["ID"])] = date
    ids = tuple(sorted(dates, reverse=True))
    return Sample(one.listing.method, number, one.cursor, ids, dates, short_pages) if ids else None
