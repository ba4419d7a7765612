"""How many sets are printed between two states: so many that the text of states stays small beside that of records."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..portal.owners import OwnerSet

_SHARE = 20  # a state is worth its text after records of so many times as much
_STATE_TEXT = 400  # of a state without lengths
_PARENT_TEXT = 10  # counted for a parent without rows, so that reading many of them is saved too
_MOST_ROWS = 20_000  # that wait in memory


@dataclass(slots=True)
class SetWindow:
    """Sets that have been read and not been printed. `lengths_text`: how long the lengths in the next state will be."""

    lengths_text: int
    sets: list[OwnerSet] = field(default_factory=list)
    _rows: int = 0
    _text: int = 0

    def add(self, sets: Sequence[OwnerSet]) -> None:
        """Add sets behind the others."""
        self.sets += sets
        for _, rows in sets:
            self._rows += len(rows or ())
            self._text += len(rows) * len(str(rows[0])) if rows else _PARENT_TEXT

    @property
    def is_worth_a_state(self) -> bool:
        """Whether a state may come now."""
        return self._rows >= _MOST_ROWS or self._text >= _SHARE * (_STATE_TEXT + self.lengths_text)
