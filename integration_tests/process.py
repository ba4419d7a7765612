"""Runs a command of the project as a user would."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run_command(command: Sequence[object], variables: Mapping[str, str]) -> tuple[int, str]:
    """Run a command in the project's folder; return its exit code, and its output and errors together."""
    process = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=os.environ | dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout
