"""Finding the rows of a table that a filter and an order describe."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import inf
from typing import Any

from ..company import mix
from ..fields import MODIFIED, Field
from ..filters import Condition, comparable
from ..table import Table
from ..wire import Row

_BOUNDS = (">", ">=", "<", "<=")
IsHidden = Callable[[Row], bool]


class Query:
    """The rows of a table that meet all conditions, in an order of (column, is descending).

    `is_hidden`: which edited rows to leave out; sample rows never are. `denied`: the IDs that the user may not see.
    """

    def __init__(
        self,
        table: Table,
        conditions: Sequence[Condition],
        order: Sequence[tuple[Field, bool]],
        is_hidden: IsHidden | None = None,
        denied: frozenset[int] = frozenset(),
    ) -> None:
        self._denied = denied
        self._table = table
        self._order = order
        self._modified_since = next(
            (
                condition
                for condition in conditions
                if condition.field.name == MODIFIED[table.name] and condition.operator == ">=" and condition.value
            ),
            None,
        )
        self._above, self._below = -inf, inf
        self._conditions: list[Condition] = []
        self._is_hidden = is_hidden
        for condition in conditions:
            if condition.field.name == "ID" and condition.operator in _BOUNDS:
                self._narrow(condition)
            elif condition is not self._modified_since:
                self._conditions.append(condition)

    def first(self, count: int) -> Sequence[int]:
        """The IDs of the first `count` rows."""
        if not self._order or self._order[0][0].name != "ID":
            return self.all()[:count]
        ids = []
        for number in self._candidates(descending=self._order[0][1]):
            if self._matches(number):
                ids.append(number)
                if len(ids) == count:
                    break
        return ids

    def all(self) -> Sequence[int]:
        """All IDs; without an order in an arbitrary one (P2.7). The table caches the last answer until it is edited."""
        return self._table.cached(self._key(), self._find_all)

    def _key(self) -> list[Any]:
        conditions = [*self._conditions, *([self._modified_since] if self._modified_since else [])]
        return [
            self._above,
            self._below,
            self._is_hidden is None,
            self._denied,
            [(field.name, descending) for field, descending in self._order],
            [(condition.field.name, condition.operator, condition.raw, condition.value) for condition in conditions],
        ]

    def _find_all(self) -> list[int]:
        ids = [number for number in self._candidates(descending=False) if self._matches(number)]
        if not self._order:
            return sorted(ids, key=partial(mix, 13))
        for field, descending in reversed(self._order):
            ids.sort(key=partial(self._sort_key, field), reverse=descending)
        return ids

    def _narrow(self, condition: Condition) -> None:
        if condition.operator.startswith(">"):
            self._above = max(self._above, condition.value - (condition.operator == ">="))
        else:
            self._below = min(self._below, condition.value + (condition.operator == "<="))

    def _candidates(self, *, descending: bool) -> Iterable[int]:
        """IDs within the bounds on ID and modification time, the columns with a database index."""
        since = self._modified_since
        ids = self._table.ids_changed_since(since.value) if since else self._table.ids
        indexes = range(bisect_right(ids, self._above), bisect_left(ids, self._below))
        return (ids[index] for index in (reversed(indexes) if descending else indexes))

    def _matches(self, number: int) -> bool:
        if number in self._denied:
            return False
        if self._is_hidden and (edited := self._table.edited.get(number)) and self._is_hidden(edited):
            return False
        if not self._conditions:
            return True
        row = self._table.row(number)
        return all(
            condition.test(comparable(condition.field, row.get(condition.field.name))) for condition in self._conditions
        )

    def _sort_key(self, field: Field, number: int) -> tuple[bool, Any]:
        value = number if field.name == "ID" else comparable(field, self._table.row(number).get(field.name))
        return (value is not None, value if value is not None else 0)
