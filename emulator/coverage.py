"""`python -m emulator.coverage`: a table of what is emulated, for the documentation."""

import sys

from .methods import METHODS


def table() -> str:
    """Markdown: every method, what it does, and the facts it obeys."""
    lines = ["| method | emulated | facts |", "| --- | --- | --- |"]
    for name, registered in sorted(METHODS.items()):
        run = getattr(registered.run, "func", registered.run)
        told = (run.__doc__ or "").partition("\n")[0]
        lines.append(f"| `{name}` | {told} | {registered.facts} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
