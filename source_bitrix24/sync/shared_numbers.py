"""The numbers of a list's rows, asked for together with those of other lists."""

from collections.abc import Callable, Generator, Mapping

from ..portal.batch import Answer
from ..portal.client import Answers
from ..portal.errors import PortalError
from ..portal.shared_batch import SharedBatch
from .deletions import DeletionCheck
from .printed_rows import PrintedRows
from .state import StreamState
from .step import Step

Numbers = Mapping[str, Answer]


class SharedNumbers:
    """The numbers with which a check begins: from the first request of a sync, or from the one behind all rows.

    `state`: what the list's job began with. The numbers that came first are of use only while no row has been printed.
    """

    def __init__(self, check: DeletionCheck, state: StreamState) -> None:
        self._check = check
        self._state = state
        self._first: Callable[[], Answers] | None = None

    def share(self, shared: SharedBatch) -> None:
        """Ask in the first request, unless rows will be printed in any case."""
        state = self._state
        if state.rows and not state.scan and state.max_id:
            self._first = shared.add(self._check.count_commands(state.rows, state.max_id))

    def get(
        self, known: PrintedRows | None, max_id: int, behind: SharedBatch, saved: Step
    ) -> Generator[Step, None, Numbers | None]:
        """Return the numbers of the rows up to `max_id`; None if they are not known or the request failed.

        `behind`: the request behind all rows. Before it is waited for come `saved` and a step that lets other jobs go on.
        """
        if self._first and known is self._state.rows and max_id == self._state.max_id:
            return _numbers(self._first)
        asked = behind.add(self._check.count_commands(known, max_id)) if known else None
        if not asked:
            return None
        yield saved
        yield Step(goes_last=True)
        return _numbers(asked)


def _numbers(asked: Callable[[], Answers]) -> Numbers | None:
    try:
        answers = asked().by_key
    except PortalError:
        return None
    return None if any(answer.error for answer in answers.values()) else answers
