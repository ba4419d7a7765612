"""Defects that readers of Bitrix24 really have, put in by hand: proof that the tests for lost rows can fail."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from source_bitrix24.portal.batch import Command
from source_bitrix24.portal.client import PortalClient
from source_bitrix24.portal.keyset import PAGE, Listing, Row, Span
from source_bitrix24.portal.scan import Chunk, Scan
from source_bitrix24.state import StreamState
from source_bitrix24.streams import changes
from source_bitrix24.streams.base import TableStream

Seed = Callable[[pytest.MonkeyPatch], None]
_PAGES = 50


def cursor_is_the_greatest_timestamp_seen(patch: pytest.MonkeyPatch) -> None:
    """What other connectors do: the state follows the rows, not the portal's clock."""
    seen: list[datetime] = []
    finish = StreamState.finish

    class Watched(Scan):
        def chunks(self) -> Iterator[Chunk]:
            """The same, but their times are noted."""
            seen.clear()
            for chunk in super().chunks():
                times = [row.get("DATE_MODIFY") or row.get("CREATED_TIME") for row in chunk.rows]
                seen.extend(datetime.fromisoformat(time) for time in times if time)
                yield chunk

    def finished(self: StreamState) -> StreamState:
        return replace(finish(self), mark=max(seen, default=self.mark or finish(self).mark))

    patch.setattr(changes, "Scan", Watched)
    patch.setattr(StreamState, "finish", finished)


def state_comes_one_page_early(patch: pytest.MonkeyPatch) -> None:
    """The state is printed before the rows it claims."""

    def read_changes(stream: TableStream[Any], records: Callable[[list[Row]], Iterable[Row]]) -> Iterator[Any]:
        for covered in stream.changes():
            stream.progress = covered.after
            yield stream.state_message()
            yield from records(covered.rows)

    patch.setattr(TableStream, "read_changes", read_changes)


def rows_above_the_greatest_id_are_left_out(patch: pytest.MonkeyPatch) -> None:
    """Only the date decides what is read: restored and imported rows have old ones."""
    real = changes.Changes._scan_since

    def by_date(self: changes.Changes, since: datetime | None, state: StreamState) -> Scan:
        return real(self, since, replace(state, max_id=None))

    patch.setattr(changes.Changes, "_scan_since", by_date)


def chain_goes_up_and_does_not_stop_at_a_short_page(patch: pytest.MonkeyPatch) -> None:
    """Past a short page an ascending chain starts again from the first rows (P1.8)."""

    class Ascending(Scan):
        def chunks(self) -> Iterator[Chunk]:
            """All in one chunk."""
            client = self._reading.client
            rows = [row for part in reversed(self._parts) for row in _ascend(client, part.listing, part.span)]
            yield Chunk(sorted(rows, key=lambda row: -int(row["ID"])), 1)

    patch.setattr(changes, "Scan", Ascending)


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
