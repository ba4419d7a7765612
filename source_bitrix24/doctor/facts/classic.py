"""Facts of the classic lists: pages, totals, orders and filters (P2)."""

from datetime import UTC, datetime, timedelta, timezone

from ...portal.batch import Command
from ...portal.keyset import PAGE, Span, chain_pages
from ..fact import Asking, Reply, code_of, fact, ids_of, judged, untold
from ..known import Known, key_of

_BEYOND = 100_000
_ROW = 30  # a row that is seldom edited at the moment at which the doctor looks
_SECOND = timedelta(seconds=1)


@fact("P2.1", "A page holds 50 rows.", "An answer of more than 50 rows fails its table.", rows=60)
def page_of_50(known: Known) -> Asking:
    """Ask for more rows than a page holds."""
    sample = known.of_sample
    answer = (yield {"page": sample.command(sample.window(0, 60))})["page"]
    count = len(ids_of(answer))
    return judged(count == PAGE, f"a page of {count}")


@fact("P2.2", "`start` selects a page: 75 gives the rows from 50 on.", "Nothing: lists are read by ID.", rows=100)
def start_selects_a_page(known: Known) -> Asking:
    """Ask from the middle of the second page on."""
    sample = known.of_sample
    ids = ids_of((yield {"start75": sample.command(sample.window(0, 100), start=75)})["start75"])
    place = sample.ids.index(ids[0]) if ids and ids[0] in sample.ids else None
    return judged(tuple(ids) == sample.ids[50:100], "no rows" if place is None else f"rows from {place} on")


@fact("P2.3", "`start` beyond the end gives the first page again.", "Nothing: lists are read by ID.", rows=40)
def start_beyond_the_end(known: Known) -> Asking:
    """Ask a window of 40 rows from far beyond them."""
    sample = known.of_sample
    ids = ids_of((yield {"beyond": sample.command(sample.window(0, 40), start=_BEYOND)})["beyond"])
    return judged(tuple(ids) == sample.ids[:40], "the first page again" if ids else "an empty page")


@fact(
    "P2.4",
    "The total of a window of IDs is the number of its rows.",
    "A list is read to its end, whatever its total.",
    rows=90,
)
def total_counts_a_window(known: Known) -> Asking:
    """Count three windows whose rows are known."""
    sample = known.of_sample
    bounds = ((0, 90), (10, 60), (30, 31))
    reply = yield {
        f"count_{first}_{last}": sample.command(sample.window(first, last), start=0) for first, last in bounds
    }
    totals = [reply[f"count_{first}_{last}"].total for first, last in bounds]
    right = sum(total == last - first for total, (first, last) in zip(totals, bounds, strict=True))
    return judged(right == len(bounds), f"{right} of {len(bounds)} windows have the right total")


@fact(
    "P2.5, P1.10",
    "With `start=-1`, also in a batch, nothing is counted: `total` is 0 and `next` is missing.",
    "Both are ignored with `start=-1`; a count makes each page slower.",
    rows=60,
)
def no_count_with_start_minus_1(known: Known) -> Asking:
    """Ask for a page without a count."""
    sample = known.of_sample
    answer = (yield {"uncounted": sample.command(sample.window(0, 60))})["uncounted"]
    ids_of(answer)
    said = [text for text, is_so in (("a total", bool(answer.total)), ("a next page", answer.more)) if is_so]
    return judged(not said, " and ".join(said) or "neither total nor next page")


@fact(
    "P2.6",
    "`next` is the number of rows returned so far, and is missing on the last page.",
    "Small tables are paged by it; rows that a total promises and no page brings fail the table.",
    rows=60,
)
def next_counts_rows(known: Known) -> Asking:
    """Ask for the first and the last page of a window of 60 rows."""
    sample = known.of_sample
    window = sample.window(0, 60)
    reply = yield {"first": sample.command(window, start=0), "last": sample.command(window, start=50)}
    ids_of(reply["first"])
    nexts = reply.maps.get("result_next")
    following = nexts.get("first") if isinstance(nexts, dict) else None
    holds = following in (PAGE, str(PAGE)) and not reply["last"].more
    return judged(holds, f"next is {'missing' if following is None else 'there'} on the first of two pages")


@fact(
    "P2.7",
    "An unknown column in `order` is ignored, and any direction other than ASC means descending.",
    "Rows in another order fail their table.",
    rows=40,
)
def unknown_order_is_ignored(known: Known) -> Asking:
    """Order by no column, and in no direction."""
    sample = known.of_sample
    window = sample.window(0, 40)
    reply = yield {
        "no_column": sample.command(window, order={"NO_SUCH_COLUMN": "ASC", "ID": "DESC"}),
        "no_direction": sample.command(window, order={"ID": "DOWN"}),
    }
    found = [tuple(ids_of(reply[key])) == sample.ids[:40] for key in ("no_column", "no_direction")]
    return judged(all(found), f"{sum(found)} of 2 orders are as known")


@fact(
    "P2.9", "A list of IDs in a filter means one of them.", "Only `crm.productrow.list` is asked so; see P4.2.", rows=40
)
def list_in_a_filter(known: Known) -> Asking:
    """Ask for two rows in both spellings."""
    sample = known.of_sample
    two = (sample.ids[3], sample.ids[_ROW])
    reply = yield {"among": sample.command({"@ID": two}), "equal": sample.command({"=ID": two})}
    found = [tuple(ids_of(reply[key])) == two for key in ("among", "equal")]
    return judged(all(found), f"{sum(found)} of 2 spellings give the two rows")


@fact(
    "P2.10",
    "A filter by an unknown column is silently dropped.",
    "Every sync proves its filter by date on a row that it knows.",
    rows=10,
)
def unknown_filter_is_dropped(known: Known) -> Asking:
    """Filter by no column."""
    sample = known.of_sample
    answer = (yield {"unknown": sample.command({**sample.window(0, 10), ">noSuchColumn": 5})})["unknown"]
    if answer.error:
        return judged(False, f"it is refused with {code_of(answer.error)}")
    ids = ids_of(answer)
    return judged(tuple(ids) == sample.ids[:10], "all rows come" if ids else "no rows come")


@fact("P2.11", "An empty text in `@ID` matches no row.", "Nothing: it is never sent.", rows=10)
def empty_list_in_a_filter(known: Known) -> Asking:
    """Ask for the rows with an ID among nothing."""
    sample = known.of_sample
    ids = ids_of((yield {"nothing": sample.command({**sample.window(0, 10), "@ID": ""})})["nothing"])
    return judged(not ids, "rows come" if ids else "no rows come")


@fact(
    "P2.13",
    "Times in filters are understood with `Z` and with an offset, to the second.",
    "Every sync proves its filter by date; where the proof fails, the table stops with a message.",
    rows=40,
)
def times_in_filters(known: Known) -> Asking:
    """Ask for a row since its date, and since a second later, in both spellings."""
    sample = known.of_sample
    number = sample.ids[_ROW]
    date = sample.dates[number].replace(microsecond=0)
    zone = timezone(timedelta(hours=-7))
    moments = {"at": date, "after": date + _SECOND}
    commands = {}
    for when, moment in moments.items():
        commands[f"z_{when}"] = sample.command(_since(known, number, _utc(moment)))
        commands[f"offset_{when}"] = sample.command(_since(known, number, moment.astimezone(zone).isoformat()))
    reply = yield commands
    found = {key: bool(ids_of(reply[key])) for key in commands}
    understood = [name for name in ("z", "offset") if found[f"{name}_at"] and not found[f"{name}_after"]]
    return judged(len(understood) == 2, f"understood: {', '.join(understood) or 'neither'}")


@fact(
    "P2.14",
    "A time that cannot be parsed matches no row, without an error.",
    "Every sync proves its filter by date; where the proof fails, the table stops with a message.",
    rows=40,
)
def unparsable_time(known: Known) -> Asking:
    """Filter by a text that is no time."""
    sample = known.of_sample
    answer = (yield {"no_time": sample.command(_since(known, sample.ids[_ROW], "no time"))})["no_time"]
    if answer.error:
        return judged(False, f"it is refused with {code_of(answer.error)}")
    ids = ids_of(answer)
    return judged(not ids, "the row comes" if ids else "no row comes")


@fact(
    "P2.18",
    "A list of deals leaves out the templates of recurring deals.",
    "They are rows as others.",
)
def templates_are_left_out(known: Known) -> Asking:
    """Count deals with and without templates, by filters that name them."""
    deals = known.list_of("crm.deal.list")
    if not deals or not deals.max_id:
        return untold("the portal has no deals, or the user may not read them")
    usual = {"select": ["ID"], "start": 0}
    above = {">ID": max(0, deals.max_id - 200_000)}  # a count of all could take long (P2.4)
    reply = yield {
        "templates": Command("crm.deal.list", {**usual, "filter": {**above, "IS_RECURRING": "Y"}}),
        "others": Command("crm.deal.list", {**usual, "filter": {**above, "IS_RECURRING": "N"}}),
        "unasked": Command("crm.deal.list", {**usual, "filter": above}),
    }
    ids_of(reply["unasked"])
    templates, others, unasked = (reply[key].total or 0 for key in ("templates", "others", "unasked"))
    if not templates:
        return untold("the portal has no template of a deal")
    return judged(unasked == others, "they are left out" if unasked == others else "they are not left out")


@fact("P2.20", "`filter` may also be spelled `FILTER`.", "Nothing: it is spelled `filter`.", rows=10)
def filter_in_capitals(known: Known) -> Asking:
    """Spell the parameter in capitals."""
    sample = known.of_sample
    command = Command(
        sample.method, {"select": ["ID"], "order": {"ID": "DESC"}, "FILTER": sample.window(0, 10), "start": -1}
    )
    ids = ids_of((yield {"capitals": command})["capitals"])
    return judged(tuple(ids) == sample.ids[:10], "it filters" if len(ids) <= 10 else "it is ignored")


@fact(
    "P2.21",
    "A page of a list holds 50 rows, or all that are left.",
    "The end of a list is proved from its other end; what is left below a short page is read.",
)
def short_page_is_the_last(known: Known) -> Asking:
    """Look below every short page that the doctor has seen."""
    commands = {}
    for place, one in enumerate(known.lists):
        if one.error or not one.rows or len(one.rows) >= PAGE:
            continue
        key = key_of(one.listing.dialect)
        lowest = min((int(row[key]) for row in one.rows if str(row.get(key)).isdecimal()), default=0)
        if lowest and (page := chain_pages(one.listing, Span(0, lowest), 1)):
            commands[f"below{place}"] = page["p0"]
    among_sample = known.sample.short_pages if known.sample else 0
    if not commands and not among_sample:
        return untold("every page that was seen is full")
    reply = (yield commands) if commands else Reply({})
    left = among_sample + sum(bool(_entries(reply[key].result)) for key in commands if not reply[key].error)
    return judged(not left, f"{left} of {len(commands) + among_sample} short pages have rows below them")


def _since(known: Known, number: int, moment: str) -> dict[str, object]:
    return {"ID": number, f">={known.of_sample.cursor}": moment}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entries(result: object) -> object:
    if isinstance(result, dict):
        return next((value for value in result.values() if isinstance(value, list)), [])
    return result
