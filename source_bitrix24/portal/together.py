"""Product rows of many owners at once: `crm.productrow.list` with a list of owners, where a portal lets it pass (P4.2).

    one request:   group 0, page 0 │ page 1, below page 0 │ … │ group 1, page 0 │ … │ newest rows of all │ one owner alone

It is no documented way, so nothing is taken on trust. Before it is used, what it says of some owners is compared with each
one's own answer. While it is used, one owner a request is compared. And since an owner's rows can be replaced between two
pages, the old ones gone before their page is read and the new ones above the first, the newest rows are read once more at
the end of each request: owners with rows that are not known by then have to be asked alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from .batch import Answer, Command
from .errors import BrokenPromise, NotFound, Passing
from .keyset import PAGE, Listing, Row, Run, Span, chain, gather

METHOD = "crm.productrow.list"
MOST_OWNERS = 900  # in one command: PHP reads 1,000 variables where it is not told otherwise (P1.4)
_ALONE = "alone"
_ENOUGH = 3  # owners with rows: a list that only reads the first of its owners, or the last, is found out


@dataclass(slots=True)
class Group:
    """Owners whose rows are read together: what came so far, what is left of the rows' IDs, and in how many requests."""

    owners: Sequence[int]
    rows: list[Row] = field(default_factory=list)
    left: Span = field(default_factory=Span)
    times: int = 0

    def sets(self) -> dict[int, list[Row]]:
        """Each owner's rows in their order."""
        sets: dict[int, list[Row]] = {owner: [] for owner in self.owners}
        for row in sorted(self.rows, key=lambda row: (int(row["SORT"] or 0), int(row["ID"]))):
            sets[int(row["OWNER_ID"])].append(row)
        return sets


@dataclass(frozen=True, slots=True)
class Pages:
    """What one request asks for: so many pages of each group, and what proves them right.

    `owner_type`: the portal's letter for the kind of owner (P4.1); `method`: the one that asks an owner alone.
    """

    owner_type: str
    method: str
    groups: Sequence[tuple[Group, int]]

    @staticmethod
    def proofs(owners: int) -> int:
        """How many commands the proof takes for so many owners."""
        return -(-owners // MOST_OWNERS) + 1

    def commands(self) -> dict[str, Command]:
        """All commands of the request."""
        commands: dict[str, Command] = {}
        for number, (group, pages) in enumerate(self.groups):
            commands |= chain(self._listing(group.owners), group.left, pages, f"group{number}_")
        for number, owners in enumerate(self._all_owners()):
            commands |= chain(self._listing(owners), Span(), 1, f"newest{number}_")
        return commands | {_ALONE: Command(self.method, {"id": self._one_owner})}

    def take(self, answers: Mapping[str, Answer]) -> set[int]:
        """Add what came to the groups; return the owners that have to be asked alone.

        Raises the first error of a command, and BrokenPromise if the portal contradicts itself; nothing is added then.
        """
        runs = [
            self._gathered(group.owners, group.left, answers, f"group{number}_")
            for number, (group, _) in enumerate(self.groups)
        ]
        known = {int(row["ID"]): int(row["OWNER_ID"]) for run in runs for row in run.rows}
        known |= {int(row["ID"]): int(row["OWNER_ID"]) for group, _ in self.groups for row in group.rows}
        read_down_to = {
            owner: run.left.below for (group, _), run in zip(self.groups, runs, strict=True) for owner in group.owners
        }
        changed: set[int] = set()
        for number, owners in enumerate(self._all_owners()):
            page = self._gathered(owners, Span(), answers, f"newest{number}_").rows
            appeared = [
                owner
                for row in page
                if int(row["ID"]) not in known and int(row["ID"]) >= read_down_to[owner := int(row["OWNER_ID"])]
            ]
            changed |= set(appeared if len(appeared) < PAGE else owners)
        self._compare(answers[_ALONE], known, read_down_to, changed)
        for (group, _), run in zip(self.groups, runs, strict=True):
            group.rows += run.rows
            group.left = run.left
        return changed

    def _compare(
        self, alone: Answer, known: Mapping[int, int], read_down_to: Mapping[int, int], changed: set[int]
    ) -> None:
        owner = self._one_owner
        if isinstance(alone.error, NotFound):
            changed.add(owner)
            return
        if alone.error:
            raise alone.error
        own = {int(row["ID"]) for row in alone.result if int(row["ID"]) >= read_down_to[owner]}
        if owner not in changed and own != {row for row, owned_by in known.items() if owned_by == owner}:
            raise BrokenPromise(METHOD, "it does not tell all rows of its owners")

    def _gathered(self, owners: Sequence[int], span: Span, answers: Mapping[str, Answer], name: str) -> Run:
        run = gather(self._listing(owners), span, answers, name)
        if run.error:
            raise run.error
        if not {int(row["OWNER_ID"]) for row in run.rows} <= set(owners):
            raise BrokenPromise(METHOD, "it tells rows of other owners")
        return run

    def _listing(self, owners: Sequence[int]) -> Listing:
        return listing_of(self.owner_type, owners)

    def _all_owners(self) -> list[Sequence[int]]:
        owners = [owner for group, _ in self.groups for owner in group.owners]
        return [owners[start : start + MOST_OWNERS] for start in range(0, len(owners), MOST_OWNERS)]

    @property
    def _one_owner(self) -> int:
        return self.groups[0][0].owners[-1]


def listing_of(owner_type: str, owners: Sequence[int]) -> Listing:
    """The list of some owners' rows."""
    return Listing(METHOD, filter={"OWNER_TYPE": owner_type, "OWNER_ID": owners})


class Verdict(Enum):
    """What a comparison says of the list, in words for people."""

    UNDECIDED = "too few have rows to judge"
    USELESS = "this portal does not tell"
    TELLS_OWNERS = "used to find those that have rows"
    TELLS_ALL = "used instead"


def compare(
    sets: Mapping[int, list[Row]], page: Answer, wanted: Collection[str], typed: Callable[[Row], Row]
) -> Verdict:
    """Judge the first page of some owners' list, newest rows first, by each one's own answer.

    `wanted`: the columns that are needed; one that the list does not name is one that it lacks, whatever its rows hold.
    `typed`: makes rows of both comparable.
    """
    if isinstance(page.error, Passing):
        return Verdict.UNDECIDED
    own = sorted((row for rows in sets.values() for row in rows), key=lambda row: -int(row["ID"]))[:PAGE]
    if page.error or not isinstance(page.result, list) or _keys(page.result) != _keys(own):
        return Verdict.USELESS
    if len({row["OWNER_ID"] for row in own}) < _ENOUGH:
        return Verdict.UNDECIDED
    if not all(set(wanted) <= row.keys() for row in page.result):
        return Verdict.TELLS_OWNERS
    pairs = ((typed(dict(alone)), typed(dict(told))) for alone, told in zip(own, page.result, strict=True))
    same = all(alone.get(name) == told.get(name) for alone, told in pairs for name in wanted)
    return Verdict.TELLS_ALL if same else Verdict.TELLS_OWNERS


def _keys(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(str(row.get("ID")), str(row.get("OWNER_ID"))) for row in rows]
