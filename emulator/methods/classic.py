"""The classic lists: crm.deal.list and its siblings (P2)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from ..fields import Field
from ..filters import conditions, ordered, selected
from ..php import int_cast, is_array
from ..registry import PAGE, Outcome, RestError, method
from ..store import Portal
from ..table import Table
from ..wire import MISSING, Row, Wire, rendered
from .query import IsHidden, Query

LISTS = ("deal", "lead", "contact", "company", "quote", "activity", "product", "catalog")
_DEFAULT_ORDER = {"activity": {"START_TIME": "ASC"}, "product": {"SORT": "ASC", "ID": "ASC"}}


def parameter(params: Mapping[str, Any], name: str) -> Any:
    """A parameter in any of its spellings; the first one found counts (P2.20)."""
    for spelling in (name, name.upper(), name.capitalize(), f"ar{name.capitalize()}"):
        if spelling in params:
            value = params[spelling]
            if name != "select" and not is_array(value):
                raise RestError("", f"Parameter '{name}' must be array.")
            return value if isinstance(value, Mapping) or name == "select" else {}
    return {}


class Renderer:
    """Renders the rows of a table for a selection of columns. What sample rows share is rendered once."""

    def __init__(self, wire: Wire, table: Table, columns: Sequence[Field]) -> None:
        self._renderers = {field.name: wire.classic(field, table.name) for field in columns}
        sample = table.sample
        self._by_id = {name: self._renderers[name] for name in self._renderers if name in sample.id_columns}
        fixed = {name: render for name, render in self._renderers.items() if name not in sample.id_columns}
        self._variants = [rendered(variant, fixed) for variant in sample.variants]
        self._kept: dict[int, Row] = {}

    def keep(self, table: Table) -> None:
        """Render all rows now, so that answers take no time of a processor that a measured reader shares."""
        self._kept = {number: self._row(table, number) for number in table.ids}

    def rows(self, table: Table, ids: Iterable[int]) -> list[Row]:
        """The rows with these IDs as the portal sends them."""
        return [self._row(table, number) for number in ids]

    def _row(self, table: Table, number: int) -> Row:
        edited = table.edited.get(number)
        if edited is not None:
            return rendered(edited, self._renderers)
        if number in self._kept:
            return self._kept[number].copy()
        row = self._variants[table.sample.variant_of(number)].copy()
        values = table.sample.values_by_id(number)
        for name, render in self._by_id.items():
            value = render(values[name])
            if value is not MISSING:
                row[name] = value
        return row


_RENDERERS: WeakKeyDictionary[Table, dict[tuple[Wire, tuple[Field, ...]], Renderer]] = WeakKeyDictionary()


def renderer(wire: Wire, table: Table, columns: Sequence[Field]) -> Renderer:
    """The renderer for a selection; it is kept as long as its table."""
    kept = _RENDERERS.setdefault(table, {})
    key = wire, tuple(columns)
    if key not in kept:
        kept[key] = Renderer(wire, table, columns)
    return kept[key]


def hidden_rows(name: str, filter_: Mapping[str, Any]) -> IsHidden | None:
    """Which rows a list leaves out unless the filter names them (P2.18)."""
    if name == "deal" and not {"ID", "=ID", "@ID", "IS_RECURRING", "=IS_RECURRING"} & set(filter_):
        return lambda row: bool(row.get("IS_RECURRING"))
    if name in ("contact", "company"):
        return lambda row: bool(row.get("CATEGORY_ID"))
    return None


def run_list(name: str, portal: Portal, params: dict[str, Any]) -> Outcome:
    """A page of 50 rows (P2.1)."""
    table = portal.tables[name]
    fields = table.fields
    filter_ = parameter(params, "filter")
    # P2.10: columns that hold a list of links cannot be filtered
    filterable = {column: field for column, field in fields.items() if field.sent or not field.multiple}
    found = conditions(filter_, filterable, portal.wire.zone, portal.now())
    order = ordered(parameter(params, "order") or _DEFAULT_ORDER.get(name, {}), fields)
    shows_all = name == "deal" and not portal.rules.hides_deals_by
    hides = None if shows_all else hidden_rows(name, filter_)
    query = Query(table, found, order, hides, portal.denied_ids(name))
    start = int_cast(params.get("start", 0))
    ids, total, next_offset, offset = _page(query, start)
    columns = selected(parameter(params, "select"), fields)
    rows = renderer(portal.wire, table, columns).rows(table, ids)
    return Outcome(rows, total, next_offset, rows=len(rows), counted=start >= 0, offset=offset)


def _page(query: Query, start: int) -> tuple[Sequence[int], int, int | None, int]:
    """The IDs of a page, the total, the offset of the next page and that of this one."""
    if start < 0:
        return query.first(PAGE), 0, None, 0  # P2.5: total is 0 and means nothing
    ids = query.all()
    offset = start // PAGE * PAGE  # P2.2
    if offset >= len(ids):
        offset = 0  # P2.3: beyond the end comes the first page again
    next_offset = offset + PAGE
    return ids[offset:next_offset], len(ids), next_offset if next_offset < len(ids) else None, offset


for _name in LISTS:
    method(f"crm.{_name}.list", reads=_name, facts="P2")(partial(run_list, _name))
