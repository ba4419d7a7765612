"""Sets of many owners at once, once answers have proved that right.

    owners   49, alone and in bulk: compared │ 49 more, until enough were compared │ all others in bulk, or alone

Use it only for an administrator's webhook, who may read all rows anyway.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Generic, TypeVar

from .batch import MOST_COMMANDS, Answer
from .client import Answers
from .errors import NotFound, Refused, Unexpected
from .keyset import Row
from .oddities import Oddities
from .owners import KnownSet, owner_command, rows_of
from .prefetch import Prefetch

R = TypeVar("R")


class BulkSets(ABC, Generic[R]):
    """Finds the sets of owners in bulk. `method`: reads one owner's set. `R`: a request for the sets of many owners.

    `is_allowed` is called once, if there are enough owners for a bulk read to pay.
    """

    _prefetch: Prefetch[R, Answers]

    def __init__(self, method: str, is_allowed: Callable[[], bool], odd: Oddities | None) -> None:
        self._method = method
        self._is_allowed = is_allowed
        self._odd = odd or Oddities()

    def sets(self, owners: Iterator[Row]) -> Iterator[KnownSet]:
        """Yield the owners in their order, each with its set, or with None if it must be asked alone."""
        is_first = True
        while self._is_undecided:
            head = list(islice(owners, MOST_COMMANDS + 1))
            if len(head) <= MOST_COMMANDS:  # one request brings them anyway
                yield from ((owner, None) for owner in head)
                return
            if is_first and not self._is_allowed():
                self._turn_off()
                owners = chain(head, owners)
                break
            is_first = False
            owners = chain(head[MOST_COMMANDS - 1 :], owners)
            yield from self._probe(head[: MOST_COMMANDS - 1])
        try:
            yield from self._bulk(owners)
        finally:
            self.close()
        yield from ((owner, None) for owner in owners)

    def close(self) -> None:
        """Abandon the requests in flight."""
        self._prefetch.abandon()

    def _alone(self, owner: Row, answers: Mapping[str, Answer]) -> list[Row] | None:
        """Return the set of an owner; None if there is none to be had: OwnerSets asks again, and counts such owners."""
        answer = answers[owner_command(self._method, owner)[0]]
        if isinstance(answer.error, NotFound):
            return None
        try:
            return rows_of(self._method, answer, self._odd)
        except (Refused, Unexpected):
            return None

    @property
    @abstractmethod
    def _is_undecided(self) -> bool:
        """Whether more owners have to be compared."""

    @abstractmethod
    def _turn_off(self) -> None:
        """Ask all further owners alone."""

    @abstractmethod
    def _probe(self, owners: Sequence[Row]) -> Iterator[KnownSet]:
        """Ask up to 49 owners alone and in bulk, compare, and yield the sets that they have alone."""

    @abstractmethod
    def _bulk(self, owners: Iterator[Row]) -> Iterator[KnownSet]:
        """Yield the sets of owners in bulk, as long as that is right."""
