"""The method `batch`: it runs its commands in order and resolves the references between them (P1)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .php import MAX_INPUT_VARS, is_true, parse_command, shape
from .registry import RestError
from .rules import BatchRules

_FORBIDDEN_IN_BATCH = ("batch", "download", "upload")
_REFERENCE = re.compile(r"\$(result|next|total|time|error)(\S*)", re.IGNORECASE)

Answer = dict[str, Any]


KNOWN_RULES = BatchRules()
RunCommand = Callable[[str, dict[str, Any]], Answer]


def run_batch(
    params: Mapping[str, Any],
    run: RunCommand,
    max_input_vars: int = MAX_INPUT_VARS,
    rules: BatchRules = KNOWN_RULES,
) -> dict[str, Any]:
    """Run the commands in order (P1.1); return the five maps of results, errors, totals, next offsets and times (P1.11).

    `run(method, params)` returns `result`, and `total`, `next` and `time` if there are any, or raises RestError.
    """
    commands = params.get("cmd")
    named = (
        commands if isinstance(commands, Mapping) else dict(enumerate(commands)) if isinstance(commands, list) else {}
    )
    parts: dict[str, dict[str, Any]] = {name: {} for name in ("result", "error", "total", "next", "time")}
    halts = is_true(params.get("halt")) or rules.stops_at_errors
    for place, (name, text) in enumerate(named.items()):
        key = str(name)
        if not isinstance(text, str):
            continue  # P1.3
        try:
            if place >= rules.most_commands:
                raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")  # P1.2
            answer = _run_command(text, parts, run, max_input_vars, rules)
        except RestError as error:
            parts["error"][key] = {"error": error.code, "error_description": error.text}
            if halts:
                break  # P1.9
            continue
        for part, value in answer.items():
            parts[part][key] = value
    return {
        "result" if name == "result" else f"result_{name}": shape(part)
        if part or rules.writes_empty_maps_as_lists
        else {}
        for name, part in parts.items()
    }


def _run_command(
    text: str, parts: Mapping[str, Any], run: RunCommand, max_input_vars: int, rules: BatchRules
) -> Answer:
    name, params = parse_command(text, max_input_vars)
    if not (name.islower() or rules.knows_capitals):
        raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
    if name.lower() in _FORBIDDEN_IN_BATCH:
        raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage", 405)  # P1.6
    return run(name.lower(), resolve(params, parts, rules))


def resolve(value: Any, parts: Mapping[str, Any], rules: BatchRules = KNOWN_RULES) -> Any:
    """Replace references by values from earlier commands, at any depth (P1.7)."""
    if isinstance(value, dict):
        return {key: resolve(item, parts, rules) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, parts, rules) for item in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        node = _walk(whole, parts)  # with its type
        return "Array" if isinstance(node, dict) and not rules.maps_keep_their_type else node
    return _REFERENCE.sub(lambda match: _as_text(match, _walk(match, parts)), value)


def _walk(match: "re.Match[str]", parts: Mapping[str, Any]) -> Any:
    """The deepest node of the path that exists (P1.8)."""
    node: Any = parts[match[1].lower()]
    for key in re.findall(r"\[([^\]]*)\]", match[2]):
        if isinstance(node, dict) and node.get(key) is not None:
            node = node[key]
        elif isinstance(node, list) and key.isdigit() and int(key) < len(node) and node[int(key)] is not None:
            node = node[int(key)]
        else:
            break
    return node


def _as_text(match: "re.Match[str]", node: Any) -> str:
    if isinstance(node, (str, int, float)) and not isinstance(node, bool):
        return str(node)
    return match[0]
