"""What is gone from a list, and what is there though it was not: by IDs, and never without proof.

not in the list any more ─┬─ the user is an administrator before and after, and numbers agree with IDs: gone
                          ├─ the object tells by its ID: gone if it is not found, else unseen
                          └─ nothing tells: unseen, with a warning

A row that is unseen stays in the copy. When it is in the list again, it is printed again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from ..portal.batch import Answer, Command
from ..portal.batch_all import fetch_all, fetch_many
from ..portal.errors import NotFound
from ..portal.keyset import Listing
from ..portal.profile import METHOD as PROFILE
from ..portal.profile import is_administrator
from ..portal.reply import portal_time
from ..portal.scan_context import ScanContext
from .id_check import CountsDiffer, FoundIds, count_commands, find_ids, read_ids
from .id_set import EMPTY, IdSet
from .printed_rows import PrintedRows

log = logging.getLogger("airbyte.bitrix24")

_MOST_ASKED = 2_500  # rows that are asked for one by one in a sync

_COUNTS_DIFFER = "%s: the portal's row counts do not match its IDs, so all IDs are read"
_STAY = "%s: %d of %d rows are not in the list any more, and nothing proves that they are gone. They stay in the copy."
_REMEDY = " The webhook's user is not an administrator: use a webhook that an administrator has created."


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become of a list's rows.

    `rows`: what is known once the tombstones of `gone` and the rows of `appeared` are out. `found_at`: the portal's clock
    after that.
    """

    rows: PrintedRows
    appeared: IdSet = EMPTY
    gone: IdSet = EMPTY
    found_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeletionCheck:
    """Compares a list with what is known of it. `name`: for people. `entity_type`: by which crm.item.get knows its rows.

    `is_administrator`: whether the portal has said so of the user; asked only if the check itself need not know.
    """

    scans: ScanContext
    name: str
    listing: Listing
    entity_type: int | None = None
    is_administrator: Callable[[], bool] = lambda: False

    def count_commands(self, rows: PrintedRows, top: int) -> Mapping[str, Command]:
        """Return the commands that `run` begins with; none where it reads IDs."""
        if not rows.is_learned or rows.is_counted is False:
            return {}
        return count_commands(self.listing, rows.ids | rows.others, top)

    def run(self, rows: PrintedRows | None, top: int, counted: Mapping[str, Answer] | None = None) -> Changes:
        """Compare the rows up to the ID `top`, after a sync has printed its rows. Raises PortalError.

        Without `rows`, as in states of version 0.1, all rows that are there count as printed. `counted`: the answers to the
        commands of `count_commands`, if no row was printed since.
        """
        known = rows or PrintedRows(is_learned=False)
        profiles: list[bool] = []
        is_first = known.is_counted is None
        known, found = self._find(known, top, counted, lambda: profiles.append(self._profile()[0]))
        if not known.is_learned:
            others = found.ids - known.ids
            known = replace(known, others=others) if rows else replace(known, ids=others)
            known = replace(known, is_learned=True)
        if _appeared(known, found) and (known.is_limited or not all(profiles)):
            # rights have changed: where as many rows have come as have gone, the numbers do not tell
            found = read_ids(self.scans, self.listing, top)
        if profiles or is_first:
            known = replace(known, is_limited=not (all(profiles) if profiles else self.is_administrator()))
        missing = found.read_of(known.ids) - found.ids
        suspects = found.read_of(known.suspects) - found.ids
        appeared = _appeared(known, found)
        known = replace(
            known,
            others=known.others - (found.read_of(known.others) - found.ids),
            unseen=EMPTY,
            suspects=EMPTY,
        )
        if not missing and not suspects:
            return Changes(known, appeared)
        is_administrator_after, found_at = self._profile()
        sees_everything = all(profiles) and is_administrator_after
        # where numbers contradict the IDs, a row may be there that the portal sends as none
        if sees_everything and known.is_counted:
            gone = missing | suspects
        else:
            gone = self._proven(missing, suspects, len(known.ids))
        if missing - gone:
            remedy = "" if sees_everything else _REMEDY
            log.warning(_STAY + remedy, self.name, len(missing - gone), len(known.ids))
        left = replace(known, ids=known.ids - gone, unseen=missing - gone, suspects=suspects - gone)
        return Changes(left, appeared, gone, found_at)

    def _find(
        self, known: PrintedRows, top: int, counted: Mapping[str, Answer] | None, before_ids: Callable[[], object]
    ) -> tuple[PrintedRows, FoundIds]:
        """Return the IDs where they had to be read, and whether the portal's numbers can be trusted."""
        client, unclear = self.scans.client, known.unseen | known.suspects
        found = None
        if not known.is_learned or known.is_counted is False:
            before_ids()
            found = read_ids(self.scans, self.listing, top)
        try:
            expected = found.ids if found else known.ids | known.others
            read = find_ids(client, self.listing, expected, top, unclear, counted, before_ids)
            return replace(known, is_counted=True), found.corrected(read) if found else read
        except CountsDiffer:
            if not self.listing.odd.rows:  # else the log says that rows were left out
                log.warning(_COUNTS_DIFFER, self.name)
        if not found:
            before_ids()
        return replace(known, is_counted=False), found or read_ids(self.scans, self.listing, top)

    def _profile(self) -> tuple[bool, datetime | None]:
        """Return whether the user may see everything, and the portal's clock."""
        client = self.scans.client
        commands = {"profile": Command(PROFILE), "time": Command("server.time")}
        answers = fetch_all(client, commands)
        profile, time = answers["profile"], answers["time"]
        return not profile.error and is_administrator(profile.result), portal_time(None if time.error else time.result)

    def _proven(self, missing: IdSet, suspects: IdSet, known: int) -> IdSet:
        """Return those of the IDs that are proven to be gone one by one; none if more than half of all are missing."""
        gone = EMPTY
        if self.entity_type and 2 * len(missing) <= known:
            asked = list(islice(missing | suspects, _MOST_ASKED))
            params = [{"entityTypeId": self.entity_type, "id": number} for number in asked]
            commands = {f"id{one['id']}": Command("crm.item.get", one) for one in params}
            answers = fetch_many(self.scans.client, commands)
            gone = IdSet.of(number for number in asked if isinstance(answers[f"id{number}"].error, NotFound))
        return gone


def _appeared(known: PrintedRows, found: FoundIds) -> IdSet:
    """Return the IDs that are in the list, though they were not."""
    return (found.ids - known.ids - known.others) | (found.ids & known.unseen)
