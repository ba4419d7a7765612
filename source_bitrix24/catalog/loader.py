"""From rows as the portal sends them to typed records, column by column.

A loop over the values of one column costs a fraction of a loop over the columns of one row, and most values of a column
repeat: their loaded form is looked up. How a value is typed is decided in types.py alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from ..portal.oddities import Oddities
from .column import UNTYPED_VALUES, Column
from .label import Label
from .record import Record, RecordType
from .types import TYPES, Load, Misfit, as_sent, load_text

Row = dict[str, Any]
Misfits = dict[int, Row]  # by the number of the row, then by column
LoadColumn = Callable[[Sequence[Any], Misfits], Sequence[Any]]

_BLOCK_ROWS = 100  # few enough for the processor's cache
_MEMO_SIZE = 4096
_TEXT_OR_NULL = {str, type(None)}
_LIST_OR_EMPTY = {list, bool, str, type(None)}


class RecordLoader:
    """Turns the portal's rows into records of the given columns. Rows are not changed, and may lack columns.

    A record holds no nulls: a column without a value is absent, as in every record that the CDK prints. A value that does
    not fit the type of its column is in UNTYPED_VALUES instead, by column. Columns that are not declared, because a field
    was added a moment ago, are loaded as text. `labels`: columns that are made of others.
    """

    def __init__(self, columns: Sequence[Column], labels: Sequence[Label] = ()) -> None:
        self._labels = labels
        self._loaders: dict[str, LoadColumn] = {column.name: _column_loader(column) for column in columns}
        self._never_empty = dict.fromkeys(column.name for column in columns if column.load()(None) is not None)
        self._type = _record_type([*columns, *(label.column for label in labels)])

    def __call__(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Yield a record for each row, in order."""
        for block in self._blocks(rows):
            yield from _as_maps(len(block), *self._load(block))

    def written(self, rows: Sequence[Row]) -> Iterator[Row | Record]:
        """Yield the same records in the form that is written fastest."""
        for block in self._blocks(rows):
            columns, misfits = self._load(block)
            if self._type and self._type.has(columns):
                yield from self._type.records(len(block), columns, misfits)
            else:
                yield from _as_maps(len(block), columns, misfits)

    def _blocks(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        if self._never_empty:
            rows = [self._never_empty | row for row in rows]  # P2.17: a key may be missing
        for start in range(0, len(rows), _BLOCK_ROWS):
            yield rows[start : start + _BLOCK_ROWS]

    def _load(self, rows: Sequence[Row]) -> tuple[Mapping[str, Sequence[Any]], Misfits]:
        """Return the loaded values of each column, null where empty, and what does not fit."""
        names, columns = _transposed(rows)
        misfits: Misfits = {}
        loaded = {name: self._loader(name)(column, misfits) for name, column in zip(names, columns, strict=True)}
        for label in self._labels:
            if label.of in loaded:
                loaded[label.column.name] = label.values(loaded[label.of])
        return loaded, misfits

    def _loader(self, name: str) -> LoadColumn:
        if name not in self._loaders:
            self._loaders[name] = _column_loader(Column(name))
        return self._loaders[name]


def _as_maps(count: int, columns: Mapping[str, Sequence[Any]], misfits: Misfits) -> Iterator[Row]:
    names = list(columns)
    for number, values in enumerate(zip(*columns.values(), strict=True) if names else ((),) * count):
        record = {name: value for name, value in zip(names, values, strict=False) if value is not None}
        if number in misfits:
            record[UNTYPED_VALUES.name] = misfits[number]
        yield record


def _record_type(columns: Sequence[Column]) -> RecordType | None:
    try:
        return RecordType(columns)
    except ValueError:  # a name that no field can have: such a table is written as maps
        return None


def with_key(records: Iterable[Row], key: Sequence[str], odd: Oddities) -> Iterator[Row]:
    """Yield the records that have all columns of their key; the others are counted."""
    for record in records:
        if all(name in record for name in key):
            yield record
        else:
            odd.rows += 1


def _transposed(rows: Sequence[Row]) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Return the names of all columns in the rows, and the values of each."""
    names = list(rows[0])
    if all(list(row) == names for row in rows):
        return names, zip(*(row.values() for row in rows), strict=True)
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    return names, zip(*(map(row.get, names) for row in rows), strict=True)


def _column_loader(column: Column) -> LoadColumn:
    load_item = column.load_item()
    load_texts = None if column.parts else TYPES[column.type].load_texts
    return _multiple(column, load_item, load_texts) if column.multiple else _single(column.name, load_item, load_texts)


def _single(name: str, load: Load, load_texts: Callable[[Sequence[str]], list[Any] | None] | None) -> LoadColumn:
    load_all = _texts_loader(load, load_texts)

    def load_column(values: Sequence[Any], misfits: Misfits) -> Sequence[Any]:
        try:
            return load_all(values)
        except (Misfit, TypeError):  # a list or a map is no key of the memo
            return _one_by_one(name, load, values, misfits)

    return load_column


def _multiple(
    column: Column, load_item: Load, load_texts: Callable[[Sequence[str]], list[Any] | None] | None
) -> LoadColumn:
    """Load the items of all lists at once, then cut them into lists again."""
    load_all, load = _texts_loader(load_item, load_texts), column.load()

    def load_column(values: Sequence[Any], misfits: Misfits) -> Sequence[Any]:
        filled = [value for value in values if value]
        are_lists = set(map(type, filled)) <= {list} and set(map(type, values)) <= _LIST_OR_EMPTY
        items = list(chain.from_iterable(filled)) if are_lists else []
        if are_lists and set(map(type, items)) <= _TEXT_OR_NULL:
            try:
                loaded = load_all(items)
                if loaded is items:
                    return [value or None for value in values]
                at = 0
                return [loaded[at : (at := at + len(value))] if value else None for value in values]
            except Misfit:
                pass
        return _one_by_one(column.name, load, values, misfits)

    return load_column


def _one_by_one(name: str, load: Load, values: Sequence[Any], misfits: Misfits) -> Sequence[Any]:
    loaded = []
    for number, value in enumerate(values):
        try:
            loaded.append(load(value))
        except Misfit:
            loaded.append(None)
            misfits.setdefault(number, {})[name] = as_sent(value)
    return loaded


def _texts_loader(
    load: Load, load_texts: Callable[[Sequence[str]], list[Any] | None] | None
) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return a loader for many values at once. Raises Misfit or TypeError if any of them has to be loaded by itself.

    Loaded values are remembered; a column of more different values than that is loaded by the shortcut of its type.
    """
    if load is load_text:
        return _load_all_texts
    memo = _Memo(load)

    def load_all(values: Sequence[Any]) -> Sequence[Any]:
        if load_texts and len(memo) >= _MEMO_SIZE and set(map(type, values)) <= _TEXT_OR_NULL:
            texts = [value for value in values if value]
            shortcut = load_texts(texts) if texts else []
            if shortcut is not None:
                loaded = iter(shortcut)
                return shortcut if len(texts) == len(values) else [next(loaded) if value else None for value in values]
        return list(map(memo.__getitem__, values))

    return load_all


def _load_all_texts(values: Sequence[Any]) -> Sequence[Any]:
    if not set(map(type, values)) <= _TEXT_OR_NULL:
        raise Misfit
    return [value or None for value in values] if "" in values else values


class _Memo(dict[Any, Any]):
    """Loaded values by the text that the portal sends; other values equal each other (0, 0.0, false) and are not kept.

    Raises Misfit for a value that does not fit.
    """

    def __init__(self, load: Load) -> None:
        self._load = load

    def __missing__(self, value: Any) -> Any:
        loaded = self._load(value)
        if type(value) in _TEXT_OR_NULL and len(self) < _MEMO_SIZE:
            self[value] = loaded
        return loaded
