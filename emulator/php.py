"""How PHP parses queries, casts values and writes maps: the origin of many of the portal's quirks."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

MAX_INPUT_VARS = 10_000


def parse_command(text: str, max_input_vars: int = MAX_INPUT_VARS) -> tuple[str, dict[str, Any]]:
    """Split `method?query` as parse_url and parse_str do; a fragment is dropped (P1.4)."""
    path, _, query = text.partition("#")[0].partition("?")
    return path.strip("/"), parse_str(query, max_input_vars)


def parse_str(query: str, max_input_vars: int = MAX_INPUT_VARS) -> dict[str, Any]:
    """A query string as nested arrays. It is decoded once; `+` is a space; the last of equal keys wins.

    Variables beyond `max_input_vars` are dropped.
    """
    result: dict[str, Any] = {}
    for pair in [part for part in query.split("&") if part][:max_input_vars]:
        name, _, value = pair.partition("=")
        _put(result, unquote_plus(name), unquote_plus(value))
    return {name: _with_lists(value) for name, value in result.items()}


def from_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Decoded form fields as nested arrays."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        _put(result, name, value)
    return {name: _with_lists(value) for name, value in result.items()}


def int_cast(value: Any) -> int:
    """PHP's (int): 1 for an array, 0 for an empty one, the leading digits of a text."""
    if isinstance(value, (list, dict)):
        return 1 if value else 0
    if isinstance(value, str):
        match = re.match(r"\s*([+-]?\d+)", value)
        return int(match[1]) if match else 0
    return int(value) if value else 0


def is_true(value: Any) -> bool:
    """PHP's (bool): "N" and "false" are true."""
    return value not in ("", "0", 0, 0.0, None, False) and value != [] and value != {}


def is_array(value: Any) -> bool:
    """Whether it is an array in PHP."""
    return isinstance(value, (list, dict))


def values(array: Any) -> list[Any]:
    """An array's values, whatever its keys."""
    return list(array.values()) if isinstance(array, dict) else list(array)


def shape(array: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """A map as json_encode writes it: `[]` if it is empty, a list if its keys are 0 to n-1 (P1.11)."""
    if list(array) == [str(index) for index in range(len(array))]:
        return list(array.values())
    return array


def _put(result: dict[str, Any], name: str, value: str) -> None:
    head, brackets = re.match(r"([^\[]*)((?:\[[^\]]*\])*)", name).groups()  # type: ignore[union-attr]  # always matches
    if not head:
        return
    keys = [head, *re.findall(r"\[([^\]]*)\]", brackets)]
    node = result
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        key = key or str(len(node))
        if following is None:
            node[key] = value
        else:
            child = node.get(key)
            node[key] = node = child if isinstance(child, dict) else {}


def _with_lists(value: Any) -> Any:
    """The value with arrays of the keys 0 to n-1 as lists, as in JSON."""
    if not isinstance(value, dict):
        return value
    return shape({key: _with_lists(item) for key, item in value.items()})
