"""The numbers of a list's rows, asked for together with those of other lists.

They come with the first request of a sync. They stay true of the rows up to the greatest ID of the last sync, unless a row
is printed there that was not known: a row that is deleted later is found by the next sync. Else they come behind all rows.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from itertools import islice

from ..portal.batch import MOST_COMMANDS, Answer, Command
from ..portal.client import Answers
from ..portal.errors import PortalError
from ..portal.shared_batch import SharedBatch
from .deletions import DeletionCheck
from .id_set import IdSet
from .printed_rows import PrintedRows
from .state import StreamState
from .step import Step

_Waiting = Callable[[], Answers]
_AT_ONCE = 13  # numbers of a request: others come at the same time. 0.4 s at 30 ms each


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of the rows up to the ID `top`, as `DeletionCheck.run` takes them; None if they are not known."""

    top: int
    by_key: Mapping[str, Answer] | None = None


class SharedNumbers:
    """The numbers with which a check begins. `state`: what the list's job began with."""

    def __init__(self, check: DeletionCheck, state: StreamState) -> None:
        self._check = check
        self._state = state
        self._first: list[_Waiting] = []

    def share(self, shared: SharedBatch) -> None:
        """Ask in the first request, unless rows will be printed in any case."""
        state = self._state
        if not state.rows or state.scan or not state.max_id:
            return
        commands = self._check.count_commands(state.rows, state.max_id)
        if len(commands) <= MOST_COMMANDS:
            self._first = _ask(shared, commands)

    def get(
        self, known: PrintedRows | None, max_id: int, behind: SharedBatch, saved: Step
    ) -> Generator[Step, None, Numbers]:
        """Return the numbers of the rows up to `max_id`, or up to the greatest ID of the last sync.

        `behind`: the request behind all rows. Before it is waited for come `saved` and a step that lets other jobs go on.
        """
        if self._first and known and self._are_true_of(known):
            return Numbers(self._state.max_id or 0, _answers(self._first))
        asked = _ask(behind, self._check.count_commands(known, max_id)) if known else []
        if not asked:
            return Numbers(max_id)
        yield saved
        yield Step(goes_last=True)
        return Numbers(max_id, _answers(asked))

    def _are_true_of(self, known: PrintedRows) -> bool:
        before = self._state.rows
        return before is known or (
            before is not None and self._counted(before) == self._counted(known) and before.suspects == known.suspects
        )

    def _counted(self, rows: PrintedRows) -> IdSet:
        return (rows.ids | rows.others).up_to(self._state.max_id or 0)


def _ask(shared: SharedBatch, commands: Mapping[str, Command]) -> list[_Waiting]:
    """Return what waits for the answers, part by part; nothing if it is too late."""
    left = iter(commands.items())
    parts = [shared.add(part, is_apart=True) for part in iter(lambda: dict(islice(left, _AT_ONCE)), {})]
    sent = [part for part in parts if part]
    return sent if len(sent) == len(parts) else []


def _answers(asked: list[_Waiting]) -> Mapping[str, Answer] | None:
    answers: dict[str, Answer] = {}
    try:
        for one in asked:
            answers |= one().by_key
    except PortalError:
        return None
    return None if any(answer.error for answer in answers.values()) else answers
