"""The virtual environment of the peers, and a description of this machine."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).parent
_PINS = _HERE / "requirements.txt"
_VENV = _HERE / ".venv"
PEERS = ("fast-bitrix24", "b24pysdk", "b24api")
PEER_PYTHON = _VENV / "bin" / "python"


def prepare() -> None:
    """Create the environment, or update it to the pinned versions."""
    stamp = _VENV / "installed.txt"
    if stamp.exists() and stamp.read_text() == _PINS.read_text():
        return
    print("Installing the pinned peers into benchmarks/.venv …", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(_VENV)], check=True)
    pip = [str(PEER_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "-r", str(_PINS)], check=True)
    stamp.write_text(_PINS.read_text())


def draw_plot() -> None:
    """Draw the plot of growth from the table in the page."""
    subprocess.run([str(PEER_PYTHON), "-m", "benchmarks.plot"], check=True, cwd=_HERE.parent)


def versions() -> dict[str, str]:
    """The versions of the readers by name."""
    pinned = dict(line.split("==") for line in _PINS.read_text().splitlines() if "==" in line)
    return {"airbyte-cdk": version("airbyte-cdk"), **{name: pinned[name] for name in PEERS}}


def machine() -> str:
    """Cores, Python, system."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
