"""Odd answers by the thousand: a good result in which some parts are dropped or replaced by something of another type."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

_LONG = "9" * 40
SOMETHING_ELSE: tuple[Any, ...] = (
    *(None, "", [], {}, False, True, 0, -1, 1, 7, 1.5, 1e300, 2**63, "0", "-1", "1", "Y", "text", _LONG, "1e999"),
    *("9999-12-31T00:00:00+03:00", "0000-00-00", [None], [[]], [{}], [1, 2], ["a"], {"a": None}, {"0": {}}, {"7": "x"}),
    *({"ID": None}, {"ID": "x"}, {"ID": {"ID": 1}}, [{"ID": "5"}], {"en": "words", "de": None}, {"items": []}),
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one part of a result. `path`: the place at each level, modulo its size; shorter than deep is allowed."""

    path: tuple[int, ...]
    change: "str | int"

    def applied(self, value: Any) -> Any:
        """Return the value with this change."""
        return _at(value, self.path, self._change)

    def _change(self, value: Any) -> Any:
        return SOMETHING_ELSE[self.change] if isinstance(self.change, int) else _CHANGES[self.change](value)


class _Dropped:
    """Stands for a part that is no more."""


def _at(value: Any, path: Sequence[int], change: Callable[[Any], Any]) -> Any:
    if not path or not isinstance(value, (list, dict)) or not value:
        return change(value)
    if isinstance(value, list):
        place = path[0] % len(value)
        changed = _at(value[place], path[1:], change)
        return [*value[:place], *([] if changed is _Dropped else [changed]), *value[place + 1 :]]
    name = list(value)[path[0] % len(value)]
    changed = _at(value[name], path[1:], change)
    return {
        key: changed if key == name else part for key, part in value.items() if key != name or changed is not _Dropped
    }


def _as_map(value: Any) -> Any:
    return {str(place): item for place, item in enumerate(value)} if isinstance(value, list) else {"0": value}


def _as_list(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else [value]


def _with_holes(value: Any) -> Any:
    if isinstance(value, list):
        return {str(2 * place): item for place, item in enumerate(value)}
    return dict(list(value.items())[::2]) if isinstance(value, dict) else None


def _of_other_type(value: Any) -> Any:
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 19 else {"text": value}
    return str(value) if isinstance(value, (int, float)) else [value]


def _of_all(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, list):
        return [change(item) for item in value]
    return {key: change(item) for key, item in value.items()} if isinstance(value, dict) else change(value)


def _without_first(value: Any) -> Any:
    return dict(list(value.items())[1:]) if isinstance(value, dict) else value[1:] if isinstance(value, list) else None


_CHANGES: Mapping[str, Callable[[Any], Any]] = {
    "drop": lambda _: _Dropped,
    "as map": _as_map,
    "as list": _as_list,
    "with holes": _with_holes,
    "of another type": _of_other_type,
    "twice": lambda value: value * 2 if isinstance(value, (list, str)) else value,
    "reversed": lambda value: value[::-1] if isinstance(value, (list, str)) else value,
    "in a list": lambda value: [value],
    "in a map": lambda value: {"value": value},
    "without the first": _without_first,
    "all null": lambda value: _of_all(value, lambda _: None),
    "all of another type": lambda value: _of_all(value, _of_other_type),
    "all as lists": lambda value: _of_all(value, _as_list),
    "all as maps": lambda value: _of_all(value, _as_map),
    "all without the first": lambda value: _of_all(value, _without_first),
    "lower case": lambda value: (
        {key.lower(): part for key, part in value.items()} if isinstance(value, dict) else value
    ),
}

MUTATIONS = st.builds(
    Mutation,
    st.lists(st.integers(0, 60), max_size=4).map(tuple),
    st.sampled_from([*_CHANGES]) | st.integers(0, len(SOMETHING_ELSE) - 1),
)


def mutated(mutations: Sequence[Mutation]) -> Callable[[Any], Any]:
    """Return the function that makes all these changes; what is dropped as a whole becomes null."""

    def change(result: Any) -> Any:
        for mutation in mutations:
            result = mutation.applied(result)
            result = None if result is _Dropped else result
        return result

    return change
