"""Threads share two arenas of memory, so that large answers leave holes in few places."""

import ctypes
import platform
import sys

import pytest

from integration_tests.test_run import run_program
from source_bitrix24 import run

# prints what glibc says about its heaps while eight threads hold memory
_EIGHT_THREADS = """
import ctypes, sys, threading
from source_bitrix24 import run
if "limited" in sys.argv:
    run._limit_arenas()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
together, done = threading.Barrier(9), threading.Event()
def hold():
    libc.malloc(1000)
    together.wait()
    done.wait()
for _ in range(8):
    threading.Thread(target=hold).start()
together.wait()
stdout = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stdout)
libc.fflush(stdout)
done.set()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no arenas")
def test_all_threads_share_two_arenas() -> None:
    heaps = {
        option: run_program([sys.executable, "-c", _EIGHT_THREADS, option]).stdout.count("<heap nr=")
        for option in ("limited", "default")
    }
    assert heaps["limited"] == 2
    assert heaps["default"] > 2


@pytest.mark.parametrize("problem", [OSError(), AttributeError()], ids=repr)
def test_a_c_library_without_arenas_is_left_alone(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    loaded = []

    def load(name: str | None) -> None:
        loaded.append(name)
        raise problem

    monkeypatch.setattr(ctypes, "CDLL", load)
    run._limit_arenas()
    assert loaded == [None]
