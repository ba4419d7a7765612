"""Defects that readers of Bitrix24 really have, put in by hand: proof that the tests for lost rows can fail."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.keyset import PAGE, Listing, Row, Span
from source_bitrix24.portal.scan import Chunk, Part, scan
from source_bitrix24.state import StreamState
from source_bitrix24.streams import changes, custom_field_values, scanned

Seed = Callable[[pytest.MonkeyPatch], None]
_PAGES = 50


def cursor_is_the_greatest_timestamp_seen(patch: pytest.MonkeyPatch) -> None:
    """What other connectors do: the state follows the rows, not the portal's clock."""
    seen: list[datetime] = []
    finish = StreamState.finish

    def watched(client: PortalClient, parts: Sequence[Part], width: int) -> Iterator[Chunk]:
        seen.clear()
        for chunk in scan(client, parts, width):
            times = [row.get("DATE_MODIFY") or row.get("CREATED_TIME") for row in chunk.rows]
            seen.extend(datetime.fromisoformat(time) for time in times if time)
            yield chunk

    def finished(self: StreamState) -> StreamState:
        return replace(finish(self), mark=max(seen, default=self.mark or finish(self).mark))

    patch.setattr(changes, "scan", watched)
    patch.setattr(StreamState, "finish", finished)


def state_comes_one_page_early(patch: pytest.MonkeyPatch) -> None:
    """The state is printed before the rows it claims."""

    def read_changes(stream: Any, listing: Listing, records: Callable[[list[Row]], Iterable[Row]]) -> Iterator[Any]:
        for covered in changes.changes(stream, listing):
            stream.progress = covered.after
            yield changes.state_message(stream)
            yield from records(covered.rows)

    for module in (scanned, custom_field_values):
        patch.setattr(module, "read_changes", read_changes)


def rows_above_the_greatest_id_are_left_out(patch: pytest.MonkeyPatch) -> None:
    """Only the date decides what is read: restored and imported rows have old ones."""

    def by_date(stream: Any, listing: Listing, since: datetime | None, state: StreamState) -> Iterator[Chunk]:
        return real(stream, listing, since, replace(state, max_id=None))

    real = changes._scan
    patch.setattr(changes, "_scan", by_date)


def chain_goes_up_and_does_not_stop_at_a_short_page(patch: pytest.MonkeyPatch) -> None:
    """Past a short page an ascending chain starts again from the first rows (P1.8)."""

    def ascending(client: PortalClient, parts: Sequence[Part], width: int) -> Iterator[Chunk]:
        rows = [row for part in reversed(parts) for row in _ascend(client, part.listing, part.span)]
        yield Chunk(sorted(rows, key=lambda row: -int(row["ID"])), 1)

    patch.setattr(changes, "scan", ascending)


def _ascend(client: PortalClient, listing: Listing, span: Span) -> list[Row]:
    commands = {}
    for page in range(_PAGES):
        above = f"$result[p{page - 1}][{PAGE - 1}][ID]" if page else span.above
        bounds = {**listing.filter, ">ID": above, "<ID": span.below}
        select = {"select": listing.select} if listing.select else {}
        asked = {**listing.params, **select, "order": {"ID": "ASC"}, "filter": bounds, "start": -1}
        commands[f"p{page}"] = Command(listing.method, asked)
    answers = client.patiently(lambda: client.batch(commands))
    pages = [answers[key].result or [] for key in commands]
    return [row for page in pages for row in (page["items"] if isinstance(page, dict) else page)]


DEFECTS: tuple[Seed, ...] = (
    cursor_is_the_greatest_timestamp_seen,
    state_comes_one_page_early,
    rows_above_the_greatest_id_are_left_out,
    chain_goes_up_and_does_not_stop_at_a_short_page,
)
