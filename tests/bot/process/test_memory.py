"""The memory settings of the process, tested in a new process."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import subprocess
import sys

import pytest

from bot.process.memory import without_collections

ALLOCATES = """
import ctypes, sys, tempfile, threading
from bot.process.memory import share_arenas

if sys.argv[1] == "shared":
    share_arenas()
together = threading.Barrier(8)
def work():
    together.wait()
    kept = [bytearray(5_000) for _ in range(200)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
with tempfile.TemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fdopen(file.fileno(), b"w"))
    libc.malloc_info(0, stream)
    libc.fflush(stream)
    file.seek(0)
    print(file.read().decode())
"""


def arenas(how: str) -> int:
    """Return the number of arenas from which eight threads of a process allocate."""
    environ = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    run = subprocess.run(  # noqa: S603 — Python and the text above
        [sys.executable, "-c", ALLOCATES, how],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    return len(re.findall("<heap nr=", run.stdout))


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="this C library has no arenas"
)
def test_threads_allocate_from_two_arenas() -> None:
    assert arenas("shared") <= 2 < arenas("as they come")


def test_no_collection_runs_while_modules_are_imported_and_all_run_again_afterwards() -> None:
    seen: list[str] = []
    gc.callbacks.append(lambda phase, _info: seen.append(phase))
    try:
        with without_collections():
            kept = [[number] for number in range(100_000)]
            assert not seen
        assert gc.isenabled()
        assert gc.get_freeze_count() > len(kept)
    finally:
        gc.callbacks.pop()
        gc.unfreeze()
