"""The virtual environment of the readers, and a description of this machine."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_LOCK = _HERE.parent / "requirements.lock"
_PINS = _HERE / "requirements.txt"
_VENV = _HERE / ".venv"
_PYTHON = "python3.13"  # b24api needs 3.12 or newer
_READERS = ("airbyte-cdk", "fast-bitrix24", "b24pysdk", "b24api")
READER_PYTHON = _VENV / "bin" / "python"


def prepare() -> None:
    """Create the environment, or renew it if a pinned version has changed. Exits without a Python 3.13."""
    stamp, wanted = _VENV / "installed.txt", _PYTHON + _LOCK.read_text() + _PINS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    python = shutil.which(_PYTHON)
    if not python or subprocess.run([python, "--version"], capture_output=True, check=False).returncode:
        sys.exit(f"The benchmark runs the readers on Python 3.13, and there is no {_PYTHON} on the PATH.")
    print(f"Installing the readers into benchmarks/.venv with {_PYTHON} …", file=sys.stderr, flush=True)
    subprocess.run([python, "-m", "venv", "--clear", str(_VENV)], check=True)
    pip = [str(READER_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "-r", str(_LOCK)], check=True)
    subprocess.run([*pip, "-r", str(_PINS)], check=True)
    stamp.write_text(wanted)


def draw_plots() -> None:
    """Draw the plots from the tables in the page."""
    subprocess.run([str(READER_PYTHON), "-m", "benchmarks.plot"], check=True, cwd=_HERE.parent)


def versions() -> dict[str, str]:
    """The versions of what the readers are made of, by name."""
    lines = (_LOCK.read_text() + _PINS.read_text()).splitlines()
    pinned = dict(line.split(" ")[0].split("==") for line in lines if "==" in line)
    return {name: pinned[name] for name in _READERS}


def machine() -> str:
    """Cores, system, and the Python of the readers and of the portal."""
    ask = [str(READER_PYTHON), "-c", "import platform; print(platform.python_version())"]
    readers = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, the readers on Python {readers}, "
        f"the portal on {platform.python_version()}"
    )
