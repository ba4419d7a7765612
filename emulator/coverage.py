"""The table of emulated methods, which `python -m emulator --methods` prints."""

from .methods import METHODS


def table() -> str:
    """A Markdown table: every method, what it does, and the facts that it follows (docs/portal.md)."""
    lines = ["| method | emulated | facts |", "| --- | --- | --- |"]
    for name, method in sorted(METHODS.items()):
        function = getattr(method.run, "func", method.run)
        summary = (function.__doc__ or "").partition("\n")[0]
        lines.append(f"| `{name}` | {summary} | {method.facts} |")
    return "\n".join(lines) + "\n"
