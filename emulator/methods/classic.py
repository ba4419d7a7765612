"""The classic lists: crm.deal.list and its siblings (P2)."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

from ..company import mix
from ..fields import MODIFIED, Field
from ..filters import Condition, comparable, conditions, ordered, selected
from ..php import int_cast, is_array
from ..registry import PAGE, Outcome, RestError, method
from ..store import Portal
from ..table import Table
from ..wire import MISSING, Row, rendered

LISTS = ("deal", "lead", "contact", "company", "quote", "activity", "product", "catalog")
_DEFAULT_ORDER = {"activity": {"START_TIME": "ASC"}, "product": {"SORT": "ASC", "ID": "ASC"}}
_BOUNDS = (">", ">=", "<", "<=")
Hides = Callable[[Row], bool]


def parameter(params: Mapping[str, Any], name: str) -> Any:
    """A parameter under any of its spellings; the first one found counts (P2.20)."""
    for spelling in (name, name.upper(), name.capitalize(), f"ar{name.capitalize()}"):
        if spelling in params:
            value = params[spelling]
            if name != "select" and not is_array(value):
                raise RestError("", f"Parameter '{name}' must be array.")
            return value if isinstance(value, Mapping) or name == "select" else {}
    return {}


class Found:
    """The rows of a table that meet conditions, in an order."""

    def __init__(
        self, table: Table, wanted: Sequence[Condition], order: Sequence[tuple[Field, bool]], hides: Hides | None = None
    ) -> None:
        self._table = table
        self._order = order
        self._since = next(
            (one for one in wanted if one.field.name == MODIFIED[table.name] and one.operator == ">=" and one.wanted),
            None,
        )
        self._above, self._below = -inf, inf
        self._tests: list[Condition] = []
        self._hides = hides
        for one in wanted:
            if one.field.name == "ID" and one.operator in _BOUNDS:
                self._narrow(one)
            elif one is not self._since:
                self._tests.append(one)

    def first(self, count: int) -> list[int]:
        """The IDs of the first rows."""
        if not self._order or self._order[0][0].name != "ID":
            return self.all()[:count]
        numbers = []
        for number in self._candidates(falling=self._order[0][1]):
            if self._meets(number):
                numbers.append(number)
                if len(numbers) == count:
                    break
        return numbers

    def all(self) -> list[int]:
        """All IDs. Without an order they come as the database pleases (P2.7)."""
        numbers = [number for number in self._candidates(falling=False) if self._meets(number)]
        if not self._order:
            return sorted(numbers, key=partial(mix, 13))
        for field, falling in reversed(self._order):
            numbers.sort(key=partial(self._sort_key, field), reverse=falling)
        return numbers

    def _narrow(self, one: Condition) -> None:
        if one.operator.startswith(">"):
            self._above = max(self._above, one.wanted - (one.operator == ">="))
        else:
            self._below = min(self._below, one.wanted + (one.operator == "<="))

    def _candidates(self, *, falling: bool) -> Iterable[int]:
        """IDs within the bounds on the ID and on the time of change: what the database has indexes for."""
        ids: array[int] = self._table.ids_changed_since(self._since.wanted) if self._since else self._table.ids
        places = range(bisect_right(ids, self._above), bisect_left(ids, self._below))
        return (ids[place] for place in (reversed(places) if falling else places))

    def _meets(self, number: int) -> bool:
        if self._hides and (edited := self._table.edited.get(number)) and self._hides(edited):
            return False
        if not self._tests:
            return True
        row = self._table.row(number)
        return all(one.test(comparable(one.field, row.get(one.field.name))) for one in self._tests)

    def _sort_key(self, field: Field, number: int) -> tuple[bool, Any]:
        value = number if field.name == "ID" else comparable(field, self._table.row(number).get(field.name))
        return (value is not None, value if value is not None else 0)


class Renderer:
    """Renders rows of a table for a selection of columns; the ready-made parts of sample rows are rendered once."""

    def __init__(self, portal: Portal, table: Table, columns: Sequence[Field]) -> None:
        self._table = table
        self._renderers = {field.name: portal.wire.classic(field, table.name) for field in columns}
        sample = table.sample
        self._by_id = {name: self._renderers[name] for name in self._renderers if name in sample.id_columns}
        fixed = {name: render for name, render in self._renderers.items() if name not in sample.id_columns}
        self._variants = [rendered(variant, fixed) for variant in sample.variants]

    def rows(self, numbers: Iterable[int]) -> list[Row]:
        """The rows as the portal sends them."""
        return [self._row(number) for number in numbers]

    def _row(self, number: int) -> Row:
        table = self._table
        edited = table.edited.get(number)
        if edited is not None:
            return rendered(edited, self._renderers)
        row = self._variants[table.sample.variant_of(number)].copy()
        specifics = table.sample.specifics(number)
        for name, render in self._by_id.items():
            value = render(specifics[name])
            if value is not MISSING:
                row[name] = value
        return row


def renderer(portal: Portal, table: Table, columns: Sequence[Field]) -> Renderer:
    """The renderer for a selection, made once."""
    key = tuple(columns)
    if key not in table.renderers:
        table.renderers[key] = Renderer(portal, table, columns)
    made: Renderer = table.renderers[key]
    return made


def hides(name: str, asked: Mapping[str, Any]) -> Hides | None:
    """Which rows a list leaves out unasked (P2.18). No row of the sample is such a one; only edited rows can be."""
    if name == "deal" and not {"ID", "=ID", "@ID", "IS_RECURRING", "=IS_RECURRING"} & set(asked):
        return lambda row: bool(row.get("IS_RECURRING"))
    if name in ("contact", "company"):
        return lambda row: bool(row.get("CATEGORY_ID"))
    return None


def run_list(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of 50 rows (P2.1)."""
    table = portal.tables[name]
    fields = table.fields
    asked = parameter(params, "filter")
    filterable = {column: field for column, field in fields.items() if field.sent or not field.multiple}
    wanted = conditions(asked, filterable, portal.wire.zone, portal.now())  # P2.10: lists of links are no columns
    order = ordered(parameter(params, "order") or _DEFAULT_ORDER.get(name, {}), fields)
    found = Found(table, wanted, order, hides(name, asked))
    start = int_cast(params.get("start", 0))
    numbers, total, following, offset = _page(found, start)
    rows = renderer(portal, table, selected(parameter(params, "select"), fields)).rows(numbers)
    return Outcome(rows, total, following, rows=len(rows), counted=start >= 0, offset=offset)


def _page(found: Found, start: int) -> tuple[list[int], int, int | None, int]:
    if start < 0:
        return found.first(PAGE), 0, None, 0  # P2.5: total is 0 and means nothing
    everything = found.all()
    offset = start // PAGE * PAGE  # P2.2
    if offset >= len(everything):
        offset = 0  # P2.3: beyond the end there is page 1 again
    following = offset + PAGE
    return everything[offset:following], len(everything), following if following < len(everything) else None, offset


for _name in LISTS:
    method(f"crm.{_name}.list", reads=_name, facts="P2")(partial(run_list, _name))
