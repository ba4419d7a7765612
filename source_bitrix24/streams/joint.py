"""Several streams whose rows come from one list read it once: each piece is taken by all before the next one is read."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ..state import StreamState
from .changes import Changes, Covered

_MOST_OWED = 4  # pieces: a stream that takes none, since it has failed, must not make the others' rows pile up


class Joint:
    """What is left to read of a list for some streams, by their names and states.

    Whoever needs the next piece reads it, and the others are owed it. `changes` is called when it begins.
    """

    def __init__(self, changes: Callable[[], Changes], states: Mapping[str, StreamState]) -> None:
        self._changes = changes
        self._states = states
        self._pieces: Iterator[Covered] | None = None
        self._owed: dict[str, deque[Covered]] = {name: deque() for name in states}

    @property
    def has_begun(self) -> bool:
        """Whether the first rows have been asked for."""
        return self._pieces is not None

    def begin(self) -> Iterator[Covered]:
        """Ask for the first rows without waiting for them."""
        if self._pieces is None:
            changes = self._changes()
            changes.begin()
            self._pieces = changes.covered()
        return self._pieces

    def covered(self, name: str, state: StreamState) -> Iterator[Covered]:
        """Piece by piece, for the stream that is in this state. What the last one's state leaves to read is its own affair.

        Raises the platform's exception for a PortalError.
        """
        try:
            if state != self._states[name]:
                return
            while name in self._owed:
                owed = self._owed[name]
                covered = owed.popleft() if owed else self._next(name)
                if not covered:
                    return
                yield covered
        finally:
            self._owed.pop(name, None)

    def is_ahead(self, name: str) -> bool:
        """Whether others should take what this stream has read before it reads on."""
        return any(owed for other, owed in self._owed.items() if other != name)

    def _next(self, name: str) -> Covered | None:
        covered = next(self.begin(), None)
        if covered:
            for other in [other for other in self._owed if other != name]:
                self._owed[other].append(replace(covered, rows=[row.copy() for row in covered.rows]))
                if len(self._owed[other]) > _MOST_OWED:
                    del self._owed[other]
        return covered
