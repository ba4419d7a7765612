"""Saved states belong to one portal: rows of a second one must not be mixed with them.

host of the settings = host of the states         the same portal, without a request
a record of the states is there, as old as then   the same portal, renamed
the old host redirects to the new one (P7.12)     the same portal, renamed
otherwise                                         another portal: nothing is read
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from ..catalog.table import CustomFieldValues, PerParent, Scanned, Table
from ..portal.batch import MOST_COMMANDS, Answer, Command
from ..portal.errors import PortalError
from ..portal.keyset import Listing, Span, chain_pages, read_all_pages
from ..portal.retry import retry
from .context import SyncContext
from .known_portal import KnownPortal
from .state import StreamState

log = logging.getLogger("airbyte.bitrix24")

_SECONDS = len("2026-11-23T10:00:00")


class OtherPortal(Exception):
    """The states are of the portal `saved`, the settings lead to `present`; both are hosts."""

    def __init__(self, saved: str, present: str) -> None:
        super().__init__(saved, present)
        self.saved = saved
        self.present = present


def require_same_portal(context: SyncContext, states: Iterable[tuple[Table, StreamState]]) -> None:
    """Return if the tables' states are of the portal in the settings. Raises OtherPortal, or PortalError for no answer.

    A state of version 0.1 names no portal and is accepted.
    """
    by_host: defaultdict[str, list[tuple[Table, KnownPortal]]] = defaultdict(list)
    for table, state in states:
        if state.portal and state.portal.host != context.host:
            by_host[state.portal.host].append((table, state.portal))
    for host, known in by_host.items():
        if not (_has_the_records(context, known) or _redirects(context, host)):
            raise OtherPortal(host, context.host)
        log.info("The portal %s is now at %s.", host, context.host)


def _has_the_records(context: SyncContext, known: Iterable[tuple[Table, KnownPortal]]) -> bool:
    """Whether at least one of the records is there, and none with the ID of one is of another time."""
    records: dict[str, tuple[Listing, Span, str]] = {}
    commands: dict[str, Command] = {}
    for table, portal in known:
        listing = _list_of(table)
        if listing and portal.record and portal.created and len(commands) < MOST_COMMANDS:
            key, span = f"{listing.method}:{portal.record}", Span(portal.record - 1, portal.record + 1)
            records[key] = listing, span, portal.created
            commands |= chain_pages(listing, span, 1, f"{key}:")
    if not commands:
        return False
    answers = retry(context.scans.client, lambda: context.scans.client.batch(commands)).by_key
    found = [_is_as_old(*record, answers[f"{key}:0"]) for key, record in records.items()]
    return True in found and False not in found


def _is_as_old(listing: Listing, span: Span, created: str, answer: Answer) -> bool | None:
    """Whether a record was created when it is said to be; None if it is gone, or may not be read."""
    try:
        rows = read_all_pages(listing, span, {"p0": answer}).rows
    except PortalError:
        return None
    # P2.15: the portal stores its local time; its offset can change
    return str(rows[0].get(listing.dialect.created))[:_SECONDS] == created[:_SECONDS] if rows else None


def _list_of(table: Table) -> Listing | None:
    """Return the list that a table is read from, with the columns to recognise a record by."""
    if isinstance(table, PerParent):
        listing = table.parents
    elif isinstance(table, Scanned | CustomFieldValues):
        listing = table.listing
    else:
        return None
    return replace(listing, select=(listing.dialect.id, listing.dialect.created))


def _redirects(context: SyncContext, host: str) -> bool:
    try:
        return context.scans.client.redirect_of(host) == context.host
    except PortalError:
        return False
